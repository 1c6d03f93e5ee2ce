"""The token endpoint: codes, clients, replies and refusals."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256

import pytest

from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.router import LARGEST_BODY, TOKEN_PATH
from mailup_oauth.sandbox.switches import (
    CodeAuth,
    ExpiresInType,
    InvalidClientStatus,
    Pkce,
    RedirectCheck,
    StateEcho,
    TokenErrorShape,
    TokenType,
)

NO_CLIENT = {"client_id": "", "client_secret": ""}
INVALID_GRANT_BODY = b'{"error":"invalid_grant","error_description":"Authorization code is invalid or expired"}'


def basic(name, secret):
    """Return a Basic header."""
    return (("Authorization", "Basic " + b64encode(f"{name}:{secret}".encode()).decode()),)


def test_a_code_brings_exactly_three_keys_in_order(play):
    """The reply is compact JSON: two tokens of 64 pairs and an integer between them."""
    answer = play.exchange(play.code())
    token = "((?:[0-4][0-9A-Za-z]){64})"

    assert re.fullmatch(
        rf'{{"access_token":"{token}","expires_in":3600,"refresh_token":"{token}"}}', answer.body.decode()
    )
    assert dict(answer.headers)["content-type"] == "application/json; charset=utf-8"


def test_a_code_may_come_alone_by_get(play):
    """The official samples' way works: GET, a query, no client."""
    answer = play.get(TOKEN_PATH, f"code={play.code()}&grant_type=authorization_code")

    assert answer.status == 200


def test_a_body_wins_over_the_query(play):
    """A parameter in both places counts as in the body; one in the query only counts too."""
    code = play.code()
    answer = play.token(
        query=f"grant_type=authorization_code&code=wrong&client_id={play.client['client_id']}", code=code
    )

    assert answer.status == 200


def test_a_body_that_is_no_form_is_not_read(play):
    """JSON is not what this endpoint speaks."""
    body = json.dumps({"grant_type": "authorization_code"}).encode()
    request = Request(method="POST", path=TOKEN_PATH, headers=(("content-type", "application/json"),), body=body)

    assert b"invalid_request" in play.service.handle(request).body


def test_a_client_may_prove_itself_by_basic(play):
    """Basic works, form-decoded, and in any case of its name."""
    name, secret = play.client.values()
    headers = basic(name, secret.replace("-", "%2D"))

    assert play.token(headers=headers, grant_type="authorization_code", code=play.code()).status == 200


@pytest.mark.parametrize("header", ["Basic !", "Basic é", "Basic bm9jb2xvbg==", "Bearer old", "bm9ib2R5"])
def test_a_header_that_proves_nothing_harms_nothing(play, header):
    """What cannot be read as Basic is as good as nothing: the code alone is enough."""
    answer = play.token(headers=(("authorization", header),), grant_type="authorization_code", code=play.code())

    assert answer.status == 200


@pytest.mark.parametrize(
    ("client", "status"),
    [
        ({"client_secret": ""}, 200),
        ({"client_id": "nobody", "client_secret": ""}, 400),
        ({"client_id": "other", "client_secret": ""}, 400),
        ({"client_id": "other", "client_secret": "canary-other"}, 400),
        ({"client_id": "nobody"}, 400),
        ({"client_secret": "canary-wrong"}, 400),
    ],
)
def test_a_code_is_bound_to_its_client(play, client, status):
    """A client that is named must be the code's; one that shows a secret must show the right one."""
    assert status == play.exchange(play.code(), **client).status


@pytest.mark.parametrize("client", [NO_CLIENT, {"client_secret": ""}])
def test_a_code_needs_its_client_where_switched(play, client):
    """Under ``required`` a code alone is refused, and the code is not spent by it."""
    play.switch(code_auth=CodeAuth.REQUIRED)
    code = play.code()

    assert b"invalid_client" in play.exchange(code, **client).body
    assert play.exchange(code).status == 200


def test_a_code_works_once(play):
    """The second exchange is refused and remembered as a replay."""
    code = play.code()
    play.exchange(code)
    second = play.exchange(code)

    assert (second.status, second.body) == (400, INVALID_GRANT_BODY)
    assert play.happened(events.CodeReplayed) == 1


def test_a_code_that_nobody_has_is_refused(play):
    """A guess is worth nothing."""
    assert play.exchange("guess").body == INVALID_GRANT_BODY


@pytest.mark.parametrize(("waited", "status"), [(59, 200), (60, 400)])
def test_a_code_lives_a_minute(play, waited, status):
    """A code is good until the sixtieth second, which is too late."""
    code = play.code()
    play.clock.move(seconds=waited)

    assert status == play.exchange(code).status


