"""Answers of the token endpoint: what is saved, what is believed, what ends a connection (security.md 37 to 43)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs
import pytest

from mailup_oauth import (
    MAILUP,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    MailUpOAuth,
    ReauthorizationRequired,
    TemporarilyUnavailable,
)
from mailup_oauth.domain.wire.http import Ending, HttpResponse, NotSent, SendingFault
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.events import ReuseDetected, TokensRotated
from mailup_oauth.testing.stage import CONNECTION

JSON = (("content-type", "application/json"),)
NEW = "canary-new-refresh-token"
TOKENS = {"access_token": "canary-new", "token_type": "bearer", "expires_in": 3600, "refresh_token": NEW}
LOST = NotSent(SendingFault.REFUSED)
LONG = timedelta(minutes=16)
"""Longer than any wait of the library."""


def answer(members=None, *, status=200, headers=JSON, body=None, ending=Ending.WHOLE):
    """Return an answer of the token endpoint."""
    octets = json.dumps({**TOKENS, **(members or {})}).encode() if body is None else body
    return HttpResponse(status=status, headers=headers, body=octets, ending=ending)


SPOILT = {
    "another token type": answer({"token_type": "mac"}),
    "no access token": answer({"access_token": None}),
    "a malformed access token": answer({"access_token": "caf\u00e9"}),
    "an error beside the tokens": answer({"error": "server_error"}),
    "another status": answer(status=201),
    "another media type": answer(headers=(("content-type", "text/html"),)),
    "packed, it says": answer(headers=(*JSON, ("content-encoding", "gzip"))),
    "a member said twice": answer(body=json.dumps(TOKENS).encode()[:-1] + b', "expires_in": 1}'),
    "broken UTF-8 behind it": answer(body=json.dumps(TOKENS).encode()[:-1] + b', "x": "\xff"}'),
    "cut off behind it": answer(body=json.dumps(TOKENS).encode()[:-1], ending=Ending.CUT),
    "too large": answer(body=json.dumps(TOKENS).encode() + b" " * 65536, ending=Ending.TOO_LARGE),
    "a redirect": answer({"access_token": None}, status=302),
}
"""Answers that cannot be used, each with a whole new refresh token in it."""


@pytest.fixture
def strict(stage, wire, dice):
    """A client of a server whose habits nobody puts up with."""
    stage.provider = attrs.evolve(MAILUP, tolerances=frozenset())
    return stage.client(MailUpOAuth, transport=wire, entropy=dice)


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_sec_37_a_new_refresh_token_is_saved_before_its_answer_is_judged(stage, wire, strict, vault, spoilt):
    """The answer of a refresh is refused in a typed error, and what the store holds is the token that was in it."""
    wire.script.extend([spoilt, LOST])
    with pytest.raises(TemporarilyUnavailable) as caught:
        strict.access_token(CONNECTION)

    assert {NEW} == vault()
    assert caught.value.remedy in str(caught.value)
    stage.clock.move(LONG)
    wire.script.append(answer({"refresh_token": "canary-newer"}))
    assert "canary-new" == strict.access_token(CONNECTION).value.reveal()
    assert [NEW, NEW] == [form["refresh_token"] for form in wire.forms[-2:]]


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_sec_37_the_first_refresh_token_is_saved_too(wire, strict, returning, vault, spoilt):
    """An answer to a code that cannot be used connects the user all the same, by the refresh token in it."""
    wire.script.extend([spoilt, answer({"refresh_token": "canary-newer"})])
    returning(strict)(strict)
    saved = vault()
    token = strict.access_token(CONNECTION)

    assert {NEW} == saved
    assert [NEW] == [form["refresh_token"] for form in wire.forms[1:]]
    assert {"canary-new", "canary-newer"} == vault()
    assert "canary-new" == token.value.reveal()


def oauth_error(word, status=400):
    """Return a refusal in OAuth's words."""
    return HttpResponse(status=status, headers=JSON, body=json.dumps({"error": word}).encode())


def rest_error(status, words):
    """Return a refusal in the words of MailUp's REST services."""
    body = json.dumps({"ErrorCode": str(status), "ErrorDescription": words}).encode()
    return HttpResponse(status=status, headers=JSON, body=body)


FORGIVING = {
    "invalid_client": (oauth_error("invalid_client"), ClientRejected),
    "invalid_client with 401": (oauth_error("invalid_client", 401), ClientRejected),
    "unauthorized_client": (oauth_error("unauthorized_client"), ClientRejected),
    "invalid_scope": (oauth_error("invalid_scope"), ClientRejected),
    "invalid_request": (oauth_error("invalid_request"), ClientRejected),
    "unsupported_grant_type": (oauth_error("unsupported_grant_type"), ClientRejected),
    "an unknown word": (oauth_error("access_denied"), TemporarilyUnavailable),
    "no word": (HttpResponse(status=400), TemporarilyUnavailable),
    "a page": (
        HttpResponse(status=403, headers=(("content-type", "text/html"),), body=b"<h1>No</h1>"),
        TemporarilyUnavailable,
    ),
    "not found": (HttpResponse(status=404), TemporarilyUnavailable),
    "not allowed": (HttpResponse(status=405), TemporarilyUnavailable),
    "censored": (HttpResponse(status=451), TemporarilyUnavailable),
    "the contract": (rest_error(403, "The contract is not signed"), ContractNotSigned),
    "too fast": (rest_error(403, "Too many requests"), TemporarilyUnavailable),
    "something of MailUp's": (rest_error(400, "Something went wrong"), TemporarilyUnavailable),
}
"""Refusals that say nothing definite about the refresh token, and the errors that they come to."""


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("case", FORGIVING.values(), ids=FORGIVING)
def test_sec_40_what_is_not_about_the_token_costs_none(stage, oauth, wire, vault, case):
    """The error says what to mend, the token stays in the store, and once that is mended it works."""
    (refusal, kind), held = case, vault()
    wire.script.append(refusal)
    with pytest.raises(kind) as caught:
        oauth.access_token(CONNECTION)
    kept = vault()
    stage.clock.move(LONG)
    oauth.access_token(CONNECTION)

    assert kept < held
    assert [wire.forms[-1]["refresh_token"]] * 2 == [*kept, wire.forms[-2]["refresh_token"]]
    assert caught.value.remedy in str(caught.value)
    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


