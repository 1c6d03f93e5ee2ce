"""Answers that cannot be used, or only in part: what is whole in them is kept, and nobody is sent to log on (N13 to N25)."""

import gzip
import json
import socket
import tracemalloc

import attrs
import pytest

from mailup_oauth import ClientRejected, DeathCause, ReauthorizationRequired, TemporarilyUnavailable
from mailup_oauth.domain import events as e
from mailup_oauth.domain.provider import Tolerance
from mailup_oauth.domain.tokens import AccessToken
from mailup_oauth.domain.wire.http import Ending, Silence, Unanswered
from mailup_oauth.domain.wire.outcomes import KeepOld, Note
from mailup_oauth.testing.proxy import Altered, Done, Flooded, Replaced, Station
from mailup_oauth.testing.proxy.doorway import Doorway

CONNECTION, OTHER = "acme", "umbrella"
HOUR = 3600
DAY = b"Date: Sun, 06 Nov 1994 08:49:37 GMT"
PAGE = b"<html><body><h1>Back soon</h1></body></html>"
WHOLE = Ending.WHOLE
MEMORY = 8 << 20
"""Far more than an answer of 64 KiB needs on both sides, and far less than what a bomb unfolds to."""


@pytest.mark.parametrize("done", Done, ids=lambda done: done.value)
@pytest.mark.parametrize("status", [500, 502, 504])
def test_fault_N13_a_gateway_s_page(sites, wire, status, done):
    """Nobody knows what is behind a 5xx: it is waited, and then there is a token, or an end that a strict MailUp makes."""
    fault = Replaced(words=wire.said(status, PAGE, b"Content-Type: text/html"), done=done)
    site = sites()

    site.doubts(fault, (status, WHOLE), committed=done is Done.COMMITTED)
    site.loses_a_code(fault, (status, WHOLE))


RETRY_AFTER = {
    "none": ((), 2, 2),
    "seconds": ((b"Retry-After: 30",), 30, 30),
    "date": ((DAY, b"Retry-After: Sun, 06 Nov 1994 08:51:37 GMT"), 120, 120),
    "date-gone": ((DAY, b"Retry-After: Sun, 06 Nov 1994 08:00:00 GMT"), 2, 2),
    "garbage": ((b"Retry-After: as soon as we can",), 2, 2),
    "huge": ((b"Retry-After: 99999999999999999999",), HOUR, HOUR),
    "negative": ((b"Retry-After: -5",), 2, 2),
}
"""Headers, and the seconds that are waited after a first doubt, which takes two by itself."""


@pytest.mark.parametrize("form", RETRY_AFTER)
def test_fault_N14_unavailable_until(strict, wire, form):
    """``Retry-After`` is obeyed between a second and an hour, and nonsense is no wait and no hurry."""
    headers, least, most = RETRY_AFTER[form]
    fault = Replaced(words=wire.said(503, PAGE, *headers), done=Done.NOTHING)

    strict.doubts(fault, (503, WHOLE), committed=False, wait=least, most=most)


def test_fault_N14_unavailable_for_a_code(strict, wire):
    """A code that met a 503 may be spent: the user begins again."""
    strict.loses_a_code(Replaced(words=wire.said(503, PAGE), done=Done.COMMITTED), (503, WHOLE))


@pytest.mark.parametrize(
    ("headers", "seconds"), [((), 1), ((b"Retry-After: 40",), 40), ((b"Retry-After: 999999",), HOUR)]
)
def test_fault_N15_too_many_requests(strict, wire, headers, seconds):
    """A 429 did not look at the token: it is waited as told, and the same token works."""
    fault = Replaced(words=wire.said(429, b"", *headers), done=Done.NOTHING)
    strict.connect()
    strict.expire()
    strict.proxy.meet(fault)
    error = strict.token()

    assert ("refresh-deferred", "rate-limited", 0) == (
        strict.status().owed,
        strict.status().reason,
        strict.status().generation,
    )
    strict.waits(error, "rate-limited", seconds)
    strict.goes_on()
    strict.loses_a_code(fault, (429, WHOLE))


