"""The tables as they have become, one step a module."""
