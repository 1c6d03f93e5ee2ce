"""Hypothesis strategies for connections as their lives can leave them, and for everything they can be asked there."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain, product
from typing import cast, get_args

import attrs
from hypothesis import strategies as st

from ..domain import attempts as a
from ..domain import commands as c
from ..domain import events as e
from ..domain import states as s
from ..domain import work as w
from ..domain.errors import CallbackFault, DeathCause
from ..domain.instants import Wait
from ..domain.policy import PRODUCTION, Policy
from ..domain.provider import MAILUP, STANDARD, Issuer, Provider
from ..domain.tokens import Access, Anonymous, Grant, Identity, NoRefreshToken, Unidentified
from ..domain.wire import callback as b
from ..domain.wire.outcomes import IdentityAnswer, TokenAnswer
from . import scenario as scene
from .strategies import values

Shape = tuple[type[s.State], type[w.Work]]

SHAPES: tuple[Shape, ...] = (
    (s.Unregistered, w.Idle),
    (s.AwaitingCode, w.Idle),
    *product(get_args(s.Holding), get_args(w.Work)),
)
"""Every kind of state, with every kind of refresh work where there can be any."""

COMMANDS: tuple[type[c.Command], ...] = get_args(c.Command)

ISSUING: Provider = attrs.evolve(MAILUP, issuer="https://issuer.example", issuer_promise=Issuer.ALWAYS_SENT)
"""A provider that promises ``iss``."""

providers = st.sampled_from([MAILUP, STANDARD, ISSUING])
_SECONDS = (0, 1, 59, 61, 600, 2880, 3589, 3601, 86400)
MOMENTS = (
    *(scene.NOW + timedelta(seconds=sign * seconds) for sign, seconds in product((-1, 1), _SECONDS)),
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
)
"""Moments around the windows of these scenes, and the first and the last there are."""

_SPANS = (timedelta(), timedelta(seconds=2), timedelta(minutes=15))
moments = st.sampled_from(MOMENTS)
waits = st.sampled_from([Wait(since=since, span=span) for since, span in product(MOMENTS, _SPANS)])
chances = st.floats(0, 1)


def is_well_formed(state: s.State, policy: Policy = PRODUCTION) -> bool:
    """Say whether a connection's life can have led to *state*; no decision leads from such states to others."""
    names = [attempt.browser.id for attempt in state.attempts]
    if len(set(names)) < len(names) or len(names) > policy.attempts_kept:
        return False
    kinds = {type(attempt) for attempt in state.attempts}
    match state:
        case s.Unregistered():
            return kinds <= {a.Finished}
        case s.AwaitingCode():
            return a.Identifying not in kinds and bool(kinds & {a.AwaitingCallback, a.Exchanging})
        case s.Authorized() | s.Expired() | s.Refreshed():
            return _is_work_in_order(state) and _is_generation_in_order(state)


def connections(kind: type[s.State], working: type[w.Work]) -> st.SearchStrategy[s.State]:
    """Draw a well-formed connection of one shape."""
    if kind is s.Unregistered:
        absences, epochs = st.sampled_from(s.Absence), st.integers(0, 3)
        return st.builds(s.Unregistered, epoch=epochs, reason=absences, attempts=_attempts((a.Finished,)))
    if kind is s.AwaitingCode:
        attempts = _attempts((a.Finished, a.AwaitingCallback, a.Exchanging)).filter(_is_one_alive)
        return st.builds(s.AwaitingCode, epoch=st.integers(0, 3), attempts=attempts)
    return _holding(kind, working)


