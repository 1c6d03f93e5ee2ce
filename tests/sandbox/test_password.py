"""The password grant: real at MailUp, and by far the most used in public code."""

import json
from base64 import b64encode

import pytest

from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.commands import Effect, RevokeApplication
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.router import TOKEN_PATH
from mailup_oauth.sandbox.switches import PasswordGrant

USER = {"grant_type": "password", "username": "m4321", "password": "canary-password"}
NO_CLIENT = {"client_id": "", "client_secret": ""}


def basic(client):
    """Return the Basic header of a client."""
    pair = f"{client['client_id']}:{client['client_secret']}"
    return (("Authorization", f"Basic {b64encode(pair.encode()).decode()}"),)


def test_a_password_brings_the_three_keys(play):
    """A user name and its password bring the same reply as a code, and the tokens act for that user."""
    told = json.loads(play.token(**USER, **play.client).body)

    assert ["access_token", "expires_in", "refresh_token"] == list(told)
    assert json.loads(play.info(told["access_token"]).body)["Username"] == "m4321"
    assert play.refresh(told["refresh_token"]).status == 200
    assert play.happened(events.TokensIssued) == 1


def test_the_client_may_be_anywhere(play):
    """The client proves itself in the body, in the query, by Basic, or by both."""
    both, header = {**USER, **play.client}, basic(play.client)
    query = "&".join(f"{name}={value}" for name, value in both.items())
    alone = Request(method="POST", path=TOKEN_PATH, query=query)
    answers = (
        play.token(**both),
        play.token(headers=header, **USER),
        play.token(headers=header, **both),
        play.service.handle(alone),
    )

    assert [200] * 4 == [answer.status for answer in answers]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"password": "canary-wrong"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"client_secret": "canary-wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        (NO_CLIENT, "invalid_client"),
        ({"password": ""}, "invalid_request"),
        ({"username": ""}, "invalid_request"),
    ],
)
def test_whatever_is_wrong_has_its_own_error(play, wrong, error):
    """Client, user and form are told apart, and none of them is told tokens."""
    answer = play.token(**{**USER, **play.client, **wrong})

    assert (400, error) == (answer.status, json.loads(answer.body)["error"])
    assert play.happened(events.TokensIssued) == 0


def test_the_grant_can_be_switched_off(play):
    """Under ``off`` the grant is one that the server does not know."""
    answer = play.switch(password_grant=PasswordGrant.OFF).token(**USER, **play.client)

    assert (400, b"unsupported_grant_type" in answer.body) == (answer.status, True)


def test_a_revocation_ends_these_tokens_too(play):
    """What a password brought belongs to the application, and ends with its permission."""
    told = json.loads(play.token(**USER, **play.client).body)
    play.service.order(
        RevokeApplication(
            username="m4321", client_id=play.client["client_id"], effect=Effect.IMMEDIATE, now=play.clock()
        )
    )

    assert play.info(told["access_token"]).status == 401
