"""
What an event makes of a connection, in the JSON of rows and records, read from docs/journal.md and the names of members.

It says a second time what ``evolve`` says, in words of its own, and knows nothing of it: where the two do not agree, one of
them is wrong.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .sight import Members
from .violation import Violation

BEGINNING: Final[Members] = {"type": "Unregistered", "epoch": 0, "attempts": [], "reason": "never-connected"}
"""Every connection before its first event."""

MOST_SETBACKS: Final = 12
"""So many are remembered: the first, and the latest."""

_IDLE: Final[Members] = {"type": "Idle"}

_HOLDING: Final = frozenset({"Authorized", "Expired", "Refreshed"})
_OPEN: Final = _HOLDING | {"AwaitingCode"}
_ANY: Final = _OPEN | {"Unregistered"}
_USABLE: Final = frozenset({"Authorized", "Refreshed"})
_SENT: Final = frozenset({"InFlight", "Retrying"})

_CAN_MEET: Final[Mapping[str, frozenset[str]]] = {
    "AuthorizationBegun": _ANY,
    "CallbackRefused": _ANY | {"AwaitingCallback", "Exchanging", "Identifying", "Finished"},
    "AuthorizationDenied": _OPEN | {"AwaitingCallback"},
    "CallbackAccepted": _OPEN | {"AwaitingCallback"},
    "ExchangeNotSent": _OPEN | {"Exchanging"},
    "ExchangeFailed": _OPEN | {"Exchanging"},
    "TokensIssued": _OPEN | {"Exchanging", "Identifying"},
    "TokensHeld": _HOLDING | {"Exchanging"},
    "AccountRefused": _HOLDING | {"Identifying"},
    "AuthorizationSalvaged": _OPEN | {"Exchanging"},
    "AttemptDropped": _ANY | {"AwaitingCallback", "Identifying", "Finished"},
    "ConnectionNotMade": frozenset({"AwaitingCode"}),
    "IdentityAsked": _HOLDING | {"Identifying"},
    "UserIdentified": _HOLDING,
    "IdentityUnavailable": _HOLDING | {"Identifying"},
    "AccessTokenExpired": _USABLE,
    "AccessTokenRejected": _USABLE,
    "RefreshStarted": _HOLDING | {"Idle", "Deferred", "Unknown"},
    "TokensRefreshed": _HOLDING | _SENT | {"Unknown"},
    "RefreshTokenSalvaged": _HOLDING | _SENT | {"Unknown"},
    "RefreshDeferred": _HOLDING | _SENT,
    "RefreshOutcomeUnknown": _HOLDING | _SENT,
    "GrantDied": _HOLDING | _SENT | {"Idle"},
    "Disconnected": _OPEN,
}
"""For each event that a connection's journal tells, the states, attempts and refresh work that it can happen to."""


_MEMBERS: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset({"type", *members.split()})
    for kind, members in {
        "AuthorizationBegun": "attempt",
        "CallbackRefused": "attempt fault",
        "AuthorizationDenied": "attempt error fault",
        "CallbackAccepted": "attempt code verifier redirect_uri sent",
        "ExchangeNotSent": "attempt fault",
        "ExchangeFailed": "attempt end detail",
        "TokensIssued": "attempt epoch access refresh user notes",
        "TokensHeld": "attempt access refresh notes again",
        "AccountRefused": "attempt connected arrived",
        "AuthorizationSalvaged": "attempt epoch refresh defect user at",
        "AttemptDropped": "attempt why",
        "ConnectionNotMade": "reason",
        "IdentityAsked": "subject epoch access again",
        "UserIdentified": "user",
        "IdentityUnavailable": "subject why",
        "AccessTokenExpired": "mark",
        "AccessTokenRejected": "mark",
        "RefreshStarted": "intent refresh",
        "TokensRefreshed": "generation access refresh notes",
        "RefreshTokenSalvaged": "generation refresh defect at",
        "RefreshDeferred": "kind detail wait",
        "RefreshOutcomeUnknown": "defect at wait",
        "GrantDied": "cause at detail",
        "Disconnected": "",
    }.items()
}
"""What each event says, no less and no more; within format 1 no event ever says anything else."""


def state_after(state: Members, event: Members) -> Members:
    """
    Return what a row says after *event* that said *state* before; neither of them is changed.

    Raises:
        Violation: no journal of a connection tells this, or it cannot have happened there.
    """
    try:
        kind = event["type"]
        if _MEMBERS[kind] != frozenset(event):
            raise Violation("I3", "a record tells too little of what happened, or too much")
        after = {**_able(state, event), "attempts": _attempts_after(state["attempts"], event)}
        if kind in _ON_WORK:
            after["work"] = _ON_WORK[kind](_able(state["work"], event), event)
        return _ON_STATE[kind](after, event) if kind in _ON_STATE else after
    except KeyError:
        problem = "a record tells what nobody understands"
    raise Violation("I3", problem)


