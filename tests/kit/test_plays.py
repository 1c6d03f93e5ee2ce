"""Each scenario leads to what its name says, for the client and for an application's own calls."""

import httpx
import pytest

from mailup_oauth.domain.errors import MailUpOAuthError
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH
from mailup_oauth.testing.happenings import Happenings
from mailup_oauth.testing.plays import PLAYS
from mailup_oauth.testing.stage import CLIENT_ID, CLIENT_SECRET, CONNECTION, PASSWORD, Stage

TOKEN = f"https://services.mailup.com{TOKEN_PATH}"
REFRESHED = ["AccessTokenExpired", "RefreshStarted", "TokensRefreshed"]
UNANSWERED = ["AccessTokenExpired", "RefreshStarted", "RefreshOutcomeUnknown", "RefreshStarted"]

WAYS = {
    "connected": ("token", [], []),
    "expired": ("token", REFRESHED, ["TokensRotated"]),
    "rotation_race": ("token", REFRESHED, ["TokensRotated"]),
    "lost_answer": (
        "rotation-outcome-lost",
        [*UNANSWERED, "GrantDied"],
        ["FaultMet", "TokensRotated", "ReuseDetected"],
    ),
    "lost_answer_with_grace": (
        "token",
        [*UNANSWERED, "TokensRefreshed"],
        ["FaultMet", "TokensRotated", "PairRepeated"],
    ),
    "lost_request": ("token", [*UNANSWERED, "TokensRefreshed"], ["FaultMet", "TokensRotated"]),
    "late_answer": (
        "rotation-outcome-lost",
        [*UNANSWERED, "GrantDied"],
        ["FaultMet", "TokensRotated", "ReuseDetected"],
    ),
    "rate_limited": ("rate-limited", ["AccessTokenExpired", "RefreshStarted", "RefreshDeferred"], ["FaultMet"]),
    "api_rate_limited": ("token", [], []),
    "unavailable": ("token", [*UNANSWERED, "TokensRefreshed"], ["FaultMet", "TokensRotated"]),
    "unsigned_contract": ("token", [], []),
    "revoked": ("token", [], []),
}
"""What a client gets that asks for a token; what its journal tells; what happens at MailUp."""

ANSWERS = {"connected": 200, "api_rate_limited": 429, "unsigned_contract": 403, "revoked": "refresh-token-refused"}
"""What the API answers under the scenarios that have to do with it, or why nothing was sent in the end."""


@pytest.fixture
def played():
    """Play a scenario on a new stage, and listen from there."""

    def play(name):
        stage = Stage()
        stage.connect()
        PLAYS[name](stage)
        return stage, Happenings(stage)

    return play


def came_of(deed):
    """Return what a deed comes to, or the word for why it does not."""
    try:
        return deed()
    except MailUpOAuthError as error:
        return str(getattr(getattr(error, "reason", None), "value", "") or getattr(error, "cause", ""))


def test_every_scenario_has_its_row():
    """No scenario is without a claim."""

    assert PLAYS.keys() == WAYS.keys()


@pytest.mark.parametrize("name", PLAYS)
def test_a_token_is_had_or_not(played, name):
    """A client that asks for a token meets what lies ahead."""
    stage, happened = played(name)
    came = came_of(lambda: stage.oauth.access_token(CONNECTION) and "token")

    assert WAYS[name] == (came, happened.journal(), happened.mailup())


@pytest.mark.parametrize("name", ANSWERS)
def test_the_api_answers_or_not(played, name):
    """An application that calls the API meets what lies ahead."""
    stage, _ = played(name)
    with httpx.Client(transport=stage.network, auth=stage.oauth.auth(CONNECTION)) as api:
        came = came_of(lambda: api.get(f"https://services.mailup.com{INFO_PATH}").status_code)

    assert ANSWERS[name] == came


def test_a_race_has_no_second_winner(played):
    """Under the race, a program that sends a refresh token twice has lost the authorization, new tokens and all."""
    stage, happened = played("rotation_race")
    keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET.reveal()}
    user = {"grant_type": "password", "username": "m1", "password": PASSWORD.reveal()}
    with httpx.Client(transport=stage.network) as program:
        first = program.post(TOKEN, data={**keys, **user}).json()
        refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        answers = [program.post(TOKEN, data={**keys, **refresh}).status_code for _ in range(2)]

    assert [200, 400] == answers
    assert ["TokensIssued", "TokensRotated", "ReuseDetected", "FamilyRevoked"] == happened.mailup()
