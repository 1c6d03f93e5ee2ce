"""
The library's own flow of a renewal, by numbers: a leg is a flow up to the next step that others can notice.

``engine.flows.renew`` is a generator, which cannot be copied; but it is a function of what its steps brought.  So a leg is
known by the results so far, is reached by sending them to a fresh generator, and each way on is taken once and remembered.
Clock, chance, observer and the application's secret are answered on the spot: nobody else can notice them.  The answers of
the server are HTTP, read by the library's own reader.  Only the journal is left out: rows are opened and written without
their bytes, because chained digests would make every history a state of its own.
"""

import json
import re
from contextlib import contextmanager
from unittest.mock import patch

import attrs
from tests.exhaustive.moments import LIFE, NOW, ticks_of

from mailup_oauth.client.core import forcing, using
from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.evolve import fold
from mailup_oauth.domain.instants import END_OF_TIME
from mailup_oauth.domain.registration import Registration
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.transitions import STATE_TABLE, WORK_TABLE
from mailup_oauth.domain.wire.http import HttpResponse, Silence, Unanswered
from mailup_oauth.engine import Setting, renew
from mailup_oauth.engine import steps as t
from mailup_oauth.journal import Context
from mailup_oauth.ports import Absent, Change, Commit, Row

CONNECTION = "acme"
NONE = -9
"""No number and no answer."""

_SENT = re.compile(r"refresh_token=r(\d+)")
_JSON = (("content-type", "application/json"),)


class PlainMarker:
    """Marks a secret by itself, so that two are told apart by eye; these are no secrets."""

    def mark(self, secret):
        """Return the mark."""
        return Mark(key="plain", digest=secret.reveal())


@attrs.frozen(kw_only=True)
class Page(Row):
    """A row that carries its state as it is."""

    state: object


@attrs.frozen
class Landed:
    """The end of a flow, in place of a step."""

    outcome: object


@attrs.define(eq=False)
class Leg:
    """
    A flow that has come as far as a step that others can notice.

    Attributes:
        kind: The step's class; ``Landed`` at its end.
        results: What its steps brought so far.
        place: Where in the library's code it is, generator by generator.
        step: The step, or the outcome of the whole flow.
        sends: The generation of the refresh token that is to be sent; 0 if none is.
        heard: The newest generation that it has received and not yet stored; 0 if there is none.
        seen: What it has just read, by its number.
        meant: The stored intent under which it sent, until it has stored what came of that.
        told: What it heard, for as long.
        pauses: How often it let time pass.
        lawful: Whether what it is about to store is where the tables of transitions lead.
        alive: The generator itself, until it is led on.
    """

    kind: type
    results: tuple
    place: tuple
    step: object
    sends: int = 0
    heard: int = 0
    seen: int = NONE
    meant: int = NONE
    told: object = NONE
    pauses: int = 0
    lawful: bool = True
    alive: object = None


def setting_for(policy, provider):
    """Return the constants of a facade whose marks can be read."""
    registration = Registration(
        client_id="client", client_secret=Secret("secret"), redirect_uri="https://app.example/callback"
    )
    return Setting(registration=registration, provider=provider, policy=policy, cipher=None, marker=PlainMarker())


REFUSED, RESET, TIMEOUT = 0, -1, -2
"""What a client can hear besides tokens, whose generation stands for them."""

_NO_TOKENS = {
    REFUSED: HttpResponse(status=400, headers=_JSON, body=b'{"error": "invalid_grant"}'),
    RESET: Unanswered(Silence.RESET),
    TIMEOUT: Unanswered(Silence.TIMEOUT),
}


def exchange_of(answer):
    """Return what the transport brings: the tokens of a generation, a refusal, or nothing."""
    if answer in _NO_TOKENS:
        return _NO_TOKENS[answer]
    tokens = {"access_token": f"a{answer}", "refresh_token": f"r{answer}"}
    body = json.dumps({**tokens, "token_type": "bearer", "expires_in": LIFE.seconds}).encode()
    return HttpResponse(status=200, headers=_JSON, body=body)


def _open(connection, row, cipher):
    """Stand in for ``journal.open_row``."""
    return row.state


def _prepare(connection, row, state, events, **rest):
    """Stand in for ``journal.prepare``: the same fold, and events instead of records."""
    after = fold(state, events)
    page = attrs.evolve(row, version=row.version + 1, state=after)
    return Change(connection=connection, replaces=row.version, row=page, records=events, nonces=frozenset()), after


@contextmanager
def without_journal():
    """Let the engine open and write rows without their bytes."""
    with patch("mailup_oauth.engine.setting.open_row", _open), patch("mailup_oauth.engine.transact.prepare", _prepare):
        yield


def page(state):
    """Return a row that holds *state*."""
    nothing = {"clear": b"", "sealed": b"", "sequence": 1, "head": b"", "due_at": END_OF_TIME, "written_at": NOW}
    return Page(version=1, state=state, **nothing)


