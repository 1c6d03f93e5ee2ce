"""The command ``mailup-oauth``: what a person at a terminal can see and do."""
