"""``AsyncMailUpOAuth`` is ``MailUpOAuth`` with ``await``: the same names, and whatever happens, the same life."""

import inspect
from datetime import timedelta

import pytest
from hypothesis import example, given, settings

from mailup_oauth import AsyncMailUpOAuth, MailUpOAuth, StoreUnavailable
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.faults import LOST_ANSWER, LOST_REQUEST, CutBody, Throttle
from mailup_oauth.sandbox.switches import Grace
from mailup_oauth.testing import deeds as d
from mailup_oauth.testing.stage import CONNECTION, Stage

MINUTE = timedelta(minutes=1)
CONNECT = [d.begin, d.coming_back("m1")]
SCRIPTS = {
    "used again and again": [d.use, d.use, d.use],
    "renewed in advance, and because it must be": [d.use, d.passing(50 * MINUTE), d.use, d.passing(61 * MINUTE), d.use],
    "refreshed and rejected": [d.use, d.refresh, d.reject, d.reject],
    "answers lost, with a grace": [d.being(Grace(MINUTE)), d.passing(61 * MINUTE), d.failing(LOST_ANSWER), d.use],
    "an answer lost, without one": [d.passing(61 * MINUTE), d.failing(LOST_ANSWER), d.use, d.use, d.look],
    "throttled": [d.passing(61 * MINUTE), d.failing(Throttle()), d.use, d.look, d.passing(MINUTE), d.use],
    "salvaged": [d.passing(61 * MINUTE), d.failing(CutBody(keep=d.ALL_BUT_A_BRACE)), d.use, d.look],
    "begun again by another": [d.begin, d.coming_back("m2"), d.begin_as_anybody, d.coming_back("m2"), d.look],
    "denied, reloaded, elsewhere": [d.begin, d.coming_back("m1", Answer.DENY), d.reload, d.come_back_elsewhere],
    "disconnected": [d.use, d.disconnect, d.use, d.refresh, d.look, d.disconnect],
    "a lost code": [d.begin, d.failing(LOST_REQUEST), d.coming_back("m1"), d.reload, d.look],
}


def lived(stage, life):
    """Live on *stage*, and return what every deed came to and everything that was stored or happened at MailUp."""
    living = d.Life(stage)
    came = [living.do(deed) for deed in life]
    names = stage.store.connections()
    return came, [stage.store.records(name, limit=100_000) for name in names], stage.sandbox.events


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_both_tell_the_same_story(script, awaiting):
    """Each scripted life comes to the same ends in both, to the byte of the journal, and so does its second telling."""
    sync, again, twin = (lived(stage, [*CONNECT, *script]) for stage in (Stage(), Stage(), awaiting(Stage())))

    assert sync == twin
    assert sync == again


@settings(max_examples=25)
@example(life=[*CONNECT, *(deed for deed in d.DEEDS)])
@given(life=d.lives)
def test_both_live_the_same_life(life, awaiting):
    """Whatever happens, in whatever order, both say the same, send the same and leave the same bytes."""

    assert lived(Stage(), life) == lived(awaiting(Stage()), life)


def test_their_journals_are_read_alike(awaiting):
    """Both give all records of a connection, oldest first."""
    sync, twin = Stage(), awaiting(Stage())
    for stage in (sync, twin):
        stage.connect()

    records = list(sync.oauth.journal(CONNECTION))

    assert records == twin.oauth.journal(CONNECTION)
    assert list(range(1, len(records) + 1)) == [record.sequence for record in records]


def signature(method):
    """Return what a method takes and gives, as it is written; ``await`` and the kind of an iterator are not looked at."""
    taken = inspect.signature(method)
    given = {name: (part.kind, part.default, part.annotation) for name, part in taken.parameters.items()}
    return given, str(taken.return_annotation).replace("Async", "")


def methods(facade):
    """Return the public methods of a facade by their names; how it is closed is called by the same name in both."""
    own = vars(facade).items()
    names = [name for name, it in own if inspect.isfunction(it) and (name == "__init__" or not name.startswith("_"))]
    return {{"aclose": "close"}.get(name, name): getattr(facade, name) for name in names}


def test_they_have_the_same_names_and_take_the_same():
    """Every method of the one is one of the other, with the same parameters, defaults, types and result."""
    sync, twin = methods(MailUpOAuth), methods(AsyncMailUpOAuth)

    assert {name: signature(method) for name, method in sync.items()} == {
        name: signature(method) for name, method in twin.items()
    }


def test_whatever_may_wait_is_awaited():
    """Every method but the constructor and ``auth``, which ask nobody, is a coroutine, or gives one after the other."""
    plain = {
        name
        for name, method in methods(AsyncMailUpOAuth).items()
        if not inspect.iscoroutinefunction(method) and not inspect.isasyncgenfunction(method)
    }

    assert {"__init__", "auth"} == plain


class Shut:
    """A store that is gone."""

    identity = "shut"

    def load(self, _):
        """Fail."""
        raise StoreUnavailable("gone")


def test_both_pass_on_that_a_store_is_gone(awaiting):
    """A store that fails makes both raise the same, and nothing is sent."""
    stages = Stage(store=Shut()), awaiting(Stage(store=Shut()))
    came = [
        [repr(d.Life(stage).do(deed)) for deed in (d.begin, d.use, d.refresh, d.look, d.disconnect)] for stage in stages
    ]

    assert came[0] == came[1]
    assert {repr(repr(StoreUnavailable("gone")))} == set(came[0])
    assert () == stages[0].sandbox.events == stages[1].sandbox.events
