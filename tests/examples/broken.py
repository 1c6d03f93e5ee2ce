"""An example that does not start, so that its test can be seen to fail."""

raise SystemError("nobody wrote this example")
