"""The token endpoint's answers: one verdict for every status, header and byte."""

import json
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.provider import MAILUP, STANDARD, Tolerance
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.answers import read_dated_answer, read_token_answer
from mailup_oauth.domain.wire.grammar import LONGEST_TOKEN
from mailup_oauth.domain.wire.http import Ending, HttpResponse, NotSent, SendingFault, Silence, Unanswered
from mailup_oauth.domain.wire.outcomes import (
    ClientRefused,
    ContractUnsigned,
    Defect,
    Granted,
    GrantRefused,
    KeepOld,
    NeverLeft,
    Note,
    NotUnderstood,
    OutcomeUnknown,
    Salvaged,
    TokenAnswer,
    TooManyRequests,
)
from mailup_oauth.domain.wire.refusals import spoken

HOUR = timedelta(hours=1)
JSON = ("content-type", "application/json")
WAIT = ("retry-after", "7")
MAILUP_BODY = {"access_token": "canary-access", "expires_in": 3600, "refresh_token": "canary-refresh"}
BODY = {**MAILUP_BODY, "token_type": "Bearer"}
NEW = Secret("canary-refresh")
OVER_LIMIT = "Authorization error (too_many_requests): Too many requests. Max:5 calls per second , actual:7."
CONTRACT = "Authorization error: Contract not signed, please login in console and accept terms of service."


def rest(status, description):
    """Build an error body of MailUp's REST family."""
    return {"ErrorCode": str(status), "ErrorDescription": description, "ErrorName": None, "ErrorStack": None}


@pytest.fixture(scope="session")
def granted(marking):
    """Build what a good answer means."""

    def build(*notes, refresh="canary-refresh", life=HOUR):
        replacement = marking(Secret(refresh)) if refresh else KeepOld()
        return Granted(access=marking(Secret("canary-access")), refresh=replacement, life=life, notes=notes)

    return build


@pytest.fixture(scope="session")
def saved(marking):
    """Build what a salvaged answer means."""
    return lambda defect: Salvaged(refresh=marking(NEW), defect=defect)


@pytest.mark.parametrize("fault", SendingFault)
def test_fault_N1_to_N4_what_was_not_sent_never_left(marking, fault):
    """The transport's proof that nothing was sent is handed on under its own name."""
    assert read_token_answer(NotSent(fault), MAILUP, marking) == NeverLeft(fault=fault.value)


@pytest.mark.parametrize(("off", "notes"), [(timedelta(minutes=4), ()), (timedelta(days=9), (Note.CLOCKS_DIFFER,))])
def test_fault_C08_tokens_of_a_server_whose_clock_is_far_off_are_taken_and_noted(answer, marking, granted, off, notes):
    """The server's ``Date`` changes nothing but a note; the life is counted as ever."""
    dated = evolve(answer(BODY), headers=(JSON, ("date", "Sun, 06 Nov 1994 08:49:37 GMT")))
    asked_at = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC) + off

    assert read_dated_answer(dated, MAILUP, marking, asked_at) == granted(*notes)


def test_fault_C08_what_holds_no_tokens_is_not_noted(marking):
    """A refusal, and a request that was not sent, mean the same whatever the clocks show."""
    refused = HttpResponse(status=429, headers=(("date", "Sun, 06 Nov 1994 08:49:37 GMT"), WAIT))
    asked_at = datetime(2026, 1, 1, tzinfo=UTC)

    assert [read_token_answer(one, MAILUP, marking) for one in (refused, NotSent(SendingFault.REFUSED))] == [
        read_dated_answer(one, MAILUP, marking, asked_at) for one in (refused, NotSent(SendingFault.REFUSED))
    ]


@pytest.mark.parametrize("silence", Silence)
def test_fault_N5_to_N9_silence_leaves_the_outcome_unknown(marking, silence):
    """Every silence has a defect of the same name."""
    expected = OutcomeUnknown(defect=Defect[silence.name])

    assert read_token_answer(Unanswered(silence), MAILUP, marking) == expected


def test_mailup_s_documented_answer_is_granted(marking, answer, granted):
    """Three members and no token type are tokens of MailUp, with the assumption noted."""
    assert read_token_answer(answer(MAILUP_BODY), MAILUP, marking) == granted(Note.TOKEN_TYPE_ASSUMED)