class Flows:
    """
    Every leg that the renewals of one exploration can reach; to be used inside ``without_journal``.

    Args:
        shelf: The stored states.
        setting: The constants of the flows.
        merges: Whether two histories that leave a flow at one place with one memory are one leg.
    """

    def __init__(self, shelf, setting, *, merges=True):
        self.legs = []
        self.ways = {}
        self._shelf = shelf
        self._setting = setting
        self._merges = merges
        self._numbers = {}
        self._stored = {}

    def beginning(self, forces):
        """Return the number of the first leg of a renewal, at once or when it is due."""
        if forces not in self.ways:
            flow = self._flow(forces)
            self.ways[forces] = self._number(self._led(flow, (forces,), next(flow)))
        return self.ways[forces]

    def read(self, number, stored):
        """Lead a flow on that has read a stored state."""
        return self._onward(number, stored, lambda: page(self._shelf.states[stored]), seen=stored)

    def wrote(self, number, *, done):
        """Lead a flow on that has written, or has found that others wrote first."""
        new = self.stored(number)
        if not done:
            return self._onward(number, done, lambda: Commit.CONFLICT)
        meant = new if self._shelf.intents[new] else NONE
        return self._onward(number, done, lambda: Commit.DONE, seen=NONE, meant=meant, told=NONE, heard=0)

    def heard(self, number, answer):
        """Lead a flow on that has heard an answer, by the generation it grants; or that it was refused, or silence."""
        return self._onward(number, answer, lambda: exchange_of(answer), seen=NONE, told=answer, heard=max(answer, 0))

    def slept(self, number):
        """Lead a flow on that has let time pass."""
        return self._onward(number, None, lambda: None, seen=NONE, pauses=self.legs[number].pauses + 1)

    def stored(self, number):
        """Return the number of the state that a leg is about to store."""
        if number not in self._stored:
            self._stored[number] = self._shelf.number(self.legs[number].step.change.row.state)
        return self._stored[number]

    def _flow(self, forces):
        return renew(self._setting, CONNECTION, forcing if forces else using, Context())

    def _onward(self, number, came, result, **memory):
        """Return where a result leads a leg."""
        way = (number, came)
        if way not in self.ways:
            leg = self.legs[number]
            flow = self._revived(leg)
            brought = result()
            after = self._led(flow, (*leg.results, brought), _sent(flow, brought))
            kept = {name: getattr(leg, name) for name in ("seen", "meant", "told", "heard", "pauses")}
            for name, value in {**kept, **memory}.items():
                setattr(after, name, value)
            self.ways[way] = self._number(after)
        return self.ways[way]

    def _revived(self, leg):
        """Return the generator of a leg: its own the first time, then a fresh one that is led up to it."""
        flow, leg.alive = leg.alive, None
        if flow is None:
            flow = self._flow(leg.results[0])
            next(flow)
            for earlier in leg.results[1:]:
                flow.send(earlier)
        return flow

    def _led(self, flow, results, step):
        """Let a flow go on as far as the next step that others can notice."""
        while (answer := _answered(step)) is not _NOTICED:
            results = (*results, answer)
            step = _sent(flow, answer)
        sends = int(_SENT.search(step.request.body.reveal())[1]) if isinstance(step, t.Send) else 0
        lawful = not isinstance(step, t.Save) or is_lawful(results, step.change)
        return Leg(type(step), results, _place(flow), step, sends=sends, lawful=lawful, alive=flow)

    def key(self, leg):
        """Return what tells a leg from others: where the flow is, what it remembers, and what it is about to do."""
        does = {
            t.Save: lambda: (self._shelf.number(leg.step.change.row.state), leg.lawful),
            t.Pause: lambda: leg.step.span,
            Landed: lambda: self._shelf.number(leg.step.outcome.held.state),
        }.get(leg.kind, lambda: leg.sends)
        return (leg.place, leg.results[0], leg.seen, leg.meant, leg.told, leg.heard, leg.pauses, does())

    def _number(self, leg):
        """Return the number of a leg, or of the one that it cannot be told from."""
        key = self.key(leg) if self._merges else len(self.legs)
        if key not in self._numbers:
            self._numbers[key] = len(self.legs)
            self.legs.append(leg)
        return self._numbers[key]


def _sent(flow, result):
    """Send a result into a flow, and return its next step."""
    try:
        return flow.send(result)
    except StopIteration as stop:
        return Landed(stop.value)


def _place(flow):
    """Return where a flow is: in which generators, and where in each."""
    place = []
    while flow is not None and flow.gi_frame is not None:
        place.append((flow.gi_code.co_qualname, flow.gi_frame.f_lasti))
        flow = flow.gi_yieldfrom
    return tuple(place)


_NOTICED = object()


def _answered(step):
    """Return what a step brings that nobody else can notice; ``_NOTICED`` for all others."""
    match step:
        case t.Now():
            return NOW
        case t.Chance():
            return 0.0  # the shortest of all waits, so the most dangerous ones
        case t.Tell():
            return None
        case t.ReadSecret():
            return step.take(None)
        case t.IsLastCall():
            return False  # a program at its end breaks off here, and leaves behind what a death in the pause leaves
        case t.FindSpill():
            return Absent()  # the store takes everything here, so nothing is ever spilled
        case _:
            return _NOTICED


def is_lawful(results, change):
    """Say whether the tables of transitions lead from the state that was read last to the one that is to be stored."""
    before = next(result.state for result in reversed(results) if isinstance(result, Page))
    state, work = type(before), type(before.work)
    for event in change.records:
        state, work = STATE_TABLE[state][type(event)], WORK_TABLE[work][type(event)]
        if state not in STATE_TABLE or work not in WORK_TABLE:
            return False
    return (state, work) == (type(change.row.state), type(change.row.state.work))


def pause_of(leg):
    """Return how long a leg lets time pass, in ticks."""
    return ticks_of(leg.step.span)