@pytest.mark.parametrize("done", Done, ids=lambda done: done.value)
def test_fault_N16_a_page_for_maintenance(site, wire, done):
    """A page with 200 is no answer, and never a reason by itself to send the user away."""
    fault = Replaced(words=wire.said(200, PAGE, b"Content-Type: text/html"), done=done)

    site.doubts(fault, (200, WHOLE), committed=done is Done.COMMITTED)
    site.loses_a_code(fault, (200, WHOLE))


def test_fault_N17_an_error_of_the_grant_with_200(strict, wire):
    """``invalid_grant`` means the same with 200: a refusal of an old refresh token is its end."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Replaced(words=wire.told({"error": "invalid_grant"}), done=Done.NOTHING))

    strict.ends(CONNECTION, DeathCause.REFRESH_TOKEN_REFUSED)


def test_fault_N17_an_error_of_the_client_with_200(strict, wire):
    """``invalid_client`` means the same with 200: the keys are to be mended, the tokens are kept."""
    strict.keeps_token(
        Replaced(words=wire.told({"error": "invalid_client"}), done=Done.NOTHING),
        (200, WHOLE),
        error=ClientRejected("invalid_client"),
        moved=strict.policy.client_wait * 2,
    )


def test_fault_N17_an_error_of_the_moment_with_200(strict, wire):
    """``temporarily_unavailable`` means the same with 200: nobody knows."""
    fault = Replaced(words=wire.told({"error": "temporarily_unavailable"}), done=Done.NOTHING)

    strict.doubts(fault, (200, WHOLE), committed=False)


def test_fault_N17_an_error_for_a_code_with_200(strict, wire):
    """A code that is refused with 200 is refused."""
    returned = strict.begun(OTHER)
    strict.proxy.meet(Replaced(words=wire.told({"error": "invalid_grant"}), done=Done.NOTHING))
    error = strict.complete(returned)

    assert (ReauthorizationRequired, DeathCause.EXCHANGE_REFUSED) == (type(error), error.reason)
    strict.connect(OTHER)


def mislabelled(answer):
    """Call JSON something else."""
    return answer.replace(b"application/json; charset=utf-8", b"text/plain")


@pytest.mark.parametrize(
    "body", [b"[]", b'"token"', b"null", b"", b"17"], ids=["list", "text", "null", "empty", "number"]
)
def test_fault_N19_json_of_another_shape(strict, wire, body):
    """What is no object is no answer: it is waited, and MailUp, which had not obeyed, gives a token."""
    fault = Replaced(words=wire.said(200, body, b"Content-Type: application/json"), done=Done.NOTHING)

    strict.doubts(fault, (200, WHOLE), committed=False)


def test_fault_N19_nothing_in_place_of_a_grant(site, wire):
    """Where MailUp had obeyed, nothing in place of its answer is as bad as a reset, for a code as well."""
    fault = Replaced(words=wire.said(200, b"", b"Content-Type: application/json"), done=Done.COMMITTED)

    site.doubts(fault, (200, WHOLE), committed=True)
    site.loses_a_code(fault, (200, WHOLE))


def twice(members):
    """Say the access token twice, with two values."""
    return json.dumps(members).replace("{", '{"access_token": "another", ', 1).encode()


def with_nan(members):
    """Say something that is no JSON number."""
    return json.dumps({**members, "odd": float("nan")}).encode()


def deep(members):
    """Nest deeper than anybody honest does."""
    return b'{"odd": ' + b"[" * 10_000 + b"]" * 10_000 + b", " + json.dumps(members).encode()[1:]


def bad_utf_8(members):
    """Hold a byte that no text in UTF-8 holds."""
    return json.dumps({**members, "odd": "?"}).encode().replace(b"?", b"\xff")


@pytest.mark.parametrize("spoil", [twice, with_nan, deep, bad_utf_8])
def test_fault_N20_json_that_must_not_be_read(strict, wire, spoil):
    """What is read by no strict parser is not believed, but a new refresh token in it is kept and used at once."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(wire.altered(spoil)))
    strict.goes_on(by=2)
    returned = strict.begun(OTHER)
    strict.proxy.meet(Altered(wire.altered(spoil)))

    assert 1 == len(strict.events(e.RefreshTokenSalvaged))
    assert strict.complete(returned).connected
    strict.goes_on(OTHER)


