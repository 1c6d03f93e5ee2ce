"""Every number has a name, a unit and a source, and those that lean on one another stand."""

import inspect
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

import mailup_oauth
from mailup_oauth.domain.policy import PRODUCTION, Policy

SOURCE = Path(mailup_oauth.__file__).parent
FIELDS = attrs.fields(Policy)
TIME_WORDS = ("life", "wait", "margin", "deadline", "grace", "age", "patience", "span")

COUNTS = {"attempts_kept", "refusals_listed", "strikes", "commit_attempts"}
SHARES = {"refresh_share", "refresh_spread", "expiry_margin_share", "settle_spread"}


def seconds(*numbers):
    """Return lengths of time."""
    return tuple(timedelta(seconds=number) for number in numbers)


def minutes(number):
    """Return a length of time."""
    return timedelta(minutes=number)


def explained():
    """Return what the docstring says of each attribute, in its order."""
    listed = inspect.getdoc(Policy).partition("Attributes:")[2].partition("Source:")[0]
    return dict(re.findall(r"^ {4}(\w+): (\S.*)$", listed, re.MULTILINE))


def test_every_number_is_explained_and_no_other():
    """The docstring has a line for each field, in the order of the fields, and for nothing else."""

    assert [field.name for field in FIELDS] == list(explained())


def test_every_length_of_time_is_one():
    """What is neither a count nor a share is a ``timedelta``; no bare number of seconds is left."""
    lengths = {field.name for field in FIELDS if isinstance(field.default, timedelta)}

    assert {field.name for field in FIELDS} == lengths | COUNTS | SHARES | {"settle"}
    assert {timedelta} == {type(span) for span in PRODUCTION.settle}


def test_whatever_is_named_for_time_is_a_length_of_time():
    """A name that ends with a word for time has that type, also as it is annotated."""
    named = [field for field in FIELDS if field.name.endswith(TIME_WORDS)]

    assert len(named) >= len(TIME_WORDS)
    assert {timedelta} == {field.type for field in named}


def test_counts_are_positive_and_shares_are_shares():
    """Nothing is counted to zero, nothing is a share of more than all, and no time is negative."""
    values = attrs.asdict(PRODUCTION)

    assert all(isinstance(values[name], int) and values[name] > 0 for name in COUNTS)
    assert all(0 < values[name] < 1 for name in SHARES)
    assert all(span > timedelta() for span in values.values() if isinstance(span, timedelta))


@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_every_number_is_gone_by(name):
    """Each is read somewhere in the library; a number that nobody reads would promise what nobody does."""
    readers = [path for path in SOURCE.rglob("*.py") if re.search(rf"policy\.{name}\b", path.read_text("utf-8"))]

    assert readers


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("attempt_life", minutes(10), "security.md row 3: 10 min"),
        ("attempts_kept", 5, "architecture.md section 2: at most five per connection"),
        ("refusals_listed", 8, "ours, architecture.md section 2 property 5: counted, not listed"),
        ("identity_patience", timedelta(days=1), "ours, ADR 0015"),
        ("identity_wait", minutes(5), "ours, ADR 0015"),
        ("refresh_share", 0.8, "reliability.md 4.3-2: refreshing at 80 % of the life"),
        ("refresh_spread", 0.25, "ours, ADR 0006: a quarter of the last fifth"),
        ("expiry_margin", timedelta(seconds=10), "ours, ADR 0014: a request takes time"),
        ("expiry_margin_share", 0.05, "ours, ADR 0006: short lives must not vanish"),
        ("request_deadline", timedelta(seconds=60), "reliability.md 4.3-3: long read deadline, 60 s"),
        ("identity_deadline", timedelta(seconds=10), "ours, ADR 0015"),
        ("settle", seconds(2, 10, 30), "reliability.md 4.3-2: 2 s, 10 s, 30 s"),
        ("doubt_wait", timedelta(seconds=75), "ours, ADR 0006: longer than the usual grace"),
        ("probable_grace", timedelta(seconds=60), "reliability.md 4.3-2: the probable grace, 60 s"),
        ("settle_spread", 0.25, "reliability.md 4.3-2: jittered"),
        ("confirmation_wait", timedelta(seconds=5), "reliability.md N27: after 5 s"),
        ("confirmation_age", timedelta(seconds=60), "architecture.md section 9: younger than 60 s"),
        ("setback_wait", timedelta(seconds=1), "ours, ADR 0006"),
        ("longest_wait", minutes(15), "ours, ADR 0006"),
        ("client_wait", timedelta(seconds=5), "ours, ADR 0006"),
        ("contract_wait", minutes(1), "ours, ADR 0006"),
        ("strikes", 3, "reliability.md N29 and I8: after 3"),
        ("strikes_span", minutes(10), "reliability.md N29 and I8: over 10 min"),
        ("inline_wait", timedelta(seconds=13), "ours, ADR 0006"),
        ("commit_attempts", 50, "ours, ADR 0006: more than any crowd needs"),
        ("store_patience", timedelta(seconds=60), "ours, ADR 0006: one more request deadline"),
        ("store_retry_wait", timedelta(milliseconds=200), "ours, ADR 0006"),
        ("guard_patience", timedelta(seconds=75), "ours, ADR 0006"),
        ("snapshot_age", timedelta(seconds=30), "architecture.md section 3: older than 30 s"),
    ],
)
def test_production_goes_by_the_numbers_that_were_decided(name, value, source):
    """Each number of ``PRODUCTION`` is the one that its source gives."""

    assert value == getattr(PRODUCTION, name), source


def test_production_is_the_default():
    """Whoever says nothing gets the numbers for production."""

    assert Policy() == PRODUCTION


LONGER = 1 + PRODUCTION.settle_spread


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (PRODUCTION.expiry_margin, PRODUCTION.request_deadline),
        (PRODUCTION.identity_deadline, PRODUCTION.request_deadline),
        (PRODUCTION.probable_grace, PRODUCTION.doubt_wait),
        (PRODUCTION.settle[-1] * LONGER, PRODUCTION.probable_grace),
        (PRODUCTION.settle[1] * LONGER, PRODUCTION.inline_wait),
        (PRODUCTION.confirmation_wait * LONGER, PRODUCTION.inline_wait),
        (PRODUCTION.inline_wait, PRODUCTION.settle[2]),
        (PRODUCTION.request_deadline + PRODUCTION.settle[1], PRODUCTION.guard_patience),
        (PRODUCTION.doubt_wait * LONGER, PRODUCTION.longest_wait),
        (PRODUCTION.store_retry_wait, PRODUCTION.setback_wait),
        (PRODUCTION.identity_wait, PRODUCTION.attempt_life),
        (PRODUCTION.attempt_life, PRODUCTION.identity_patience),
    ],
)
def test_numbers_that_lean_on_one_another_stand(shorter, longer):
    """What has to fit into something else, or to outlast it, does, with the spread that chance may add."""

    assert shorter < longer


def test_the_waits_of_a_doubt_grow():
    """Each pause after an unanswered refresh is longer than the one before, spread or not."""
    pauses = (*PRODUCTION.settle, PRODUCTION.doubt_wait)

    assert all(one * LONGER < other for one, other in pairwise(pauses))


def test_the_first_window_is_open_before_the_second_closes():
    """Renewal begins before the token is put away, also if chance is against it and the life is short."""

    assert PRODUCTION.refresh_share < 1 - PRODUCTION.expiry_margin_share
