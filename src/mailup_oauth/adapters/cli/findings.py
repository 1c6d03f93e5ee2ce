"""What a check of ``doctor`` found: how good it is, in one sentence, and what to do about it."""

import enum

from attrs import frozen


@enum.unique
class Grade(enum.Enum):
    """How good it is."""

    GOOD = "ok"
    ODD = "look"
    BAD = "bad"


@frozen(kw_only=True)
class Finding:
    """
    One finding.

    Attributes:
        subject: What was looked at, in a word.
        sentence: What was found.
        fix: What to do; empty if nothing is to be done.
    """

    subject: str
    grade: Grade
    sentence: str
    fix: str = ""


def good(subject: str, sentence: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(subject=subject, grade=Grade.GOOD, sentence=sentence)


def odd(subject: str, sentence: str, fix: str) -> Finding:
    """Return that something works, and yet should be looked at."""
    return Finding(subject=subject, grade=Grade.ODD, sentence=sentence, fix=fix)


def bad(subject: str, sentence: str, fix: str) -> Finding:
    """Return that something keeps the program from working."""
    return Finding(subject=subject, grade=Grade.BAD, sentence=sentence, fix=fix)
