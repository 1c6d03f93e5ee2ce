"""Rotation, and what becomes of what was rotated."""

import json
from datetime import timedelta

import pytest

from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.commands import Effect, RevokeApplication
from mailup_oauth.sandbox.switches import (
    Absolute,
    Consent,
    Grace,
    Idle,
    RefreshReply,
    ReuseKillsFamily,
    StateEcho,
    StaysValid,
)

DEAD_BODY = b'{"error":"invalid_grant","error_description":"Refresh token is invalid or malformed"}'


def told(response):
    """Return the members of an answer with status 200."""
    assert response.status == 200
    return json.loads(response.body)


def test_a_refresh_rotates(play):
    """Both tokens are new, and the old access token goes on to its own end."""
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))

    assert len({*first.values(), *second.values()}) == 5
    assert play.info(first["access_token"]).status == play.info(second["access_token"]).status == 200
    assert play.happened(events.TokensRotated) == 1


def test_a_rotated_token_is_dead_by_default(play):
    """A refresh token works once; its return is remembered and costs nobody anything."""
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))
    again = play.refresh(first["refresh_token"])

    assert (again.status, again.body) == (400, DEAD_BODY)
    assert play.happened(events.ReuseDetected) == 1
    assert play.refresh(second["refresh_token"]).status == 200


def test_grace_repeats_the_pair(play):
    """Within its grace an old token brings the same successors, whose life has gone on meanwhile."""
    play.switch(old_refresh=Grace(timedelta(seconds=30)))
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))
    play.clock.move(seconds=30)

    assert {**second, "expires_in": 3570} == told(play.refresh(first["refresh_token"]))
    assert (play.happened(events.PairRepeated), play.happened(events.ReuseDetected)) == (1, 0)


def test_grace_ends(play):
    """Past its grace an old token is dead."""
    play.switch(old_refresh=Grace(timedelta(seconds=30)))
    first = play.connect()
    play.refresh(first["refresh_token"])
    play.clock.move(seconds=31)

    assert play.refresh(first["refresh_token"]).body == DEAD_BODY
    assert play.happened(events.ReuseDetected) == 1


def test_an_old_token_may_stay_valid(play):
    """Under ``stays-valid`` an old token brings yet another pair."""
    play.switch(old_refresh=StaysValid())
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))
    third = told(play.refresh(first["refresh_token"]))

    assert second["refresh_token"] != third["refresh_token"]
    assert play.refresh(second["refresh_token"]).status == play.refresh(third["refresh_token"]).status == 200


def test_reuse_may_kill_the_family(play):
    """Under ``reuse-kills-family`` a replay ends the newest access and refresh tokens too, and no other family's."""
    play.switch(old_refresh=ReuseKillsFamily())
    bystander = play.connect()
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))
    play.refresh(first["refresh_token"])

    assert play.refresh(second["refresh_token"]).body == DEAD_BODY
    assert play.info(second["access_token"]).status == 401
    assert play.info(bystander["access_token"]).status == 200
    assert (play.happened(events.ReuseDetected), play.happened(events.FamilyRevoked)) == (1, 1)


def test_a_refresh_may_name_no_refresh_token(play):
    """Where none is told, the old one goes on working."""
    play.switch(refresh_reply=RefreshReply.OMITS_REFRESH_TOKEN)
    first = play.connect()
    second = told(play.refresh(first["refresh_token"]))

    assert list(second) == ["access_token", "expires_in"]
    assert play.refresh(first["refresh_token"]).status == 200
    assert play.happened(events.AccessRenewed) == 2


@pytest.mark.parametrize(
    ("life", "second", "third"),
    [
        (Idle(timedelta(hours=2)), 200, 200),
        (Absolute(timedelta(hours=2)), 200, 400),
        (Idle(timedelta(hours=1)), 400, 400),
    ],
)
def test_a_refresh_token_grows_old_where_switched(play, life, second, third):
    """An idle life begins anew with each rotation, an absolute one does not."""
    play.switch(refresh_life=life)
    token = play.connect()["refresh_token"]
    play.clock.move(hours=1)
    answer = play.refresh(token)

    assert second == answer.status
    play.clock.move(hours=1)
    assert third == play.refresh(json.loads(answer.body).get("refresh_token", token)).status


@pytest.mark.parametrize(
    "client",
    [{"client_secret": ""}, {"client_id": "", "client_secret": ""}, {"client_secret": "canary-wrong"}],
)
def test_a_refresh_needs_its_client(play, client):
    """Without the right client nothing is rotated."""
    token = play.connect()["refresh_token"]

    assert b"invalid_client" in play.refresh(token, **client).body
    assert play.refresh(token).status == 200


def test_a_refresh_token_belongs_to_its_client(play):
    """Another application cannot use it, however well it proves itself."""
    token = play.connect()["refresh_token"]

    assert play.refresh(token, client_id="other", client_secret="canary-other").body == DEAD_BODY


@pytest.mark.parametrize(
    ("effects", "status"),
    [
        ((Effect.IMMEDIATE,), 401),
        ((Effect.AT_EXPIRY,), 200),
        ((Effect.IMMEDIATE, Effect.AT_EXPIRY), 401),
    ],
)
def test_a_user_can_revoke_an_application(play, effects, status):
    """Revocation stops refreshing at once, and access tokens at once or at their end; it is never undone by a milder one."""
    first = play.connect()
    unused = play.code()
    for effect in effects:
        play.service.order(
            RevokeApplication(username="m4321", client_id=play.client["client_id"], effect=effect, now=play.clock())
        )

    assert play.refresh(first["refresh_token"]).body == DEAD_BODY
    assert play.exchange(unused).status == 400
    assert status == play.info(first["access_token"]).status


def test_revocation_forgets_consent(play):
    """After a revocation the user is asked again."""
    play.switch(consent=Consent.FIRST_TIME)
    play.connect()
    revoke = RevokeApplication(
        username="m4321", client_id=play.client["client_id"], effect=Effect.IMMEDIATE, now=play.clock()
    )
    play.service.order(revoke)
    play.connect()

    assert play.happened(events.ConsentGiven) == 2


def test_revoking_one_application_leaves_another_alone(play):
    """Only the named application's tokens and codes end."""
    first = play.connect()
    play.service.order(
        RevokeApplication(username="m4321", client_id="other", effect=Effect.IMMEDIATE, now=play.clock())
    )

    assert play.refresh(first["refresh_token"]).status == 200


def test_a_refresh_tells_no_state(play):
    """The state is part of the first reply only."""
    play.switch(state_echo=StateEcho.IN_TOKEN_JSON)

    assert "state" not in told(play.refresh(play.connect()["refresh_token"]))
