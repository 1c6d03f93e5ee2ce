"""The referee is no tautology: clients that break a promise are found by seeds, and each is told in a short story."""

from datetime import timedelta
from itertools import islice

import attrs
import pytest
from tests.properties.broken import OpenGuard, forgetful, hasty, tells

from mailup_oauth.engine.steps import Load, Now
from mailup_oauth.ports import Commit
from mailup_oauth.testing.simulation import peace
from mailup_oauth.testing.simulation.manners import altered
from mailup_oauth.testing.simulation.referee.deaths import token_at
from mailup_oauth.testing.simulation.referee.saving import can_be_saved
from mailup_oauth.testing.simulation.seeded.coverage import SERVERS
from mailup_oauth.testing.simulation.seeded.drawing import drawn
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import SIMULATED, Broken, Client, Kept, played
from mailup_oauth.testing.simulation.seeded.shrinking import shrunk
from mailup_oauth.testing.simulation.seeded.story import story

AT_ONCE = timedelta()
BEYOND_A_GRACE = timedelta(seconds=70)


def eager():
    """Go on with tokens as if they were stored, and store them a little later."""
    owed = []

    def take(step):
        if tells(step, "TokensRefreshed"):
            owed.append(step)
            return Commit.DONE
        if owed and isinstance(step, Load):
            return owed[-1].change.row
        if owed and isinstance(step, Now):
            yield owed.pop()
        return (yield step)

    return take


BROKEN = [
    pytest.param("I1", Client(guard=OpenGuard), 4, id="excludes nobody"),
    pytest.param(
        "I1",
        Client(policy=attrs.evolve(SIMULATED, settle=(AT_ONCE,) * 3, doubt_wait=AT_ONCE)),
        5,
        id="lets nothing settle",
    ),
    pytest.param(
        "I8", Client(policy=attrs.evolve(SIMULATED, settle=(BEYOND_A_GRACE,) * 3)), 7, id="lets a grace go by"
    ),
    pytest.param("I2", Client(altered=altered(hasty)), 3, id="stores no intent"),
    pytest.param("I2", Client(altered=altered(eager)), 5, id="uses before it stores"),
    pytest.param("I2", Client(altered=altered(forgetful)), 2, id="takes tokens for stored"),
]


def caught(invariant, client):
    """Return the first plan, of a few thousand, in which this promise is broken."""
    plans = map(drawn, range(4_000))
    return next(plan for plan in plans if breaks(played(plan, client), invariant))


def breaks(verdict, invariant):
    """Say whether it is this promise that was broken."""
    return isinstance(verdict, Broken) and verdict.violation.invariant == invariant


@pytest.mark.parametrize(("invariant", "client", "longest"), BROKEN)
def test_who_breaks_a_promise_is_found_and_told_of(invariant, client, longest):
    """A seed finds such a client, its story is cut short, and with our own client the same story ends well."""
    plan = shrunk(caught(invariant, client), lambda one: played(one, client))
    told = [*story(plan, client)]

    assert len(plan.actions) <= longest
    assert told[-1].startswith(f"Broken: {invariant}: ")
    assert Kept() == played(plan)


def test_peace_owes_a_token_at_every_kind_of_server(monkeypatch):
    """A live refresh token is owed for by all, and one that was replaced by those who may take it once more."""
    owed = set()

    def noting(connection, world, known):
        is_owed = can_be_saved(connection, world, known)
        if is_owed:
            token = token_at(world, known.row(connection).refresh)
            owed.add((type(world.switches.old_refresh).__name__, type(token.standing).__name__))
        return is_owed

    monkeypatch.setattr(peace, "can_be_saved", noting)
    for plan in filter(lambda one: one.is_lively, map(drawn, range(2_000))):
        played(plan)
    live = {(server.__name__, "Live") for server in SERVERS}

    assert live | {("Grace", "Rotated"), ("StaysValid", "Rotated")} == owed


@pytest.mark.parametrize("plan", [drawn(seed) for seed in range(3)], ids=str)
def test_nothing_is_cut_from_a_plan_that_keeps_every_promise(plan):
    """Where no promise is broken there is nothing to cut short, and the story says so."""
    assert plan == shrunk(plan, played)
    assert "Every promise was kept." == [*story(plan)][-1]


def test_a_story_that_was_cut_short_cannot_be_cut_again():
    """Without any one of its actions, no promise is broken."""
    client = Client(guard=OpenGuard)
    plan = shrunk(caught("I1", client), lambda one: played(one, client))
    shorter = [plan.without(place, place + 1) for place in range(len(plan.actions))]

    assert not [one for one in shorter if breaks(played(one, client), "I1")]


def test_a_story_says_who_asked_what_was_sent_and_what_was_stored():
    """The words of a story name the step, the caller, the request, MailUp's deed and the row."""
    plan = read_plan("Plan seed=1 dawn=connected-1 ending=safety ; WantRefresh process=one connection=acme moves=-1")
    told = "\n".join(islice(story(plan), 20))
    parts = [
        "1. somebody in one wants acme refreshed",
        "caller 0 comes to",
        "sends message",
        "MailUp gets",
        "stored for",
    ]

    assert [] == [part for part in parts if part not in told]