def test_a_standard_answer_is_granted(marking, answer, granted):
    """RFC 6749 section 5.1 needs no tolerance and leaves no note."""
    assert read_token_answer(answer(BODY), STANDARD, marking) == granted()


@pytest.mark.parametrize("refresh", [{}, {"refresh_token": None}, {"refresh_token": ""}])
def test_without_a_refresh_token_the_old_one_is_kept(marking, answer, granted, refresh):
    """Absent, null and empty all mean that the server did not rotate."""
    body = {"access_token": "canary-access", "token_type": "bearer", "expires_in": 3600, **refresh}

    assert read_token_answer(answer(body), STANDARD, marking) == granted(refresh="")


@pytest.mark.parametrize(
    ("member", "note"),
    [
        ({}, Note.LIFE_ASSUMED),
        ({"expires_in": None, "expires_at": 1}, Note.LIFE_ASSUMED),
        ({"expires_in": "3600"}, Note.LIFE_AS_TEXT),
        ({"expires_in": 3600, "scope": "all"}, Note.SCOPE_RETURNED),
    ],
)
def test_oddities_of_a_good_answer_are_noted(marking, answer, granted, member, note):
    """An odd life or an unasked scope is used and noted; ``expires_at`` is ignored."""
    body = {"access_token": "canary-access", "refresh_token": "canary-refresh", "token_type": "bearer", **member}

    assert read_token_answer(answer(body), STANDARD, marking) == granted(note)


@given(extra=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-9, 9) | st.text()))
def test_sec_38_unknown_members_are_ignored(marking, answer, granted, extra):
    """Whatever else a server says in a good answer changes nothing."""
    body = {**{f"x-{name}": value for name, value in extra.items()}, **BODY}

    assert read_token_answer(answer(body), STANDARD, marking) == granted()


@pytest.mark.parametrize(
    ("value", "provider", "expected"),
    [
        ("bearer", STANDARD, ()),
        ("BEARER", MAILUP, ()),
        ("mac", STANDARD, Defect.TOKEN_TYPE),
        ("DPoP", MAILUP, Defect.TOKEN_TYPE),
        ("MailUp", MAILUP, Defect.TOKEN_TYPE),
        (["bearer"], MAILUP, Defect.TOKEN_TYPE),
        (False, MAILUP, Defect.TOKEN_TYPE),
        (None, STANDARD, Defect.TOKEN_TYPE),
        ("", STANDARD, Defect.TOKEN_TYPE),
        (None, MAILUP, (Note.TOKEN_TYPE_ASSUMED,)),
        ("", MAILUP, (Note.TOKEN_TYPE_ASSUMED,)),
    ],
)
def test_sec_36_only_bearer_tokens_are_used(marking, answer, value, provider, expected):
    """Case does not matter, absence only where it is not tolerated, and another type is never used."""
    seen = read_token_answer(answer({**BODY, "token_type": value}), provider, marking)

    assert expected == (seen.notes if isinstance(seen, Granted) else seen.defect)


@pytest.mark.parametrize("value", [7, True, [], {}, "canary\n", "canary é", "canary\ud800", "c" * (LONGEST_TOKEN + 1)])
def test_sec_35_a_malformed_access_token_is_not_used(marking, answer, saved, value):
    """Anything but visible ASCII of bounded length is no token; the refresh token beside it is saved."""
    body = {**BODY, "access_token": value}

    assert read_token_answer(answer(body), MAILUP, marking) == saved(Defect.TOKEN_MALFORMED)


@pytest.mark.parametrize("value", [7, True, [], {}, "canary\n", "c" * (LONGEST_TOKEN + 1)])
def test_sec_35_a_malformed_refresh_token_spoils_the_answer(marking, answer, value):
    """A replacement that cannot be used leaves nothing to save."""
    body = {**BODY, "refresh_token": value}

    assert read_token_answer(answer(body), MAILUP, marking) == OutcomeUnknown(defect=Defect.TOKEN_MALFORMED)


