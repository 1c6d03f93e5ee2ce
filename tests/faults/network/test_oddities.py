"""HTTP as it is seldom spoken, and MailUp's own ways with what it gave before (N31 to N34)."""

import asyncio
from datetime import timedelta

import attrs
import httpx
import pytest

from mailup_oauth import AccessToken, DeathCause, ReauthorizationRequired
from mailup_oauth.domain import events as e
from mailup_oauth.domain.wire.http import Ending, Silence, Unanswered
from mailup_oauth.sandbox.commands import ChangeSwitches, Effect, MoveClock
from mailup_oauth.sandbox.events import PairRepeated, TokensRotated
from mailup_oauth.sandbox.switches import DOCUMENTED, Grace, RefreshReply
from mailup_oauth.sandbox.world import Live
from mailup_oauth.testing.proxy import Altered, Broken, Done, End, Replaced

CONNECTION, OTHER = "acme", "umbrella"
GRACE = Grace(timedelta(minutes=1))
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
SECOND = b"HTTP/1.1 500 Second\r\nContent-Length: 0\r\n\r\n"


def in_old_http(answer):
    """Say an answer in HTTP/1.0, which ends with its connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(b"content-length")]
    return b"\r\n".join((b"HTTP/1.0 200 OK", *lines, b"", body))


READABLE = {
    "interim": lambda answer: INTERIM + answer,
    "http-1.0": in_old_http,
    "two-answers": lambda answer: answer + SECOND,
}


@pytest.mark.parametrize("way", READABLE)
def test_fault_N31_odd_and_readable(strict, way):
    """Interim answers are skipped, HTTP/1.0 is read to its end, and a second answer is never read: tokens are taken."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(READABLE[way]))
    strict.goes_on()
    strict.proxy.meet(Altered(READABLE[way]))
    strict.connect(OTHER)


def in_bad_chunks(answer):
    """Say an answer in chunks, the first of which has no length."""
    _, _, body = answer.partition(b"\r\n\r\n")
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + body


GARBLED = Unanswered(Silence.GARBLED)
UNREADABLE = {
    "only-interim": (lambda _: INTERIM, Unanswered(Silence.CLOSED)),
    "bad-chunks": (in_bad_chunks, (200, Ending.CUT)),
    "no-http": (lambda _: b"SSH-2.0-OpenSSH_9.2\r\n\r\n", GARBLED),
    "body-alone": (lambda answer: answer.partition(b"\r\n\r\n")[2] + b"\r\n\r\n", GARBLED),
    "two-lengths": (lambda answer: answer.replace(b"\r\n", b"\r\nContent-Length: 7\r\n", 1), GARBLED),
}


@pytest.mark.parametrize("way", UNREADABLE)
def test_fault_N31_odd_and_unreadable(site, way):
    """What is no whole HTTP is no answer: it is waited, and then there is a token or an end."""
    change, came = UNREADABLE[way]

    site.doubts(Altered(change), came, committed=True)
    site.loses_a_code(Altered(change), came)


def test_fault_N32_the_same_successor_once_more(sites):
    """A MailUp with a grace gives the lost pair again: it is taken once, nothing forks, and renewals go on from it."""
    site = sites(old_refresh=GRACE)
    site.connect()
    site.expire()
    site.proxy.meet(Broken(done=Done.COMMITTED, end=End.RESET))
    site.waits(site.token(), "unanswered", 2)
    site.goes_on()

    assert (1, 1) == (site.stage.happened(TokensRotated), site.stage.happened(PairRepeated))
    site.expire()
    site.goes_on()
    living = [one for one in site.stage.sandbox.world.refreshes.values() if isinstance(one.standing, Live)]

    assert (2, [2]) == (site.stage.happened(TokensRotated), [one.generation for one in living])


def test_fault_N33_the_token_is_replaced_by_itself(strict, wire):
    """A server that gives the refresh token that it was sent makes a new generation all the same."""
    strict.connect()
    strict.expire()
    strict.stage.sandbox.order(ChangeSwitches(attrs.evolve(DOCUMENTED, refresh_reply=RefreshReply.OMITS_REFRESH_TOKEN)))
    (sent,) = strict.stage.sandbox.world.refreshes.values()
    same = Altered(wire.altered(lambda members: {**members, "refresh_token": sent.value.reveal()}))
    for _ in range(2):
        strict.proxy.meet(same)
        strict.goes_on()
        strict.expire()
    first, second = strict.events(e.TokensRefreshed)

    assert first.refresh == second.refresh
    assert (1, 2) == (first.generation, second.generation)


def called(site):
    """Return the status of a call of MailUp's API with the connection's token, or the library's error."""
    address = site.provider.identity_url

    async def asked():
        async with httpx.AsyncClient(auth=site.oauth.auth(CONNECTION), trust_env=False) as api:
            return await api.get(address)

    try:
        if site.facade.kind.__name__ == "AsyncMailUpOAuth":
            return asyncio.run(asked()).status_code
        with httpx.Client(auth=site.oauth.auth(CONNECTION), trust_env=False) as api:
            return api.get(address).status_code
    except ReauthorizationRequired as error:
        return error


def test_fault_N34_an_access_token_ends_early_at_mailup(strict):
    """The API's 401 costs one refresh and one repeat, though our clock says that the token lives."""
    strict.connect()
    before = strict.token()
    strict.stage.sandbox.order(MoveClock(span=timedelta(hours=2), now=strict.clock.now()))
    sent = len(strict.witness.came)

    assert 200 == called(strict)
    assert (sent + 1, "Refreshed", 1) == (len(strict.witness.came), strict.status().state, strict.status().generation)
    assert isinstance(strict.token(), AccessToken)
    assert before.mark != strict.token().mark
    assert 1 == len(strict.events(e.AccessTokenRejected))


def test_fault_N34_the_whole_authorization_ends_early_at_mailup(strict):
    """Where the refresh is refused as well, the call ends in the one error that says what to do."""
    strict.connect()
    strict.clock.move(timedelta(minutes=2))  # no longer so young that a refusal is heard twice
    strict.stage.revoke(effect=Effect.IMMEDIATE)
    error = called(strict)

    assert (ReauthorizationRequired, DeathCause.REFRESH_TOKEN_REFUSED) == (type(error), error.reason)
    strict.connect()
    assert 200 == called(strict)


def test_fault_N34_a_page_in_place_of_the_refresh_after_a_401(strict, wire):
    """Where that one refresh goes unanswered it is waited, and no call is repeated with the token that was refused."""
    strict.connect()
    strict.stage.sandbox.order(MoveClock(span=timedelta(hours=2), now=strict.clock.now()))
    strict.proxy.meet(Replaced(words=wire.said(502), done=Done.NOTHING))
    token = strict.token()
    error = strict.said("report_rejected", CONNECTION, token)

    strict.waits(error, "unanswered", 2)
    strict.goes_on()