DEFINITE = {
    "invalid_grant": oauth_error("invalid_grant"),
    "a token that MailUp does not know": rest_error(400, "Invalid token"),
    "the same with 401": rest_error(401, "The token is expired"),
}


@pytest.mark.parametrize("refusal", DEFINITE.values(), ids=DEFINITE)
def test_sec_40_what_is_about_the_token_is_believed_at_once(oauth, wire, connected, refusal):
    """A refusal that names the token sends the user through ``begin`` again, and the token is never sent again."""
    wire.script.append(refusal)
    causes = []
    for _ in range(3):
        with pytest.raises(ReauthorizationRequired) as caught:
            oauth.access_token(CONNECTION)
        causes.append(caught.value.reason)

    assert [DeathCause.REFRESH_TOKEN_REFUSED] * 3 == causes
    assert 2 == len(wire.forms)


def test_sec_40_what_nobody_understands_is_not_waited_out_for_ever(stage, oauth, wire, connected, vault):
    """Three such refusals over ten minutes ask for the user; the refresh token is kept, and not sent."""
    wire.script.extend([HttpResponse(status=400)] * 3)
    for _ in range(3):
        with pytest.raises((TemporarilyUnavailable, ReauthorizationRequired)) as caught:
            oauth.access_token(CONNECTION)
        stage.clock.move(timedelta(minutes=6))

    assert DeathCause.ANSWERS_NOT_UNDERSTOOD is caught.value.reason
    assert {form["refresh_token"] for form in wire.forms[1:]} == vault()


def test_sec_41_a_401_of_the_api_leads_to_one_refresh(stage, oauth, returning):
    """However often and by however many a token is reported, it is replaced once; nothing goes round in a circle."""
    returning()(oauth)
    token = oauth.access_token(CONNECTION)
    with ThreadPoolExecutor(8) as crowd:
        marks = {one.mark for one in crowd.map(lambda _: oauth.report_rejected(CONNECTION, token), range(24))}

    assert 1 == len(marks - {token.mark}) == len(marks) == stage.happened(TokensRotated)


def test_sec_41_a_newer_token_that_is_refused_too_is_an_error_of_its_own(stage, oauth, wire, returning):
    """An API that never says anything but 401 gets one refresh for each token, until MailUp gives no more."""
    returning()(oauth)
    newer = oauth.report_rejected(CONNECTION, oauth.access_token(CONNECTION))
    wire.script.append(LOST)
    with pytest.raises(TemporarilyUnavailable):
        oauth.report_rejected(CONNECTION, newer)
    with pytest.raises(TemporarilyUnavailable):
        oauth.report_rejected(CONNECTION, newer)

    assert 3 == len(wire.forms)
    assert ("Expired", "refresh-deferred") == (oauth.status(CONNECTION).state, oauth.status(CONNECTION).owed)
    assert 1 == stage.happened(TokensRotated)


def test_sec_42_two_hundred_rotations_by_eight_threads_reuse_nothing(stage, oauth, wire, returning):
    """A refresh token that was replaced is not sent again, though eight threads ask at once each time it is due."""
    stage.switch(sw.Switches(old_refresh=sw.ReuseKillsFamily()))
    returning()(oauth)
    with ThreadPoolExecutor(8) as crowd:
        for _ in range(200):
            stage.expire()
            assert 1 == len(
                {token.mark.digest for token in crowd.map(lambda _: oauth.access_token(CONNECTION), range(8))}
            )
    sent = [form["refresh_token"] for form in wire.forms[1:]]

    assert 200 == len(sent) == len(set(sent))
    assert (200, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))
    assert 200 == oauth.status(CONNECTION).generation


def test_sec_42_the_old_token_is_discarded(oauth, wire, connected, vault):
    """After a rotation the store holds the new refresh token, and the old one in no form."""
    oauth.access_token(CONNECTION)
    (old,) = [form["refresh_token"] for form in wire.forms[1:]]

    assert 2 == len(vault())
    assert old not in vault()


def test_sec_43_a_server_that_does_not_rotate_keeps_its_token(stage, oauth, wire, connected):
    """An answer without a refresh token leaves the old one in place, each time, and no scope is asked for."""
    stage.switch(sw.Switches(refresh_reply=sw.RefreshReply.OMITS_REFRESH_TOKEN))
    for _ in range(5):
        oauth.access_token(CONNECTION)
        stage.expire()
    sent = [form["refresh_token"] for form in wire.forms[1:]]

    assert 5 == len(sent)
    assert 1 == len(set(sent))
    assert [] == [form for form in wire.forms if "scope" in form]
    assert 5 == oauth.status(CONNECTION).generation
