"""The Observer port."""