def test_fault_N20_two_refresh_tokens(site, wire):
    """Of two different refresh tokens nobody can say which one lives: it is waited, and there is a token or an end."""
    fault = Altered(
        wire.altered(lambda members: json.dumps(members).replace("{", '{"refresh_token": "another", ', 1).encode())
    )

    site.doubts(fault, (200, WHOLE), committed=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda members: {**members, "access_token": 17},
        lambda members: {"refresh_token": members["refresh_token"]},
        lambda members: {**members, "token_type": "mac"},
    ],
    ids=["access-number", "access-missing", "type-unknown"],
)
def test_fault_N21_no_access_token_to_use(strict, wire, change):
    """A new refresh token is kept though no access token came with it, and it is used at once."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(wire.altered(change)))
    strict.goes_on(by=2)
    returned = strict.begun(OTHER)
    strict.proxy.meet(Altered(wire.altered(change)))

    assert strict.complete(returned).connected
    strict.goes_on(OTHER)


def test_fault_N21_no_refresh_token(strict, wire):
    """Without a new refresh token the old one goes on; after a code there is none, and the end is known beforehand."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Replaced(words=wire.told({"access_token": "one", "expires_in": HOUR}), done=Done.NOTHING))
    strict.goes_on()
    (refreshed,) = strict.events(e.TokensRefreshed)
    strict.expire()
    strict.goes_on()
    strict.proxy.meet(Altered(wire.altered(lambda members: {**members, "refresh_token": None})))
    status = strict.complete(strict.begun(OTHER))
    while_it_lives = strict.token(OTHER)
    strict.expire()
    error = strict.token(OTHER)

    assert ("Authorized", "no-refresh-token") == (status.state, status.reason)
    assert isinstance(while_it_lives, AccessToken)
    assert KeepOld() == refreshed.refresh
    assert (ReauthorizationRequired, DeathCause.NO_REFRESH_TOKEN) == (type(error), error.reason)