@given(
    length=st.sampled_from([1, 128, 4096, LONGEST_TOKEN]), character=st.characters(min_codepoint=32, max_codepoint=126)
)
def test_sec_35_no_other_size_or_alphabet_is_assumed(marking, answer, length, character):
    """Any visible ASCII up to 16 KiB is a token."""
    token = character * length
    seen = read_token_answer(answer({**BODY, "access_token": token}), STANDARD, marking)

    assert isinstance(seen, Granted)
    assert seen.access == marking(Secret(token))


def test_fault_N18_a_wrong_media_type_is_noted_or_salvaged(marking, answer, granted, saved):
    """Good JSON under another name is used where that is tolerated; elsewhere its refresh token is saved."""
    response = answer(BODY, headers=(("content-type", "text/plain"),))

    assert read_token_answer(response, MAILUP, marking) == granted(Note.MEDIA_TYPE_IGNORED)
    assert read_token_answer(response, STANDARD, marking) == saved(Defect.MEDIA_TYPE)


@pytest.mark.parametrize(
    ("body", "defect"),
    [
        (b"<html>maintenance", Defect.NOT_JSON),
        (b"", Defect.NOT_JSON),
        (b"[]", Defect.NOT_AN_OBJECT),
        (b'"x"', Defect.NOT_AN_OBJECT),
        (b"null", Defect.NOT_AN_OBJECT),
        (b"{}", Defect.NOT_A_TOKEN_ANSWER),
        (b'{"access_token":"","expires_in":3600}', Defect.NOT_A_TOKEN_ANSWER),
        (b'{"ErrorCode":"500","ErrorDescription":"x"}', Defect.NOT_A_TOKEN_ANSWER),
    ],
)
@pytest.mark.parametrize("provider", [MAILUP, STANDARD])
def test_fault_N16_and_N19_a_200_without_tokens_is_unknown(marking, answer, provider, body, defect):
    """Maintenance pages and other JSON are never taken for a refusal."""
    assert read_token_answer(answer(body), provider, marking) == OutcomeUnknown(defect=defect)


@pytest.mark.parametrize(
    ("spoiling", "defect"),
    [
        (b'"a":1,"a":2', Defect.REPEATED_MEMBER),
        (b'"a":"\xff"', Defect.NOT_JSON),
        (b'"expires_in":NaN', Defect.NOT_JSON),
        (b'"a":' + b"[" * 20_000 + b"]" * 20_000, Defect.NOT_JSON),
        (b'"expires_in":3600', Defect.ACCESS_TOKEN_MISSING),
        (b'"access_token":null', Defect.ACCESS_TOKEN_MISSING),
        (b'"access_token":[]', Defect.TOKEN_MALFORMED),
        (b'"access_token":"canary-a","token_type":"mac"', Defect.TOKEN_TYPE),
        (b'"error":"invalid_grant"', Defect.ERROR_AND_TOKENS),
    ],
)
def test_fault_N20_and_N21_a_spoilt_answer_is_salvaged(marking, answer, saved, spoiling, defect):
    """Whatever spoils it, on either side of it, the new refresh token is saved and the defect named."""
    before = answer(b"{" + spoiling + b',"refresh_token":"canary-refresh"}')
    behind = answer(b'{"refresh_token":"canary-refresh",' + spoiling + b"}")

    assert read_token_answer(before, MAILUP, marking) == saved(defect)
    assert read_token_answer(behind, MAILUP, marking) == saved(defect)


