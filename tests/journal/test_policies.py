"""The hash of the numbers: equal for equal ones, another one for every change."""

from datetime import timedelta

import attrs
import pytest

from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP, STANDARD, Tolerance
from mailup_oauth.journal import policy_hash


def test_the_hash_is_short_and_hexadecimal():
    """Sixteen digits stand in every record."""
    hashed = policy_hash(PRODUCTION, MAILUP)

    assert (16, 16) == (len(hashed), len(f"{int(hashed, 16):016x}"))


@pytest.mark.parametrize("name", [part.name for part in attrs.fields(type(PRODUCTION))])
def test_every_number_of_the_policy_counts(name):
    """A changed number is seen in the journal."""
    other = getattr(PRODUCTION, name) * 2

    assert policy_hash(PRODUCTION, MAILUP) != policy_hash(attrs.evolve(PRODUCTION, **{name: other}), MAILUP)


@pytest.mark.parametrize("name", [part.name for part in attrs.fields(type(STANDARD))])
def test_everything_in_which_providers_differ_counts(name):
    """A changed endpoint or tolerance is seen in the journal."""
    standard, mailup = getattr(STANDARD, name), getattr(MAILUP, name)
    changed = attrs.evolve(STANDARD, **{name: mailup})

    assert (standard == mailup) is (policy_hash(PRODUCTION, STANDARD) == policy_hash(PRODUCTION, changed))


def test_the_order_of_a_set_makes_no_difference():
    """Two processes with different hash seeds write the same hash."""
    turned = attrs.evolve(MAILUP, tolerances=frozenset(reversed(Tolerance)))

    assert policy_hash(PRODUCTION, MAILUP) == policy_hash(PRODUCTION, turned)


@pytest.mark.parametrize("span", [timedelta.max, timedelta.min])
def test_no_number_is_too_large_to_be_hashed(span):
    """A policy that somebody calls infinite is still a policy."""
    assert policy_hash(PRODUCTION, MAILUP) != policy_hash(attrs.evolve(PRODUCTION, longest_wait=span), MAILUP)
