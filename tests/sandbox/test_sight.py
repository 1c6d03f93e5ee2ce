"""What the owner is shown and told: everything that is in the sandbox, and none of its secrets."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.wire.http import Ending
from mailup_oauth.sandbox.commands import BeginAgain, Effect, MoveClock, PlanFault, RevokeApplication
from mailup_oauth.sandbox.desk.telling import member, signed
from mailup_oauth.sandbox.faults import LOST_ANSWER, CutBody, GatewayPage, Redirect, Slow, Target, Throttle
from mailup_oauth.sandbox.switches import Absolute, Grace, Switches, Told

FAULTS = (
    LOST_ANSWER,
    Throttle(wait=Told(timedelta(seconds=3))),
    GatewayPage(status=503),
    Redirect(location="https://elsewhere.example/"),
    CutBody(keep=3, ending=Ending.CUT),
    Slow(delay=timedelta(seconds=5)),
)


def standings(play):
    """Return what is shown, by kind, the newest first."""
    found = {}
    for one in play.service.sight.credentials:
        found.setdefault(one.kind.value, []).append(one.standing.value)
    return found


def marks(members):
    """Return the marks that belong to the tokens of a reply."""
    return {sha256(members[name].encode()).hexdigest()[:16] for name in ("access_token", "refresh_token")}


def revoke(play, effect):
    """Let the user take the permission back."""
    play.service.order(
        RevokeApplication(username="m4321", client_id=play.client["client_id"], effect=effect, now=play.clock())
    )


def test_tokens_are_shown_by_their_marks(play):
    """A mark is the beginning of the SHA-256 of what the application holds, so that it can find its own."""
    told = play.connect()
    shown = {one.mark for one in play.service.sight.credentials}

    assert marks(told) < shown
    assert len(shown) == 3


def test_each_standing_is_told_apart(play):
    """Spent, rotated, expired and revoked are four things, and the good ones are good."""
    play.code()
    told = play.connect()
    play.clock.move(seconds=30)
    play.refresh(told["refresh_token"])

    assert standings(play) == {
        "code": ["good", "spent"],
        "access token": ["good", "good"],
        "refresh token": ["good", "rotated"],
    }
    play.clock.move(hours=1)
    play.switch(refresh_life=Absolute(timedelta(hours=1)))
    assert standings(play) == {
        "code": ["expired", "spent"],
        "access token": ["expired", "expired"],
        "refresh token": ["expired", "rotated"],
    }


@pytest.mark.parametrize(("effect", "access"), [(Effect.IMMEDIATE, "revoked"), (Effect.AT_EXPIRY, "good")])
def test_a_revocation_is_shown_as_far_as_it_reaches(play, effect, access):
    """What was revoked is shown as such, and what goes on to its end is not."""
    play.connect()
    revoke(play, effect)

    assert {"access token": [access], "refresh token": ["revoked"]} == standings(play)


def test_the_state_is_told_whole(play, owner):
    """The JSON has people, permissions, tokens, faults, requests, switches and the clock."""
    play.connect()
    for fault in FAULTS:
        play.service.order(PlanFault(Target.TOKEN, fault))
    play.switch(old_refresh=Grace(timedelta(seconds=30)))
    play.service.order(MoveClock(span=timedelta(minutes=90), now=play.service.now))
    told = owner.state()

    assert ("2030-01-01T13:30:00+00:00", "1h30m", "grace 30s") == (
        told["now"],
        told["ahead"],
        told["switches"]["old_refresh"],
    )
    assert [play.client["client_id"], "other"] == [one["client_id"] for one in told["applications"]]
    assert [{"username": "m4321", "uid": "321", "company": "Example Srl", "contract": "signed"}] == told["users"]
    assert [{"username": "m4321", "client_id": play.client["client_id"]}] == told["grants"]
    assert ["expired", "good", "spent"] == sorted(one["standing"] for one in told["credentials"])
    assert [200, 302, 200, 200] == [one["status"] for one in told["requests"]]
    assert {"target": "token", "kind": "gateway-page", "status": 503, "wait": "untold", "done": "nothing"} in told[
        "faults"
    ]


def test_a_lost_answer_has_no_status(play, owner):
    """In the JSON the status of what was never answered is null."""
    play.service.order(PlanFault(Target.TOKEN, LOST_ANSWER))
    play.token()

    assert [None] == [one["status"] for one in owner.state()["requests"]]


LIVES = st.lists(
    st.sampled_from(["connect", "look", "wrong", "refresh", "info", "revoke", "plan", "switch", "begin"]), max_size=6
)


def live(play, deed, told):
    """Do one deed and return the newest tokens."""
    match deed:
        case "connect":
            return play.connect()
        case "wrong":
            play.token(grant_type="password", username="m4321", password="canary-wrong", **play.client)
        case "refresh":
            play.refresh(told["refresh_token"])
        case "info":
            play.info(told["access_token"])
        case "revoke":
            revoke(play, Effect.IMMEDIATE)
        case "plan":
            for fault in FAULTS:
                play.service.order(PlanFault(Target.RESOURCE, fault))
        case "switch":
            play.switch(old_refresh=Grace(timedelta(seconds=30)))
        case "begin":
            play.service.order(BeginAgain(scenario=play.service.world.scenario, now=play.clock()))
        case _:
            play.get("/Authorization/OAuth/LogOn", play.url(state="canary-state").partition("?")[2])
    return told


@given(deeds=LIVES)
def test_nothing_that_is_told_is_a_secret(stage, deeds):
    """After any life neither the state nor the events hold a token, a password, a client's secret or its mark, or a state."""
    play = stage(Switches())
    told = play.connect(redirect_uri="https://app.example/?nonce=canary-nonce", **play.client)
    for deed in deeds:
        told = live(play, deed, told)
    from_owner = play.service.sight, play.service.events
    said = json.dumps([str(member(event)) for event in from_owner[1]]) + str(member(from_owner[0].heard))

    assert "canary" not in said
    assert sha256(b"canary-client-secret").hexdigest()[:16] not in said
    assert told["access_token"] not in said
    assert told["refresh_token"] not in said


def test_events_are_told_by_their_kinds(play, owner):
    """Each event says what it is and what it is about, with marks in the place of values."""
    told = play.connect()
    play.refresh(told["refresh_token"])
    happened = json.loads(owner.get("events").body)["events"]
    kinds = [one["kind"] for one in happened]

    assert kinds == [
        "log-on-page-shown",
        "logged-on",
        "consent-given",
        "log-on-ended",
        "code-issued",
        "code-exchanged",
        "tokens-issued",
        "tokens-rotated",
    ]
    assert marks(told) == {happened[6]["access"]["mark"], happened[6]["refresh"]["mark"]}
    assert happened[4]["code"]["mark"] == happened[5]["code_mark"]
    assert happened[6]["refresh"]["mark"] == happened[7]["spent_mark"]


def test_changed_switches_are_told_as_words(play, owner):
    """The event says each switch as it is said everywhere else."""
    play.switch(old_refresh=Grace(timedelta(seconds=30)))
    [event] = json.loads(owner.get("events").body)["events"]

    assert {"kind": "switches-changed", "switches": owner.state()["switches"]} == event


def test_a_clock_behind_the_systems_has_a_sign():
    """A span that is negative is told with a minus."""
    assert ("-1h", "1h", "0s") == tuple(signed(timedelta(hours=number)) for number in (-1, 1, 0))