@pytest.mark.parametrize(
    ("ending", "defect"), [(Ending.CUT, Defect.BODY_CUT), (Ending.TOO_LARGE, Defect.BODY_TOO_LARGE)]
)
def test_fault_N12_and_N23_a_body_that_broke_off_is_salvaged(marking, answer, saved, ending, defect):
    """A body of which not all came gives its whole refresh token, and nothing else."""
    whole = answer(BODY, ending=ending)
    cut = answer(b'{"refresh_token":"canary-ref', ending=ending)

    assert read_token_answer(whole, MAILUP, marking) == saved(defect)
    assert read_token_answer(cut, MAILUP, marking) == OutcomeUnknown(defect=defect)


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_fault_N22_a_packed_body_is_not_unpacked(marking, answer, saved, coding):
    """A body that claims a coding is not read; plain text under a false claim is still salvaged."""
    headers = (JSON, ("content-encoding", coding))

    assert read_token_answer(answer(b"\x1f\x8b\x08", headers=headers), MAILUP, marking) == OutcomeUnknown(
        defect=Defect.BODY_ENCODED
    )
    assert read_token_answer(answer(BODY, headers=headers), MAILUP, marking) == saved(Defect.BODY_ENCODED)
    assert read_token_answer(answer(BODY, 400, headers), MAILUP, marking) == NotUnderstood(status=400)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(500, (WAIT,), 0), (502, (), 0), (503, (WAIT,), 7), (503, (), 0), (504, (WAIT,), 0), (599, (), 0)],
)
def test_fault_N13_and_N14_a_failing_server_leaves_the_outcome_unknown(marking, answer, status, headers, seconds):
    """Whatever a 5xx says, nobody knows whether it obeyed; a 503 may say how long to wait."""
    expected = OutcomeUnknown(defect=Defect.SERVER_ERROR, wait=timedelta(seconds=seconds))

    assert read_token_answer(answer(BODY, status, headers), MAILUP, marking) == expected
    assert read_token_answer(answer(b"<html>", status, headers), STANDARD, marking) == expected


@pytest.mark.parametrize(("headers", "seconds"), [((), 0), ((WAIT,), 7), ((("retry-after", "soon"),), 0)])
def test_fault_N15_a_429_is_a_refusal_for_now(marking, answer, headers, seconds):
    """Too many requests says nothing about the token, with or without Retry-After, whatever the body."""
    expected = TooManyRequests(wait=timedelta(seconds=seconds))

    assert read_token_answer(answer(rest(429, OVER_LIMIT), 429, headers), MAILUP, marking) == expected
    assert read_token_answer(answer(b"", 429, headers), STANDARD, marking) == expected


@pytest.mark.parametrize("status", [400, 403])
def test_fault_N15_mailup_s_older_way_of_saying_too_many(marking, answer, status):
    """A 400 or 403 that speaks of too many requests is a 429, where MailUp's words are understood."""
    response = answer(rest(status, OVER_LIMIT), status, (JSON, WAIT))
    in_oauth_s_words = answer({"error": "too_many_requests"}, status)

    assert read_token_answer(response, MAILUP, marking) == TooManyRequests(wait=timedelta(seconds=7))
    assert read_token_answer(in_oauth_s_words, MAILUP, marking) == TooManyRequests(wait=timedelta())
    assert read_token_answer(response, STANDARD, marking) == NotUnderstood(status=status)


ERRORS = [
    ("invalid_grant", GrantRefused(error="invalid_grant")),
    ("invalid_client", ClientRefused(error="invalid_client")),
    ("unauthorized_client", ClientRefused(error="unauthorized_client")),
    ("invalid_scope", ClientRefused(error="invalid_scope")),
    ("invalid_request", ClientRefused(error="invalid_request")),
    ("unsupported_grant_type", ClientRefused(error="unsupported_grant_type")),
    ("server_error", OutcomeUnknown(defect=Defect.SERVER_ERROR)),
    ("temporarily_unavailable", OutcomeUnknown(defect=Defect.SERVER_ERROR)),
]


@pytest.mark.parametrize(("error", "expected"), ERRORS)
@pytest.mark.parametrize("status", [200, 400, 401, 403])
def test_fault_N17_N26_and_N28_each_known_error_code_has_its_verdict(marking, answer, status, error, expected):
    """The code alone decides, also under a 200 and for any provider, and only invalid_grant speaks of the token."""
    response = answer({"error": error, "error_description": "canary"}, status)

    assert read_token_answer(response, MAILUP, marking) == expected
    assert read_token_answer(response, STANDARD, marking) == expected


