"""The Clock port, by the system or by hand."""
