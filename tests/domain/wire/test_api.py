"""What the API's answers say about the token, and who the user is."""

import json
from typing import get_args

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.wire.api import LONGEST_UID, LONGEST_USERNAME, read_api_verdict, read_identity
from mailup_oauth.domain.wire.http import Ending, HttpResponse, NotSent, SendingFault, Silence, Unanswered
from mailup_oauth.domain.wire.outcomes import ApiVerdict, ContractUnsigned, IdentityAnswer, User, UserUnknown

INFO = {"AccountName": "", "Company": "Example Srl", "IsTrial": False, "UID": "321", "Username": "m4321"}
OVER_LIMIT = "Authorization error (too_many_requests): Too many requests. Max:5 calls per second , actual:7."
CONTRACT = "Authorization error: Contract not signed, please login in console and accept terms of service."
EXPIRED = "Authorization error: Access token is expired"


def rest(description):
    """Build a body of MailUp's REST errors."""
    return json.dumps({"ErrorCode": "x", "ErrorDescription": description, "ErrorName": None}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"", ApiVerdict.ACCEPTED),
        (204, rest(EXPIRED), ApiVerdict.ACCEPTED),
        (401, rest(EXPIRED), ApiVerdict.TOKEN_REJECTED),
        (401, b"<html>", ApiVerdict.TOKEN_REJECTED),
        (400, rest("Authorization error: Invalid or malformed Token"), ApiVerdict.TOKEN_REJECTED),
        (400, rest("Missing parameter"), ApiVerdict.OTHER),
        (400, b"token", ApiVerdict.OTHER),
        (400, rest(OVER_LIMIT), ApiVerdict.TOO_MANY_REQUESTS),
        (403, rest(EXPIRED), ApiVerdict.OTHER),
        (403, b"", ApiVerdict.OTHER),
        (403, rest(CONTRACT), ApiVerdict.CONTRACT_UNSIGNED),
        (403, rest("Too Many Requests"), ApiVerdict.TOO_MANY_REQUESTS),
        (429, b"", ApiVerdict.TOO_MANY_REQUESTS),
        (404, rest(EXPIRED), ApiVerdict.OTHER),
        (302, b"", ApiVerdict.OTHER),
        (500, rest(EXPIRED), ApiVerdict.OTHER),
        (0, b"", ApiVerdict.OTHER),
    ],
)
def test_each_answer_of_the_api_has_a_verdict(status, body, expected):
    """The catalogue of mailup-wire.md section 12; a 403 never blames the token."""
    assert read_api_verdict(status, (), body) is expected


@pytest.mark.parametrize(("status", "expected"), [(400, ApiVerdict.TOKEN_REJECTED), (403, ApiVerdict.OTHER)])
def test_a_challenge_may_blame_the_token_of_a_400(status, expected):
    """RFC 6750's own word for it counts, but not with a 403."""
    assert read_api_verdict(status, (("www-authenticate", 'Bearer error="invalid_token"'),), b"") is expected


@given(
    status=st.sampled_from([400, 401, 403, 429]) | st.integers(),
    headers=st.lists(st.tuples(st.text(), st.text())).map(tuple),
    body=st.binary() | st.text().map(rest),
)
def test_every_answer_of_the_api_has_a_verdict(status, headers, body):
    """Any status, headers and bytes give one of the closed set; nothing is raised."""
    assert isinstance(read_api_verdict(status, headers, body), ApiVerdict)


@pytest.mark.parametrize(
    ("uid", "username"), [("321", "m4321"), (321, "Zoë Ünal"), ("0" * LONGEST_UID, "m" * LONGEST_USERNAME), (0, "m")]
)
def test_a_user_has_digits_and_a_name(answer, uid, username):
    """UID and Username are taken; a UID that comes as a number counts as its digits."""
    seen = read_identity(answer({**INFO, "UID": uid, "Username": username}), MAILUP)

    assert seen == User(uid=str(uid), username=username)


@pytest.mark.parametrize("uid", [None, "", "-1", -1, 1.0, True, "²", "٣", "12a", [], "1" * (LONGEST_UID + 1), 10**30])
def test_a_strange_uid_is_no_user(answer, uid):
    """What two authorizations are compared by must be plain digits."""
    assert read_identity(answer({**INFO, "UID": uid}), MAILUP) == UserUnknown(why="uid-malformed")


@pytest.mark.parametrize("username", [None, "", 7, [], "m\n1", "m\x1b[31m", "\ud800", "m" * (LONGEST_USERNAME + 1)])
def test_a_strange_username_is_no_user(answer, username):
    """What people are shown must be short and printable."""
    assert read_identity(answer({**INFO, "Username": username}), MAILUP) == UserUnknown(why="username-malformed")


@pytest.mark.parametrize(
    ("exchange", "why"),
    [
        (NotSent(SendingFault.REFUSED), "connection-refused"),
        (Unanswered(Silence.TIMEOUT), "timeout"),
        (HttpResponse(status=200, body=b"<html>"), "not-json"),
        (HttpResponse(status=200, body=b"[]"), "not-an-object"),
        (HttpResponse(status=200, body=b"{}", ending=Ending.CUT), "body-cut"),
        (HttpResponse(status=200, body=b"{}", headers=(("content-encoding", "gzip"),)), "body-encoded"),
        (HttpResponse(status=401, body=rest(EXPIRED)), "status-401"),
        (HttpResponse(status=403, body=rest("no")), "status-403"),
        (HttpResponse(status=403, body=b"<html>"), "status-403"),
        (HttpResponse(status=302, body=json.dumps(INFO).encode()), "status-302"),
    ],
)
def test_no_user_has_a_reason(exchange, why):
    """Why the user is unknown is a short word for the journal, without the answer's own words."""
    assert read_identity(exchange, MAILUP) == UserUnknown(why=why)


def test_an_unsigned_contract_is_told_where_mailup_s_words_are_understood(answer):
    """The terms are the user's business, so they are told apart from all other refusals."""
    response = answer(rest(CONTRACT), 403)

    assert read_identity(response, MAILUP) == ContractUnsigned()
    assert read_identity(response, STANDARD) == UserUnknown(why="status-403")


def test_the_identity_keeps_to_the_media_type_unless_tolerated(answer):
    """JSON under another name is read for MailUp only."""
    response = evolve(answer(INFO), headers=())

    assert read_identity(response, MAILUP) == User(uid="321", username="m4321")
    assert read_identity(response, STANDARD) == UserUnknown(why="media-type")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=1)


@given(
    status=st.sampled_from([200, 403]) | st.integers(-9, 999),
    body=st.binary() | st.builds(lambda uid, name: json.dumps({"UID": uid, "Username": name}).encode(), VALUES, VALUES),
    provider=st.sampled_from([MAILUP, STANDARD]),
)
def test_every_identity_page_has_a_meaning(answer, status, body, provider):
    """Any status and bytes give one of the closed set; nothing is raised."""
    assert isinstance(read_identity(answer(body, status), provider), get_args(IdentityAnswer))