def _able(part: Members, event: Members) -> Members:
    """Return a state, an attempt or refresh work, if the event can have happened to it."""
    if part["type"] not in _CAN_MEET[event["type"]]:
        raise Violation("I3", "a record tells what cannot have happened there")
    return part


# -- attempts ----------------------------------------------------------------------------------------------------------


def _attempts_after(attempts: Sequence[Members], event: Members) -> Sequence[Members]:
    """Return the attempts in their order: one more, or the named one in another form or place, or as they were."""
    named = event.get("attempt", event.get("subject"))
    if event["type"] == "AuthorizationBegun":
        return [*attempts, named]
    if not isinstance(named, str):
        return attempts
    places = [place for place, one in enumerate(attempts) if one["browser"]["id"] == named]
    if not places:
        raise Violation("I3", "a record names an attempt that is not there")
    before, attempt, behind = attempts[: places[0]], attempts[places[0]], attempts[places[0] + 1 :]
    after = _ON_ATTEMPT[event["type"]](_able(attempt, event), event)
    return [*before, *behind, *after] if event["type"] == "TokensHeld" else [*before, *after, *behind]


def _refused(attempt: Members, _: Members) -> list[Members]:
    browser = attempt["browser"]
    return [{**attempt, "browser": {**browser, "refusals": browser["refusals"] + 1}}]


def _dropped(_: Members, __: Members) -> list[Members]:
    return []


def _denied(attempt: Members, event: Members) -> list[Members]:
    return _finished(attempt, "denied", event["fault"])


def _called_back(attempt: Members, event: Members) -> list[Members]:
    """Keep what the code is known by, not the code."""
    return [{**attempt, "type": "Exchanging", "code": event["code"]["mark"], "sent": event["sent"]}]


def _not_sent(attempt: Members, _: Members) -> list[Members]:
    """Wait for the browser again: it may bring the same code."""
    kept = {name: attempt[name] for name in ("browser", "verifier", "redirect_uri")}
    return [{"type": "AwaitingCallback", **kept}]


def _failed(attempt: Members, event: Members) -> list[Members]:
    return _finished(attempt, event["end"], event["detail"])


def _led_to_tokens(attempt: Members, _: Members) -> list[Members]:
    return _finished(attempt, "connected")


def _held(attempt: Members, event: Members) -> list[Members]:
    tokens = {name: event[name] for name in ("access", "refresh", "notes")}
    inquiry = {"type": "ToBeAsked", "number": 0, "again": event["again"]}
    return [{"type": "Identifying", "browser": attempt["browser"], **tokens, "inquiry": inquiry}]


def _was_another_user(attempt: Members, _: Members) -> list[Members]:
    return _finished(attempt, "another-account")


def _asked_whose(attempt: Members, event: Members) -> list[Members]:
    number = attempt["inquiry"]["number"] + 1
    return [{**attempt, "inquiry": {"type": "BeingAsked", "number": number, "again": event["again"]}}]


def _asked_in_vain(attempt: Members, _: Members) -> list[Members]:
    return [{**attempt, "inquiry": {**attempt["inquiry"], "type": "ToBeAsked"}}]


def _finished(attempt: Members, end: str, detail: str = "") -> list[Members]:
    return [{"type": "Finished", "browser": attempt["browser"], "end": end, "detail": detail}]


_ON_ATTEMPT: Final[Mapping[str, Callable[[Members, Members], list[Members]]]] = {
    "CallbackRefused": _refused,
    "AttemptDropped": _dropped,
    "AuthorizationDenied": _denied,
    "CallbackAccepted": _called_back,
    "ExchangeNotSent": _not_sent,
    "ExchangeFailed": _failed,
    "TokensIssued": _led_to_tokens,
    "AuthorizationSalvaged": _led_to_tokens,
    "TokensHeld": _held,
    "AccountRefused": _was_another_user,
    "IdentityAsked": _asked_whose,
    "IdentityUnavailable": _asked_in_vain,
}


# -- refresh work ------------------------------------------------------------------------------------------------------


def _started(work: Members, event: Members) -> Members:
    """Send; what follows a doubt is another try, not a first one."""
    kind = "Retrying" if work["type"] == "Unknown" else "InFlight"
    return {"type": kind, "intent": event["intent"], "setbacks": work.get("setbacks", [])}


def _deferred(work: Members, event: Members) -> Members:
    """Wait; who had a doubt before has it still, and no word of why this try failed."""
    waiting = _waiting(work, event, event["kind"], event["wait"]["since"])
    return waiting if work["type"] == "Retrying" else {**waiting, "type": "Deferred", "detail": event["detail"]}


