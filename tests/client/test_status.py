"""``status`` says what is true, what is owed and what to do, in every state; it changes nothing and asks nobody."""

from datetime import timedelta
from typing import get_args

import pytest

from mailup_oauth import PRODUCTION, Status
from mailup_oauth.client.standing import status_of
from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import DeathCause, TrustFault
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.tokens import Anonymous
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION

LATER = scene.NOW + timedelta(seconds=10)
MINUTE = timedelta(minutes=1)
REST = timedelta(seconds=50)
"""What is left of a wait of a minute, later."""

WELL = "Nothing to do."
BEGIN = "Send the user through begin()."
GOES_ON = "Nothing to do: the next access_token() goes on by itself."
TRUST = "Check the server's host name, this machine's clock and its CA bundle, then ask again."
KEYS = "Correct client_id and client_secret."
TERMS = "Ask the user to accept the terms in the MailUp console."


def setback(kind):
    """Return a setback after another one, which no longer matters."""
    return (w.Setback(w.SetbackKind.UNANSWERED, scene.NOW), w.Setback(kind, scene.NOW))


def doubt():
    """Return work whose request has no answer."""
    wait = Wait(since=scene.NOW, span=MINUTE)
    return w.Unknown(setbacks=setback(w.SetbackKind.UNANSWERED), wait=wait, number=2)


def deferred(kind, detail=""):
    """Return work that waits for a reason."""
    return w.Deferred(setbacks=setback(kind), wait=Wait(since=scene.NOW, span=MINUTE), number=1, detail=detail)


WORKS = {
    "idle": (w.Idle(), ("nothing", "", timedelta(), WELL)),
    "in flight": (w.InFlight(intent=scene.intent()), ("refresh-in-flight", "", timedelta(), GOES_ON)),
    "retrying": (
        w.Retrying(intent=scene.intent(), setbacks=setback(w.SetbackKind.UNANSWERED)),
        ("refresh-in-flight", "", timedelta(), GOES_ON),
    ),
    "unknown": (doubt(), ("refresh-unanswered", "unanswered", REST, GOES_ON)),
    **{
        f"deferred, {fault.value}": (
            deferred(w.SetbackKind.NOT_SENT, fault.value),
            ("refresh-deferred", "not-sent", REST, TRUST),
        )
        for fault in TrustFault
    },
    "dead": (
        w.Dead(cause=DeathCause.ROTATION_OUTCOME_LOST, at=scene.NOW),
        ("reauthorization", "rotation-outcome-lost", timedelta(), BEGIN),
    ),
    **{
        f"deferred, {kind.value}": (deferred(kind), ("refresh-deferred", kind.value, REST, advice))
        for kind, advice in {
            **dict.fromkeys(w.SetbackKind, GOES_ON),
            w.SetbackKind.CLIENT_REFUSED: KEYS,
            w.SetbackKind.CONTRACT_UNSIGNED: TERMS,
        }.items()
    },
}
HOLDING = {"Authorized": scene.authorized, "Refreshed": scene.refreshed}


def told(status):
    """Return what a status says of what is owed."""
    return status.owed, status.reason, status.retry_after, status.advice


def test_the_table_knows_all_work():
    """No kind of work is left out of the tables below."""

    assert set(get_args(w.Work)) == {type(work) for work, _ in WORKS.values()}


@pytest.mark.parametrize("name", HOLDING)
@pytest.mark.parametrize(("work", "owed"), WORKS.values(), ids=WORKS)
def test_a_connection_with_a_token(name, work, owed):
    """With an access token, all that is owed is told, and whose it is, since when, and until when."""
    status = status_of(CONNECTION, HOLDING[name](work=work), LATER)

    assert owed == told(status)
    assert (
        Status(
            connection=CONNECTION,
            state=name,
            connected=not isinstance(work, w.Dead),
            user="m1",
            generation=int(name == "Refreshed"),
            authorized_at=scene.NOW,
            expires_at=scene.access().expires_at,
            refresh_at=scene.access().refresh_at,
            **dict(zip(("owed", "reason", "retry_after", "advice"), owed, strict=True)),
        )
        == status
    )


@pytest.mark.parametrize(("work", "owed"), WORKS.values(), ids=WORKS)
def test_a_connection_without_a_token(work, owed):
    """Without one, it is told why there is none where nothing worse is to be told, and that it goes on."""
    status = status_of(CONNECTION, scene.expired(work=work), LATER)
    what, reason, wait, advice = owed

    assert (what, reason or "clock", wait, GOES_ON if advice == WELL else advice) == told(status)
    assert ("Expired", not isinstance(work, w.Dead)) == (status.state, status.connected)
    assert (None, None) == (status.expires_at, status.refresh_at)


def test_a_connection_whose_user_is_not_known():
    """Where MailUp has not said whose it is, the user is empty."""

    assert "" == status_of(CONNECTION, scene.authorized(grant=scene.grant(user=Anonymous())), LATER).user


@pytest.mark.parametrize("reason", s.Absence)
def test_nothing_connected(reason):
    """Where nothing is held, it is told why, and to begin."""
    nothing = Status(connection=CONNECTION, state="Unregistered", connected=False, reason=reason.value, advice=BEGIN)

    assert nothing == status_of(CONNECTION, s.Unregistered(reason=reason), LATER)


def test_a_browser_on_its_way():
    """While a user is at MailUp, the callback is owed."""
    status = status_of(CONNECTION, scene.awaiting_code(scene.awaiting()), LATER)

    assert ("AwaitingCode", False) == (status.state, status.connected)
    assert (
        "callback",
        "",
        timedelta(),
        "Wait for the user to come back from MailUp, or begin() again.",
    ) == told(status)


def test_looking_changes_nothing(stage, store):
    """However often it is asked, whatever is owed, nothing is stored and nothing is sent."""
    stage.connect()
    stage.expire()
    before = store.commits, stage.sandbox.events
    seen = {repr(stage.oauth.status(name)) for name in (CONNECTION, CONNECTION, "nobody") for _ in range(3)}

    assert before == (store.commits, stage.sandbox.events)
    assert 2 == len(seen)
    assert (CONNECTION,) == store.connections()


def test_a_dead_connection_whose_user_has_come_back():
    """While MailUp has not told whose the new tokens are, what is owed is its answer, as callers are told."""
    work = w.Dead(cause=DeathCause.REFRESH_TOKEN_REFUSED, at=scene.NOW)
    asked = a.ToBeAsked(number=1, again=Wait(since=scene.NOW, span=PRODUCTION.identity_wait))
    held = scene.identifying(1, inquiry=asked)
    status = status_of(CONNECTION, scene.expired(held, work=work), scene.NOW)

    assert ("identification", "user-not-identified", PRODUCTION.identity_wait, GOES_ON) == told(status)
    assert not status.connected