@pytest.mark.parametrize(
    "error", ["access_denied", "Invalid_Grant", "canary", "<script>", 7, True, [], {}, ["invalid_grant"]]
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_an_unknown_error_code_is_not_definite(marking, answer, status, error):
    """A code that RFC 6749 section 5.2 does not know costs no token."""
    assert read_token_answer(answer({"error": error}, status), MAILUP, marking) == NotUnderstood(status=status)


def test_sec_39_an_error_with_tokens_is_never_tokens(marking, answer, saved, granted):
    """The refresh token is saved; without one the error counts; null and empty are no error."""
    body = {"access_token": "canary-access", "token_type": "bearer", "expires_in": 3600}

    assert read_token_answer(answer({**BODY, "error": "x"}), STANDARD, marking) == saved(Defect.ERROR_AND_TOKENS)
    assert read_token_answer(answer({**body, "error": "invalid_grant"}), STANDARD, marking) == GrantRefused(
        error="invalid_grant"
    )
    assert read_token_answer(answer({**BODY, "error": None}), STANDARD, marking) == granted()
    assert read_token_answer(answer({**BODY, "error": ""}), STANDARD, marking) == granted()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, rest(400, "Authorization error: Invalid or malformed token"), GrantRefused(error="rest-400")),
        (401, rest(401, "Authorization error: Access Token is expired"), GrantRefused(error="rest-401")),
        (400, {"error_description": "Refresh token is invalid"}, GrantRefused(error="rest-400")),
        (403, rest(403, "Authorization error: token"), NotUnderstood(status=403)),
        (404, rest(404, "no token here"), NotUnderstood(status=404)),
        (400, rest(400, "Bad parameters"), NotUnderstood(status=400)),
        (400, rest(400, ["token"]), NotUnderstood(status=400)),
        (400, b"", NotUnderstood(status=400)),
        (403, rest(403, CONTRACT), ContractUnsigned()),
        (403, {"error": "access_denied", "error_description": "The contract is not signed"}, ContractUnsigned()),
        (400, rest(400, CONTRACT), NotUnderstood(status=400)),
    ],
)
def test_fault_N29_mailup_s_other_family_at_the_token_endpoint(marking, answer, status, body, expected):
    """A description that names the token is definite, the contract is the user's business, the rest is unread."""
    assert read_token_answer(answer(body, status), MAILUP, marking) == expected


@pytest.mark.parametrize("description", ["Invalid or malformed token", CONTRACT])
@pytest.mark.parametrize("status", [400, 403])
def test_fault_N29_the_other_family_is_not_understood_elsewhere(marking, answer, status, description):
    """Without the named tolerance, MailUp's words mean nothing."""
    response = answer(rest(status, description), status)

    assert read_token_answer(response, STANDARD, marking) == NotUnderstood(status=status)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 451, 499])
@pytest.mark.parametrize("body", [b"", b"<html>Request blocked: token</html>", b"[]", b'{"error":"invalid_grant"'])
def test_fault_N30_an_unreadable_refusal_costs_no_token(marking, answer, status, body):
    """A firewall's page or half a body under a 4xx is not definite."""
    assert read_token_answer(answer(body, status), MAILUP, marking) == NotUnderstood(status=status)


def test_fault_N30_a_refusal_under_another_media_type_is_read_only_where_tolerated(marking, answer):
    """The tolerance for media types holds for refusals too, and no other one does."""
    response = answer({"error": "invalid_grant"}, 400, (("content-type", "text/html"),))

    assert read_token_answer(response, MAILUP, marking) == GrantRefused(error="invalid_grant")
    assert read_token_answer(response, STANDARD, marking) == NotUnderstood(status=400)


@pytest.mark.parametrize("status", [300, 301, 303, 304, 307, 308, 399])
def test_fault_N24_a_redirect_leaves_the_outcome_unknown(marking, answer, status):
    """A redirect is neither followed nor read."""
    headers = (JSON, ("location", "https://elsewhere.example/"))

    assert read_token_answer(answer(BODY, status, headers), MAILUP, marking) == OutcomeUnknown(defect=Defect.REDIRECTED)


def test_fault_N25_a_302_with_whole_tokens_counts_where_tolerated(marking, answer, granted, saved):
    """MailUp's page allows it, so its value does; any other server's refresh token is saved."""
    provider = evolve(STANDARD, tolerances=frozenset({Tolerance.TOKENS_WITH_302}))

    assert read_token_answer(answer(BODY, 302), provider, marking) == granted(Note.TOKENS_WITH_302)
    assert read_token_answer(answer(BODY, 302), STANDARD, marking) == saved(Defect.REDIRECTED)
    assert read_token_answer(answer(MAILUP_BODY, 302), provider, marking) == saved(Defect.REDIRECTED)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error":"invalid_grant"}', b'{"refresh_token":"canary-ref'])
