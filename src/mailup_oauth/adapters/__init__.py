"""Replaceable things at the rim: a folder a port, and none of them knows another."""