@st.composite
def commands(draw: st.DrawFn, kind: type[c.Command], state: s.State) -> c.Command:
    """Draw a command of one kind that has to do with *state*, more often than not."""
    number = draw(st.integers(1, PRODUCTION.attempts_kept + 1))
    members: dict[str, object] = {
        "now": draw(moments),
        "chance": draw(chances),
        "attempt": scene.attempt_id(number),
        "binding": scene.binding(draw(st.sampled_from([number, number, number, 7]))),
        "rule": draw(st.sampled_from(a.AccountRule)),
        "verifier": scene.credential("verifier-new"),
        "redirect_uri": scene.credential("redirect-uri-new"),
        "callback": draw(callbacks(number)) if kind is c.AcceptCallback else None,
        "answer": draw(answers(kind)) if "answer" in attrs.fields_dict(kind) else None,
        "epoch": draw(st.sampled_from([state.epoch, state.epoch, 99])),
        "subject": draw(st.sampled_from([e.CURRENT, scene.attempt_id(number)])),
        "mark": draw(st.sampled_from([scene.credential("access").mark, scene.credential("other").mark])),
        "intent": draw(_intents(state)),
    }
    wanted = {part.name: members[part.name] for part in attrs.fields(kind)}
    return cast("c.Command", cast("type", kind)(**wanted))


@st.composite
def callbacks(draw: st.DrawFn, number: int) -> b.Returned | b.Denied | b.Faulty:
    """Draw what a browser might bring back for one attempt; mostly with the right nonce."""
    other = draw(st.sampled_from([number, number, number, 7]))
    nonces = draw(st.sampled_from([(scene.nonce(number),), (scene.nonce(number), scene.nonce(other)), ()]))
    issuers: list[str | b.Absent] = [b.Absent(), ISSUING.issuer, "https://issuer.example/"]
    issuer = draw(st.sampled_from(issuers))
    fault = draw(st.sampled_from(CallbackFault))
    code = scene.credential(f"code-{draw(st.integers(0, 9))}")
    brought: list[b.Returned | b.Denied | b.Faulty] = [
        b.Returned(nonces=nonces, issuer=issuer, code=code),
        b.Denied(nonces=nonces, issuer=issuer, error="access_denied", description="", fault=fault),
        b.Faulty(nonces=nonces, issuer=issuer, fault=fault),
    ]
    return draw(st.sampled_from(brought))


def answers(kind: type[c.Command]) -> st.SearchStrategy[object]:
    """Draw an answer for a command that reports one."""
    return values(IdentityAnswer if kind is c.ReportIdentity else TokenAnswer)


@st.composite
def _holding(draw: st.DrawFn, kind: type[s.State], working: type[w.Work]) -> s.State:
    """Draw a connection that holds an authorization, with one kind of refresh work."""
    generation = draw(_GENERATIONS[kind])
    grant = draw(_grants(generation, may_lack_refresh=working in {w.Idle, w.Dead}))
    last = {"cause": draw(st.sampled_from(s.ExpiryCause))} if kind is s.Expired else {"access": draw(accesses())}
    work = draw(_works(working, generation))
    attempts = draw(_attempts(get_args(a.Attempt)))
    return cast("s.State", cast("type", kind)(epoch=1, attempts=attempts, grant=grant, work=work, **last))


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    """Draw an access token of any life and any age."""
    seconds = draw(st.sampled_from([0, 1, 900, 3600, 31_536_000]))
    return scene.access(life=timedelta(seconds=seconds), asked_at=draw(moments))


@st.composite
def _grants(draw: st.DrawFn, generation: int, *, may_lack_refresh: bool) -> Grant:
    """Draw an authorization of anybody's."""
    lacks = may_lack_refresh and draw(st.booleans())
    refresh = NoRefreshToken() if lacks else scene.credential("refresh")
    users: list[Identity] = [scene.ALICE, scene.BOB, Unidentified(again=draw(waits)), Anonymous()]
    user = draw(st.sampled_from(users))
    return scene.grant(generation=generation, refresh=refresh, user=user, born_at=draw(moments))