def _unanswered(work: Members, event: Members) -> Members:
    return _waiting(work, event, "unanswered", event["at"])


def _waiting(work: Members, event: Members, kind: str, at: str) -> Members:
    """Wait in doubt, with one more setback in mind."""
    first, later = work["setbacks"][:1], [*work["setbacks"][1:], {"kind": kind, "at": at}]
    setbacks = [*first, *later[1 - MOST_SETBACKS :]]
    return {"type": "Unknown", "setbacks": setbacks, "wait": event["wait"], "number": work["intent"]["number"]}


def _died(_: Members, event: Members) -> Members:
    return {"type": "Dead", **{name: event[name] for name in ("cause", "at", "detail")}}


def _done(_: Members, __: Members) -> Members:
    return _IDLE


_ON_WORK: Final[Mapping[str, Callable[[Members, Members], Members]]] = {
    "RefreshStarted": _started,
    "RefreshDeferred": _deferred,
    "RefreshOutcomeUnknown": _unanswered,
    "GrantDied": _died,
    "TokensRefreshed": _done,
    "RefreshTokenSalvaged": _done,
}


# -- the connection; its attempts and its refresh work are already those after the event ---------------------------------


def _begun(state: Members, _: Members) -> Members:
    """Wait for a code, unless something is held."""
    if state["type"] != "Unregistered":
        return state
    return {"type": "AwaitingCode", **{name: state[name] for name in ("epoch", "attempts")}}


def _not_made(state: Members, event: Members) -> Members:
    return {"type": "Unregistered", "epoch": state["epoch"], "attempts": state["attempts"], "reason": event["reason"]}


def _disconnected(state: Members, _: Members) -> Members:
    return {"type": "Unregistered", "epoch": state["epoch"], "attempts": [], "reason": "disconnected"}


def _issued(state: Members, event: Members) -> Members:
    access = event["access"]
    return {"type": "Authorized", **_founded(state, event, access["asked_at"]), "access": access}


def _salvaged(state: Members, event: Members) -> Members:
    return {"type": "Expired", **_founded(state, event, event["at"]), "cause": "salvaged"}


def _founded(state: Members, event: Members, at: str) -> Members:
    """Begin another authorization, which has nothing of the one before."""
    grant = {"generation": 0, "refresh": event["refresh"], "user": event["user"], "authorized_at": at, "born_at": at}
    return {"epoch": event["epoch"], "attempts": state["attempts"], "grant": grant, "work": _IDLE}


def _refreshed(state: Members, event: Members) -> Members:
    access, refresh = event["access"], event["refresh"]
    kept = state["grant"]["refresh"] if refresh.get("type") == "KeepOld" else refresh
    return {"type": "Refreshed", **_gone_on(state, event, kept, access["asked_at"]), "access": access}


def _refresh_salvaged(state: Members, event: Members) -> Members:
    return {"type": "Expired", **_gone_on(state, event, event["refresh"], event["at"]), "cause": "salvaged"}


def _gone_on(state: Members, event: Members, refresh: Members, at: str) -> Members:
    """Go on with the same authorization, in its next generation."""
    grant = {**state["grant"], "generation": event["generation"], "refresh": refresh, "born_at": at}
    return {**_lasting(state), "grant": grant}


def _lasting(state: Members) -> Members:
    """Return what is left of a connection without its access token."""
    return {name: state[name] for name in ("epoch", "attempts", "grant", "work")}


def _expired(state: Members, _: Members) -> Members:
    return {"type": "Expired", **_lasting(state), "cause": "clock"}


def _rejected(state: Members, _: Members) -> Members:
    return {"type": "Expired", **_lasting(state), "cause": "rejected"}


def _asked(state: Members, event: Members) -> Members:
    """Remember when to ask again, if it was asked for the connection itself."""
    unknown = {"type": "Unidentified", "again": event["again"]}
    return state if isinstance(event["subject"], str) else {**state, "grant": {**state["grant"], "user": unknown}}


def _identified(state: Members, event: Members) -> Members:
    return {**state, "grant": {**state["grant"], "user": event["user"]}}


_ON_STATE: Final[Mapping[str, Callable[[Members, Members], Members]]] = {
    "AuthorizationBegun": _begun,
    "ConnectionNotMade": _not_made,
    "Disconnected": _disconnected,
    "TokensIssued": _issued,
    "AuthorizationSalvaged": _salvaged,
    "TokensRefreshed": _refreshed,
    "RefreshTokenSalvaged": _refresh_salvaged,
    "AccessTokenExpired": _expired,
    "AccessTokenRejected": _rejected,
    "IdentityAsked": _asked,
    "UserIdentified": _identified,
}
