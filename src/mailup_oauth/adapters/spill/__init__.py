"""Adapters of the Spill port."""
