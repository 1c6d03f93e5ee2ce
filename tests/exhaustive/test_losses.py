"""The exploration can find what it looks for: each precaution that is left out loses an authorization or a promise."""

import attrs
import pytest
from tests.exhaustive import claims
from tests.exhaustive.outlook import outlook
from tests.exhaustive.plans import LOSING
from tests.exhaustive.search import Search
from tests.exhaustive.world import Plan

PRECAUTIONS = {"has_guard": True, "is_intent_stored": True, "stores_first": True, "policy": Plan().policy}
STRAY = "The stray request with refresh token 1 reaches the server, which refuses it."


def story(name):
    """Return the shortest way to lose an authorization under a plan that leaves something out."""
    return Search(LOSING[name]).run(until=claims.LOST).wrongs[claims.LOST]


@pytest.mark.parametrize("name", LOSING)
def test_the_true_flow_loses_nothing_there(name):
    """With every precaution the very same plan loses nothing, so it is the precaution that saves it."""
    report = Search(attrs.evolve(LOSING[name], **PRECAUTIONS)).run()

    assert ({}, {"alive"}) == (report.wrongs, set(report.ends))


def test_without_the_guard():
    """Two send the same token: one takes the other for dead, and sends again what was answered long ago."""
    told = story("no guard")

    assert 2 == sum(line.endswith("sends refresh token 1.") for line in told)
    assert any(line.endswith("is told: token 2.") for line in told)
    assert told[-1] == "The request of A reaches the server, which refuses it."


def test_without_settling():
    """The first request is still on its way when the second has been answered and its answer used."""
    told = story("no settling")

    assert "2 s pass." not in told
    assert ["B is told: token 2.", STRAY] == told[-2:]


def test_without_the_intent():
    """Whoever starts again does not know that a request may be on its way, and does not wait for it."""
    told = story("no intent")

    assert "B reads the store: Refreshed, generation 1, Idle." in told
    assert ["B is told: token 2.", STRAY] == told[-2:]


def test_without_storing_first():
    """The new token is used and forgotten; the old one, tried again, ends the family."""
    told = story("used before stored")
    use = told.index("A hands out the access token of generation 2, which is used.")

    assert "A dies; the kernel frees what it held, and it can start again." == told[use + 1]
    assert "The request of B reaches the server, which refuses it." == told[-1]


@pytest.mark.parametrize(
    ("name", "promise"),
    [
        ("no guard", claims.TWICE),
        ("no guard", claims.OLDER),
        ("no guard", claims.UNMEANT),
        ("no intent", claims.UNMEANT),
        ("used before stored", claims.UNSTORED_USE),
    ],
)
def test_broken_promises_are_noticed(name, promise):
    """What is left out breaks more than one promise, and each is named."""
    assert promise in Search(LOSING[name]).run(until=promise).wrongs


def test_a_guard_that_outlives_its_holder():
    """A lock that is not freed by death leaves somebody waiting for ever, and the search says so."""
    plan = Plan(rounds=1, crashes=1, losses=0, timeouts=0)

    assert 0 == Search(plan).run().stuck
    assert 0 < Search(attrs.evolve(plan, guard_is_freed=False)).run().stuck


def test_outlook():
    """A circle is noticed and so is what can only lead into it; ways without one are measured."""
    assert (0, 2) == outlook(3, [0, 1, 0], [1, 2, 2])
    assert (3, 0) == outlook(3, [0, 1, 2, 1], [1, 2, 1, 2])
    assert (2, 1) == outlook(3, [0, 1, 0], [1, 0, 2])