@pytest.mark.parametrize(("sent", "status"), [("https://app.example/mailup/callback", 200), ("", 400), ("other", 400)])
def test_the_address_is_compared_at_the_token_where_switched(play, sent, status):
    """Under ``at-token`` the redirect URI must come again."""
    play.switch(redirect_check=RedirectCheck.AT_TOKEN)

    assert status == play.exchange(play.code(), redirect_uri=sent).status


S256 = urlsafe_b64encode(sha256(b"canary-verifier").digest()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("method", "challenge", "verifier", "status"),
    [
        ("S256", S256, "canary-verifier", 200),
        ("S256", S256, "canary-wrong", 400),
        ("plain", "canary-verifier", "canary-verifier", 200),
        ("", "canary-verifier", "", 400),
        ("S256", "", "", 200),
    ],
)
def test_a_challenge_is_checked_where_switched(play, method, challenge, verifier, status):
    """Under ``checked`` a code that began with a challenge ends with its verifier."""
    play.switch(pkce=Pkce.CHECKED)
    code = play.code(code_challenge=challenge, code_challenge_method=method)

    assert status == play.exchange(code, code_verifier=verifier).status


def test_a_challenge_is_ignored_by_default(play):
    """MailUp has never heard of PKCE."""
    code = play.code(code_challenge=S256, code_challenge_method="S256")

    assert play.exchange(code, code_verifier="canary-wrong").status == 200


@pytest.mark.parametrize(
    ("habit", "expected"),
    [
        ({"expires_in_type": ExpiresInType.STRING}, {"expires_in": "3600"}),
        ({"access_life": timedelta(minutes=15)}, {"expires_in": 900}),
        ({"token_type": TokenType.MAILUP}, {"expires_in": 3600, "token_type": "MailUp"}),
        ({"state_echo": StateEcho.IN_TOKEN_JSON}, {"expires_in": 3600, "state": "canary-state"}),
        ({"expires_in_type": ExpiresInType.MISSING}, {}),
    ],
)
def test_a_reply_follows_the_switches(play, habit, expected):
    """Each habit changes its own member of the reply and no other."""
    told = play.switch(**habit).connect()

    assert expected == {name: value for name, value in told.items() if name not in {"access_token", "refresh_token"}}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_client"),
    ],
)
def test_a_wrong_question_has_its_own_error(play, form, error):
    """Each wrong question is told apart, with status 400."""
    answer = play.token(**form)

    assert (400, error) == (answer.status, json.loads(answer.body)["error"])


WRONG_CLIENT = b'{"error":"invalid_client","error_description":"Client credentials are invalid"}'
REST_GRANT = (
    b'{"ErrorCode":"400","ErrorDescription":"Authorization error: Invalid or malformed token",'
    b'"ErrorName":"BadRequest","ErrorStack":null}'
)
REST_CLIENT = (
    b'{"ErrorCode":"401","ErrorDescription":"Authorization error: Client credentials are invalid",'
    b'"ErrorName":"Unauthorized","ErrorStack":null}'
)


@pytest.mark.parametrize(
    ("shape", "secret", "status", "body"),
    [
        (TokenErrorShape.OAUTH, "canary-wrong", 401, WRONG_CLIENT),
        (TokenErrorShape.OK_WITH_ERROR, "canary-wrong", 200, WRONG_CLIENT),
        (TokenErrorShape.REST, "canary-wrong", 401, REST_CLIENT),
        (TokenErrorShape.REST, "canary-client-secret", 400, REST_GRANT),
    ],
)
def test_a_refusal_wears_the_clothes_that_are_switched_on(play, shape, secret, status, body):
    """The four shapes differ in status and bytes, not in meaning."""
    play.switch(token_error_shape=shape, invalid_client_status=InvalidClientStatus.UNAUTHORIZED)
    answer = play.refresh("guess", client_secret=secret)

    assert (status, body) == (answer.status, answer.body)


def test_a_refusal_may_be_a_page(play):
    """Under ``html`` nothing machine-readable is left but the status."""
    answer = play.switch(token_error_shape=TokenErrorShape.HTML).refresh("guess")

    assert (answer.status, dict(answer.headers)["content-type"]) == (400, "text/html; charset=utf-8")


def test_a_huge_request_is_not_read(play):
    """More than 64 KiB are refused with 413."""
    answer = play.service.handle(Request(method="POST", path=TOKEN_PATH, body=b"a" * (LARGEST_BODY + 1)))

    assert answer.status == 413
