"""Each promise, asked of a move that breaks it."""

from types import SimpleNamespace

import attrs
import pytest
from tests.exhaustive import claims, replay
from tests.exhaustive import world as w
from tests.exhaustive.replay import without_journal
from tests.exhaustive.search import Search
from tests.exhaustive.server import ENDED, Server

from mailup_oauth.domain.work import Dead, Idle
from mailup_oauth.engine import steps as t

SHELF = SimpleNamespace(generations=[1, 2, 2], intents=[1, 0, 2], dead=[False, False, True])
"""Three stored states: the first about to be sent; the second at rest; the third dead, of the same generation."""

REST = w.Caller(w.RESTING, 1)
LAWFUL = SimpleNamespace(lawful=True)


def world(**changes):
    """Return a world in which the second state is stored, and the server's newest generation is the same."""
    ground = w.World(1, 2, w.CLOSED, (REST, REST), (), crashes=0, losses=0, timeouts=0, torn=False)
    return ground._replace(**changes)


@pytest.mark.parametrize(
    ("generation", "stored", "promise"),
    [(1, 0, ""), (1, 1, claims.OLDER), (2, 0, claims.UNSTORED), (2, 1, claims.UNMEANT), (2, 2, "")],
)
def test_sending(generation, stored, promise):
    """Only the token that is stored, as about to be sent, may leave."""
    assert promise == claims.of_sending(generation, REST, world(stored=stored), SHELF, flows=None)


@pytest.mark.parametrize(
    ("new", "newest", "promise"),
    [(1, 2, ""), (0, 2, claims.BACKWARDS), (2, 2, claims.FALSE_DEATH), (2, ENDED, "")],
)
def test_writing(new, newest, promise):
    """What is stored goes forwards, and is dead only when the server ended it."""
    assert promise == claims.of_writing(LAWFUL, new, world(newest=newest), SHELF)


def test_writing_what_the_tables_do_not_allow():
    """A change that is not where the tables lead is named, whatever it brings."""
    assert claims.UNLAWFUL == claims.of_writing(SimpleNamespace(lawful=False), 1, world(), SHELF)


@pytest.mark.parametrize(
    ("verdict", "newest", "promise"),
    [
        (("token", "", 2), 2, ""),
        (("token", "", 3), 3, claims.UNSTORED_USE),
        (("reauthorize", "refresh-token-refused", 0), 2, claims.FALSE_DEATH),
        (("reauthorize", "refresh-token-refused", 0), ENDED, ""),
        (("later", "unanswered", 2000), 2, ""),
    ],
)
def test_verdicts(verdict, newest, promise):
    """A token is stored before anybody has it, and nobody is sent away whom the server would serve."""
    assert promise == claims.of_verdict(verdict, world(newest=newest), SHELF)


@pytest.mark.parametrize(
    ("server", "torn", "promise"),
    [
        (Server.STRICT, True, ""),
        (Server.STRICT, False, claims.LOST),
        (Server.GRACE, True, claims.LOST),
        (Server.SHORT_GRACE, True, ""),
        (Server.SHORT_GRACE, False, claims.LOST),
    ],
)
def test_ends(server, torn, promise):
    """An end is excused by tokens that a fault tore away, and on a lasting grace by nothing."""
    assert promise == claims.of_end(world(torn=torn), SimpleNamespace(server=server))


def test_somebody_stored_beside_the_guard():
    """A writer who holds the guard and is too late all the same is noticed."""
    search = Search(w.Plan(rounds=1, crashes=0, losses=0, timeouts=0))
    search.run()
    legs = search.flows.legs
    found = next(one for one in search.worlds if any(_is_writing(caller, legs) for caller in one.callers))
    late = tuple(caller._replace(stale=_is_writing(caller, legs)) for caller in found.callers)
    with without_journal():
        wrongs = {move.wrong for move in search.moves.of(found._replace(callers=late))}

    assert {claims.BESIDE} <= wrongs


def _is_writing(caller, legs):
    return caller.at == w.FLYING and legs[caller.leg].kind is t.Save


def test_lawful_changes():
    """A change is lawful only if its events lead, by the tables, to the state that it holds."""
    search = Search(w.Plan(rounds=1, crashes=0, losses=0, timeouts=0))
    search.run()
    leg = next(leg for leg in search.flows.legs if leg.kind is t.Save)
    change, row = leg.step.change, leg.step.change.row
    idle, dead = (attrs.evolve(row.state, work=work) for work in (Idle(), Dead(cause=None, at=None)))
    told = [
        replay.is_lawful(leg.results, one)
        for one in (
            change,
            attrs.evolve(change, records=()),
            attrs.evolve(change, records=change.records * 2),
            attrs.evolve(change, row=attrs.evolve(row, state=idle)),
            attrs.evolve(change, row=attrs.evolve(row, state=dead)),
        )
    ]

    assert [True, False, False, False, False] == told