@st.composite
def _works(draw: st.DrawFn, kind: type[w.Work], generation: int) -> w.Work:
    """Draw refresh work of one kind."""
    number = draw(st.integers(1, 5))
    setbacks = draw(st.lists(st.sampled_from(_SETBACKS), min_size=1, max_size=4))
    members: dict[str, object] = {
        "intent": scene.intent(number=number, sent=draw(moments), generation=generation),
        "setbacks": tuple(setbacks),
        "wait": draw(waits),
        "number": number,
        "detail": "",
        "cause": draw(st.sampled_from(DeathCause)),
        "at": draw(moments),
    }
    return cast("w.Work", cast("type", kind)(**{part.name: members[part.name] for part in attrs.fields(kind)}))


@cache
def _attempts(kinds: tuple[type[a.Attempt], ...]) -> st.SearchStrategy[tuple[a.Attempt, ...]]:
    """Draw attempts of these kinds, up to as many as a connection remembers, each with its own name."""
    places = [st.sampled_from([(), *_ones(number, kinds)]) for number in range(1, PRODUCTION.attempts_kept + 1)]
    return st.tuples(*places).map(lambda found: tuple(chain.from_iterable(found)))


def _ones(number: int, kinds: tuple[type[a.Attempt], ...]) -> list[tuple[a.Attempt]]:
    """Return an attempt in all its forms, each as a tuple of one."""
    browsers = [
        scene.browser(number, rule=rule, since=since, refusals=refusals)
        for rule, since, refusals in product(a.AccountRule, MOMENTS[::3], (0, PRODUCTION.refusals_listed))
    ]
    examples = [example(number) for kind in kinds for example in _EXAMPLES[kind]]
    return [(attrs.evolve(example, browser=one),) for example, one in product(examples, browsers)]


def _asked_about(number: int) -> a.Identifying:
    """Return an attempt whose tokens are asked about, for the third time."""
    return scene.identifying(number, inquiry=a.BeingAsked(number=3, again=Wait(since=scene.NOW, span=scene.HOUR)))


_SETBACKS = [w.Setback(kind, at) for kind, at in product(w.SetbackKind, MOMENTS)]
_GENERATIONS: Mapping[type[s.State], st.SearchStrategy[int]] = {
    s.Authorized: st.just(0),
    s.Expired: st.integers(0, 2),
    s.Refreshed: st.integers(1, 2),
}
_EXAMPLES: Mapping[type[a.Attempt], tuple[Callable[[int], a.Attempt], ...]] = {
    a.AwaitingCallback: (scene.awaiting,),
    a.Exchanging: (scene.exchanging,),
    a.Identifying: (scene.identifying, _asked_about),
    a.Finished: (scene.finished,),
}


def _intents(state: s.State) -> st.SearchStrategy[w.Intent]:
    """Draw the intent that is open, or another."""
    others = [scene.intent(number=9), scene.intent(epoch=7), scene.intent(generation=8)]
    if isinstance(state, s.Holding) and isinstance(state.work, w.InFlight | w.Retrying):
        return st.sampled_from([*[state.work.intent] * 3, *others])
    return st.sampled_from(others)


def _is_one_alive(attempts: tuple[a.Attempt, ...]) -> bool:
    """Say whether a browser or an answer is still awaited."""
    return any(not isinstance(attempt, a.Finished) for attempt in attempts)


def _is_work_in_order(state: s.Holding) -> bool:
    """Say whether the refresh work is about the refresh token that is held, and remembers why it waits."""
    refresh, work = state.grant.refresh, state.work
    if isinstance(refresh, NoRefreshToken):
        return isinstance(work, w.Idle | w.Dead)
    if isinstance(work, w.Unknown | w.Deferred | w.Retrying) and not work.setbacks:
        return False
    if isinstance(work, w.InFlight | w.Retrying):
        mine = (state.epoch, state.grant.generation, refresh.mark)
        return mine == (work.intent.epoch, work.intent.generation, work.intent.mark)
    return True


def _is_generation_in_order(state: s.Holding) -> bool:
    """Say whether tokens of a code are of generation 0, and those of a refresh of a later one."""
    match state:
        case s.Authorized():
            return state.grant.generation == 0
        case s.Refreshed():
            return state.grant.generation > 0
        case s.Expired():
            return True
