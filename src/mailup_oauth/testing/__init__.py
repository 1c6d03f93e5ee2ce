"""Doubles and walkers for the tests of this project and of those who use it."""
