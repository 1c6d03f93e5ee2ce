"""The protocol, with no clock, no chance and no world in it: values in, values out."""
