"""
Doubles and walkers for the tests of this project and of those who use it; ``docs/testing.md`` shows each at work.

Everything is imported by its path, as adapters are, so that nobody loads, or has to install, what they do not use.
"""
