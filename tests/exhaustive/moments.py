"""
Time as phases: what of a stored moment can make a difference, and nothing else.

The library compares a stored moment only with now, and asks only this: is a generation, or a doubt, younger than a minute; is
a renewal due; has the access token ended; how much of a wait is left.  So a state is written down as if it were always
``NOW``, with its ages as young or old, its access token as fresh, due or ended, and its wait as what is left of it.  Phases
change when they like, in any order that clocks allow and in more than they do; so no history is lost, and those that are
added break no promise.  Waits are kept exact, because what they protect from is measured against them.
``test_abstraction.py`` holds all this against the real code, for every state that was explored.
"""

from datetime import datetime, timedelta
from functools import cache

import attrs

from mailup_oauth.domain.instants import NO_TIME, Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.tokens import Access
from mailup_oauth.domain.work import Dead, Intent
from mailup_oauth.testing.clock import EPOCH as NOW

TICK = timedelta(milliseconds=1)
OLD = NOW - max(PRODUCTION.probable_grace, PRODUCTION.confirmation_age) - timedelta(seconds=1)
"""Longer ago than every age that anything is asked for."""

LIFE = timedelta(hours=1)
_AHEAD = NOW + LIFE
MINUTE, DUE, ENDED = "a minute passes", "the renewal comes due", "the access token ends"


def ticks_of(span):
    """Return a span in ticks; a part of one counts as a whole."""
    return -(-span // TICK)


@cache
def _names(kind):
    return tuple(field.name for field in attrs.fields(kind))


def rewritten(value, deed):
    """Return *value* with *deed* done to it or, if it has nothing to do there, to all of its parts."""
    done = deed(value)
    if done is not None:
        return done
    if isinstance(value, tuple):
        return tuple(rewritten(part, deed) for part in value)
    if not attrs.has(type(value)):
        return value
    parts = ((name, getattr(value, name)) for name in _names(type(value)))
    changes = {name: new for name, part in parts if (new := rewritten(part, deed)) is not part}
    return attrs.evolve(value, **changes) if changes else value


def _phase(value):
    """Return the phase of what has one."""
    match value:
        case Access():
            refresh_at = NOW if value.is_due(NOW) else _AHEAD
            expires_at = _AHEAD if value.is_usable(NOW) else NOW
            return attrs.evolve(value, asked_at=OLD, refresh_at=refresh_at, expires_at=expires_at)
        case Intent(sent=sent):
            return attrs.evolve(value, sent=attrs.evolve(sent, since=_phase(sent.since)))
        case Wait():
            return Wait(since=NOW, span=value.remaining(NOW))
        case Dead():
            return attrs.evolve(value, at=OLD)
        case datetime():
            return NOW if NOW - value < PRODUCTION.probable_grace else OLD
        case _:
            return None


def canonical(state):
    """Return the one value for all states that nothing can tell from *state* at ``NOW``."""
    grant = attrs.evolve(state.grant, authorized_at=OLD)
    return rewritten(attrs.evolve(state, grant=grant), _phase)


def left(state):
    """Return how much is left of the wait of *state*, in ticks."""
    return ticks_of(getattr(state.work, "wait", Wait(since=NOW, span=NO_TIME)).span)


def waited(state, ticks):
    """Return a canonical *state* when so many ticks more of its wait are over."""
    span = max(NO_TIME, (left(state) - ticks) * TICK)
    return attrs.evolve(state, work=attrs.evolve(state.work, wait=Wait(since=NOW, span=span)))


def phases(state, *, is_flown):
    """Return what else can become of a canonical *state* by time alone; an intent grows old when its owner is dead."""
    aged = rewritten(state, _aged_in_flight if is_flown else _aged)
    if aged != state:
        yield MINUTE, aged
    access = getattr(state, "access", None)
    if access is None or state.grant.born_at == NOW:
        return
    if access.refresh_at > NOW:
        yield DUE, attrs.evolve(state, access=attrs.evolve(access, refresh_at=NOW))
    elif access.expires_at > NOW:
        yield ENDED, attrs.evolve(state, access=attrs.evolve(access, expires_at=NOW))


def _aged(value):
    """Make a part of a state a minute older; windows and waits are phases of their own."""
    match value:
        case Intent(sent=sent):
            return attrs.evolve(value, sent=attrs.evolve(sent, since=OLD))
        case Access() | Wait():
            return value
        case datetime():
            return OLD
        case _:
            return None


def _aged_in_flight(value):
    return value if isinstance(value, Intent) else _aged(value)