@pytest.mark.parametrize("provider", [MAILUP, STANDARD])
def test_fault_N24_a_302_without_whole_tokens_is_a_redirect(marking, answer, provider, body):
    """Without tokens it is a redirect like any other, even if it speaks of an error."""
    assert read_token_answer(answer(body, 302), provider, marking) == OutcomeUnknown(defect=Defect.REDIRECTED)


@pytest.mark.parametrize("status", [201, 202, 204, 206, 299])
def test_sec_33_only_200_is_success(marking, answer, saved, status):
    """Another 2xx gives its refresh token at most."""
    assert read_token_answer(answer(BODY, status), MAILUP, marking) == saved(Defect.NOT_A_TOKEN_ANSWER)
    assert read_token_answer(answer(b"", status), MAILUP, marking) == OutcomeUnknown(defect=Defect.NOT_A_TOKEN_ANSWER)


@pytest.mark.parametrize(
    ("status", "defect"),
    [
        (100, Defect.INFORMATIONAL),
        (103, Defect.INFORMATIONAL),
        (0, Defect.NOT_A_TOKEN_ANSWER),
        (-200, Defect.NOT_A_TOKEN_ANSWER),
        (600, Defect.NOT_A_TOKEN_ANSWER),
        (999, Defect.NOT_A_TOKEN_ANSWER),
    ],
)
def test_fault_N31_other_statuses_answer_nothing(marking, answer, status, defect):
    """An interim answer or a number that is no status leaves the outcome unknown."""
    assert read_token_answer(answer(BODY, status), MAILUP, marking) == OutcomeUnknown(defect=defect)


TEXTS = (
    st.sampled_from(["invalid_grant", "x", OVER_LIMIT, CONTRACT, "a token", "bearer", "3600", "", "\ud800"]) | st.text()
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
NAMES = st.sampled_from(
    [
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "scope",
        "error",
        "error_description",
        "ErrorDescription",
    ]
)
OBJECTS = st.dictionaries(NAMES, SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(NAMES, SCALARS, max_size=2))
BODIES = (
    st.binary()
    | OBJECTS.map(lambda members: json.dumps(members).encode())
    | SCALARS.map(lambda it: json.dumps(it).encode())
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["content-type", "content-encoding", "retry-after", "date"]) | st.text(), st.text() | TEXTS
    )
).map(tuple)
STATUSES = st.sampled_from([200, 200, 201, 302, 400, 401, 403, 429, 503]) | st.integers(-10, 1000)
RESPONSES = st.builds(HttpResponse, status=STATUSES, headers=HEADERS, body=BODIES, ending=st.sampled_from(Ending))


@given(response=RESPONSES, cut=st.integers(0, 200), provider=st.sampled_from([MAILUP, STANDARD]))
def test_sec_34_every_response_has_a_verdict(marking, response, cut, provider):
    """Any status, headers, bytes and ending give one of the closed set; nothing is raised."""
    broken = evolve(response, body=response.body[:cut])

    assert isinstance(read_token_answer(response, provider, marking), get_args(TokenAnswer))
    assert isinstance(read_token_answer(broken, provider, marking), get_args(TokenAnswer))


@given(members=OBJECTS, status=STATUSES, provider=st.sampled_from([MAILUP, STANDARD]))
def test_no_new_refresh_token_is_ever_lost(marking, answer, members, status, provider):
    """Whatever else a 2xx or 302 body says, its usable refresh token comes out."""
    response = answer({**members, "refresh_token": "canary-refresh"}, 200 if status < 300 else 302)
    seen = read_token_answer(response, provider, marking)

    assert seen.refresh == marking(NEW)


@given(response=RESPONSES)
def test_no_verdict_shows_a_token(marking, response):
    """What is printed of a verdict holds nothing of the answer's body."""
    secret = evolve(response, body=json.dumps({**BODY, "error_description": "canary", "scope": "canary"}).encode())

    assert "canary" not in repr(read_token_answer(secret, MAILUP, marking))


def test_what_a_refusal_says_in_words_is_one_text():
    """OAuth's words and those of the REST family are read together, each apart from the next, in lower case."""
    members = {"error": "Invalid_Grant", "error_description": 7, "ErrorDescription": "The Token"}

    assert spoken(members) == "invalid_grant the token"
