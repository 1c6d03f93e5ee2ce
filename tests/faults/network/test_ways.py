"""No way to MailUp, or nobody there who can prove to be MailUp: provably nothing is sent (N1 to N4, and C8)."""

import ssl
import warnings
from datetime import timedelta

import attrs
import pytest
import trustme

from mailup_oauth import ServerNotTrusted, TrustFault
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain import events as e
from mailup_oauth.domain.wire.http import NotSent, SendingFault
from mailup_oauth.domain.wire.outcomes import Note
from mailup_oauth.testing.proxy import End

CONNECTION, OTHER = "acme", "umbrella"


def trusting(site):
    """Return a transport that trusts the installation's own authority."""
    site.authority.cert_pem.write_to_path(str(site.roots))
    return HttpxTransport(ca_file=site.roots)


def context(authority, *names, **details):
    """Return a server's settings with a certificate of this authority for *names*."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **details).configure_cert(made)
    return made


def refresh_stays(site, way, fault, least=1):
    """Claim of a refresh inside *way*: it was not sent, and the same refresh token works when there is a way again."""
    site.connect()
    site.expire()
    before, seen = site.status(), site.proxy.logbook.sightings
    with way:
        error = site.token()
        after = site.status()
        again = site.token()

    assert NotSent(fault) == site.witness.came[-1]
    assert seen == site.proxy.logbook.sightings
    assert ("refresh-deferred", "not-sent", before.generation) == (after.owed, after.reason, after.generation)
    assert [fault.value] == [event.detail for event in site.events(e.RefreshDeferred)]
    assert repr(error) == repr(again)
    return error


def code_stays(site, way, fault):
    """Claim of an exchange inside *way*: the code was not sent, and the same callback works afterwards."""
    returned = site.begun(OTHER)
    with way:
        error = site.complete(returned)

    assert NotSent(fault) == site.witness.came[-1]
    assert [fault.value] == [event.fault for event in site.events(e.ExchangeNotSent, OTHER)]
    assert site.complete(returned).connected
    return error


def must_wait(site, way, fault):
    """Claim that both are W: told to wait, and going on after that."""
    site.waits(refresh_stays(site, way(), fault), fault.value, 1)
    site.goes_on()
    site.waits(code_stays(site, way(), fault), "code-not-sent", 1)


def test_fault_N01_the_name_cannot_be_resolved(strict):
    """A name that nobody knows is waited for, a second at first, and nothing leaves."""
    strict.connect()
    strict.expire()
    lost = attrs.evolve(strict.provider, token_url="https://nothing.invalid/token")
    strict.restart(provider=lost)
    returned = strict.begun(OTHER)
    error, refused = strict.token(), strict.complete(returned)

    assert [NotSent(SendingFault.NAME_NOT_FOUND)] * 2 == strict.witness.came
    strict.waits(error, "name-not-found", 1)
    strict.waits(refused, "code-not-sent", 1)
    strict.restart()
    strict.goes_on()
    assert strict.complete(returned).connected


def test_fault_N02_the_connection_is_refused(strict):
    """A closed port is waited for, and nothing leaves."""
    must_wait(strict, strict.proxy.refusing, SendingFault.REFUSED)


def test_fault_N03_connecting_takes_too_long(strict):
    """A host that does not answer is waited for, and nothing leaves."""
    must_wait(strict, lambda: Slowly(strict), SendingFault.CONNECT_TIMEOUT)


class Slowly:
    """A host that takes no connection, and a short patience with it."""

    def __init__(self, site):
        self._ways = site.proxy.deaf(), site.hurried(0.3)

    def __enter__(self):
        for way in self._ways:
            way.__enter__()

    def __exit__(self, *what):
        for way in reversed(self._ways):
            way.__exit__(*what)


class Behind:
    """TLS with other settings than usual."""

    def __init__(self, site, tls):
        self._site, self._tls, self._usual = site, tls, site.proxy.tls

    def __enter__(self):
        self._site.proxy.tls = self._tls

    def __exit__(self, *_):
        self._site.proxy.tls = self._usual


def old_tls(site):
    """Speak nothing newer than TLS 1.1."""
    made = context(site.authority, "127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def stranger(_):
    """Have a certificate of an authority that nobody told of."""
    return context(trustme.CA(), "127.0.0.1")


YESTERDAY = SystemClock().now() - timedelta(days=1)
TOMORROW = YESTERDAY + timedelta(days=2)
IMPOSTORS = {
    TrustFault.CERTIFICATE_FOR_ANOTHER_HOST: lambda site: context(site.authority, "mailup.example"),
    TrustFault.CERTIFICATE_OUT_OF_DATE: lambda site: context(
        site.authority, "127.0.0.1", not_before=YESTERDAY - timedelta(days=1), not_after=YESTERDAY
    ),
    TrustFault.CERTIFICATE_ISSUER_UNKNOWN: stranger,
    TrustFault.TLS_TOO_OLD: old_tls,
}


@pytest.fixture
def secured(strict):
    """An installation whose MailUp is reached by TLS, with a certificate in good order."""
    strict.proxy.tls = context(strict.authority, "127.0.0.1")
    strict.restart(transport=trusting(strict))
    return strict


@pytest.mark.parametrize("why", IMPOSTORS, ids=lambda why: why.value)
def test_fault_N04_the_server_cannot_prove_who_it_is(secured, why):
    """It is an error to mend, with a remedy; nothing is sent, and the same token and code work afterwards."""
    impostor = IMPOSTORS[why](secured)
    error = refresh_stays(secured, Behind(secured, impostor), SendingFault(why.value))
    advice = secured.status().advice
    refused = code_stays(secured, Behind(secured, impostor), SendingFault(why.value))

    assert [(ServerNotTrusted, why)] * 2 == [(type(one), one.reason) for one in (error, refused)]
    assert 1 <= error.retry_after.total_seconds() <= 1.25
    assert error.remedy.startswith(advice.removesuffix("."))
    secured.clock.move(error.retry_after)
    secured.goes_on()


def test_fault_N04_the_roots_cannot_be_read(secured):
    """A bundle that is gone is an error to mend, too; with the bundle the same refresh token works."""
    secured.connect()
    secured.expire()
    secured.restart(transport=HttpxTransport(ca_file=secured.folder / "missing.pem"))
    error = secured.token()

    assert (ServerNotTrusted, TrustFault.TRUSTED_ROOTS_UNREADABLE) == (type(error), error.reason)
    secured.restart(transport=trusting(secured))
    secured.clock.move(error.retry_after)
    secured.goes_on()


@pytest.mark.parametrize("end", [End.RESET, End.CLOSED], ids=lambda end: end.value)
def test_fault_N04_the_handshake_breaks(secured, end):
    """A handshake that is torn off proves nothing about the server: it is waited for."""
    must_wait(secured, lambda: secured.proxy.breaking(end), SendingFault.UNREACHABLE)


def test_fault_C08_a_server_s_clock_that_is_far_off_is_noted_and_not_believed(strict):
    """The life is counted by our clock; the journal notes that the server's ``Date`` differs, and only then."""
    strict.connect()
    (issued,) = strict.events(e.TokensIssued)
    strict.clock.move(SystemClock().now() - strict.clock.now())  # MailUp's ``Date`` is uvicorn's: the real one
    strict.goes_on()
    (refreshed,) = strict.events(e.TokensRefreshed)

    assert Note.CLOCKS_DIFFER in issued.notes
    assert Note.CLOCKS_DIFFER not in refreshed.notes
    assert timedelta(hours=1) - strict.policy.expiry_margin == issued.access.expires_at - issued.access.asked_at


@pytest.mark.parametrize("when", ["ended", "not-begun"])
def test_fault_C08_a_certificate_that_is_out_of_date_hints_at_our_clock(secured, when):
    """Whether it has ended or not begun, the error says that it may be this machine's clock, and what to look at."""
    ended = {"not_before": YESTERDAY - timedelta(days=1), "not_after": YESTERDAY}
    not_begun = {"not_before": TOMORROW, "not_after": TOMORROW + timedelta(days=1)}
    secured.connect()
    secured.expire()
    details = ended if when == "ended" else not_begun
    with Behind(secured, context(secured.authority, "127.0.0.1", **details)):
        error = secured.token()

    assert TrustFault.CERTIFICATE_OUT_OF_DATE is error.reason
    assert "if this machine's clock is right" in str(error)
    assert "clock" in error.remedy
    secured.clock.move(error.retry_after)
    secured.goes_on()