@pytest.mark.parametrize("life", [None, "soon", -1, 10**12], ids=["missing", "word", "negative", "huge"])
def test_fault_N21_no_life_to_count_on(strict, wire, life):
    """A life that is missing, nonsense or beyond all measure is bounded and noted; the tokens are taken."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(wire.altered(lambda members: {**members, "expires_in": life})))
    token = strict.token()
    (refreshed, *_) = strict.events(e.TokensRefreshed)

    assert {Note.LIFE_ASSUMED, Note.BORN_EXPIRED, Note.LIFE_CAPPED} & {*refreshed.notes}
    if life == -1:
        assert (TemporarilyUnavailable, "born-expired") == (type(token), token.cause)
        strict.goes_on(by=1)
    else:
        assert refreshed.access.expires_at - refreshed.access.asked_at <= strict.provider.longest_life


def test_fault_N21_a_refresh_token_that_is_none(site, wire):
    """A refresh token of another type is no token, and nothing is salvaged."""
    fault = Altered(wire.altered(lambda members: {**members, "refresh_token": ["a", "b"]}))

    site.doubts(fault, (200, WHOLE), committed=True)


BOMB = gzip.compress(bytes(32 << 20), 9)
"""32 MiB of nothing, in as many bytes as an answer may have."""


@pytest.mark.parametrize("encoding", [b"gzip", b"br"])
def test_fault_N22_a_body_that_is_packed(strict, wire, encoding):
    """What was not to be packed is not unpacked: it is waited, and the memory stays where it was."""
    fault = Replaced(words=wire.said(200, BOMB, b"Content-Encoding: " + encoding), done=Done.NOTHING)
    strict.connect()
    strict.expire()
    strict.proxy.meet(fault)
    tracemalloc.start(1)
    error = strict.token()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(BOMB) < 64 * 1024
    assert peak < MEMORY
    strict.waits(error, "unanswered", 2)
    strict.goes_on()
    strict.loses_a_code(fault, (200, WHOLE))


ENDLESS = {
    "body": (
        Flooded(words=b"HTTP/1.1 200 OK\r\n\r\n", piece=b"a" * 65_536, done=Done.NOTHING),
        (200, Ending.TOO_LARGE),
    ),
    "huge-body": (
        Flooded(
            words=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", piece=b"a" * 65_536, done=Done.NOTHING
        ),
        (200, Ending.TOO_LARGE),
    ),
    "headers": (
        Flooded(words=b"HTTP/1.1 200 OK\r\n", piece=b"X-Many: 1\r\n" * 999, done=Done.NOTHING),
        Unanswered(Silence.GARBLED),
    ),
    "huge-header": (
        Flooded(words=b"HTTP/1.1 200 OK\r\nX-Long: ", piece=b"a" * 65_536, done=Done.NOTHING),
        Unanswered(Silence.GARBLED),
    ),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_fault_N23_no_end(strict, what):
    """Body and headers are cut at the limit, the server is hung up on, and it is waited."""
    fault, came = ENDLESS[what]

    strict.doubts(fault, came, committed=False)
    strict.loses_a_code(fault, came)


class Trap:
    """A server that must see nobody."""

    def __init__(self):
        self.seen = 0
        self._doorway = Doorway(self._welcome)
        self.url = f"http://127.0.0.1:{self._doorway.port}/token"

    def _welcome(self, connection):
        self.seen += 1
        connection.close()

    def close(self):
        """Close it, and say how many came; closing a doorway is a visit that it does not count."""
        self._doorway.close()
        return self.seen


@pytest.fixture
def trap():
    """Set a trap."""
    one = Trap()
    yield one
    one.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["elsewhere", "same-origin", "itself"])
def test_fault_N24_a_redirect(strict, wire, trap, status, where):
    """It is not followed, to wherever it leads: no secret goes anywhere, and it is waited as after any doubt."""
    itself = strict.provider.token_url
    places = {"elsewhere": trap.url, "same-origin": f"{itself}/v2", "itself": itself}
    fault = Replaced(words=wire.said(status, b"", b"Location: " + places[where].encode()), done=Done.NOTHING)

    strict.doubts(fault, (status, WHOLE), committed=False)
    strict.loses_a_code(fault, (status, WHOLE))

    assert 0 == trap.close()
    assert len(strict.witness.came) == len(strict.proxy.logbook.at(Station.ARRIVED))


def test_the_trap_counts_those_who_fall_into_it(trap):
    """One who connects is seen; else the tests of redirects would claim nothing."""
    with socket.create_connection(("127.0.0.1", int(trap.url.split(":")[2].split("/")[0]))) as caller:
        assert b"" == caller.recv(1)

    assert 1 == trap.close()


def found(answer):
    """Give a good answer MailUp's odd status."""
    return answer.replace(b"200 OK", b"302 Found", 1)


ODD = {
    "N18-another media type": (mislabelled, Tolerance.ANY_MEDIA_TYPE, Note.MEDIA_TYPE_IGNORED, "media-type"),
    "N25-302 with tokens": (found, Tolerance.TOKENS_WITH_302, Note.TOKENS_WITH_302, "redirected"),
}
"""How MailUp's good answers may be odd: what puts up with it, how it is noted, and what it is where nothing does."""


@pytest.mark.parametrize(("spoil", "note"), [(spoil, note) for spoil, _, note, _ in ODD.values()], ids=ODD)
def test_fault_by_the_provider_s_value(strict, spoil, note):
    """What MailUp's provider value puts up with is a good answer to a refresh and to a code, and is noted."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(spoil))
    strict.goes_on()
    (refreshed,) = strict.events(e.TokensRefreshed)
    strict.proxy.meet(Altered(spoil))
    strict.connect(OTHER)

    assert note in refreshed.notes
    assert note in strict.events(e.TokensIssued, OTHER)[0].notes


@pytest.mark.parametrize(("spoil", "tolerance", "defect"), [(one[0], one[1], one[3]) for one in ODD.values()], ids=ODD)
def test_fault_to_the_letter(strict, spoil, tolerance, defect):
    """Where it is not put up with, the new refresh token is kept all the same and used at once."""
    strict.restart(provider=attrs.evolve(strict.provider, tolerances=strict.provider.tolerances - {tolerance}))
    strict.connect()
    strict.expire()
    strict.proxy.meet(Altered(spoil))
    strict.goes_on(by=2)
    (salvaged,) = strict.events(e.RefreshTokenSalvaged)

    assert defect == salvaged.defect.value
