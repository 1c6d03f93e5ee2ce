"""A MailUp that cannot be reached, or whose name somebody else answers to: nothing leaves, and every token is kept."""

import socket
import ssl
import threading
from contextlib import suppress

import attrs
import pytest
import trustme

from mailup_oauth import MAILUP, ServerNotTrusted, TemporarilyUnavailable, TrustFault
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain import events as e
from mailup_oauth.testing.stage import CONNECTION


class Impostor:
    """A server with a certificate for another name than it is called by; it takes whatever it is sent."""

    def __init__(self, folder):
        authority = trustme.CA()
        self.roots = folder / "roots.pem"
        authority.cert_pem.write_to_path(str(self.roots))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("mailup.example").configure_cert(self._context)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._door.getsockname()[1]}/token"
        self.callers = 0
        self.heard = b""
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        """Take one caller after the other, until one says nothing at all."""
        while True:
            with self._door.accept()[0] as caller, suppress(OSError):
                if not caller.recv(1, socket.MSG_PEEK):
                    return
                self.callers += 1
                with self._context.wrap_socket(caller, server_side=True) as line:
                    self.heard += line.recv(65536)

    def end(self):
        """Stop listening."""
        with socket.create_connection(self._door.getsockname()):
            pass
        self._thread.join()
        self._door.close()


@pytest.fixture
def impostor(tmp_path):
    """Let somebody else answer; at the end it has heard nothing, though somebody knocked."""
    server = Impostor(tmp_path)
    yield server
    server.end()

    assert b"" == server.heard
    assert server.callers > 0


IMPOSTURE = TrustFault.CERTIFICATE_FOR_ANOTHER_HOST.value


@pytest.fixture(params=["connection-refused", "name-not-found", IMPOSTURE])
def lost(request):
    """Give a client's parts that lead nowhere, and the word for why."""
    if request.param == IMPOSTURE:
        server = request.getfixturevalue("impostor")
        return request.param, server.url, HttpxTransport(ca_file=server.roots)
    if request.param == "name-not-found":
        return request.param, "https://nothing.invalid/token", HttpxTransport()
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    return request.param, f"http://127.0.0.1:{port}/token", HttpxTransport()


def astray(house, lost):
    """Return a client of this installation whose token endpoint is nowhere."""
    _, url, transport = lost
    return house.client(provider=attrs.evolve(MAILUP, token_url=url), transport=transport)


def told_by_journal(house, kind):
    """Return the words that the journal has for events of one kind."""
    return [record.event for record in house.oauth.journal(CONNECTION) if isinstance(record.event, kind)]


def refused(deed):
    """Return the error of a deed that must wait, or that somebody must mend something for."""
    with pytest.raises((TemporarilyUnavailable, ServerNotTrusted)) as caught:
        deed()
    assert caught.value.remedy in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value


def cause(error):
    """Return the word for why nothing could be sent."""
    return error.reason.value if isinstance(error, ServerNotTrusted) else error.cause


@pytest.mark.parametrize("deed", ["access_token", "refresh"])
def test_fault_N01_N02_N04_a_refresh_that_cannot_leave_costs_nothing(house, lost, deed):
    """The error names the cause and a wait, journal and observer know it, and the same refresh token works later."""
    before = house.oauth.status(CONNECTION)
    error = refused(lambda: getattr(astray(house, lost), deed)(CONNECTION))
    after = house.oauth.status(CONNECTION)

    assert lost[0] == cause(error)
    assert error.retry_after.total_seconds() > 0
    assert ("refresh-deferred", "not-sent", before.generation) == (after.owed, after.reason, after.generation)
    assert (CONNECTION, "RefreshDeferred") in house.observer.told
    house.stage.clock.move(error.retry_after)
    assert house.goes_on()


def test_sec_57_a_tls_failure_of_a_refresh_is_in_the_journal(house, impostor):
    """Somebody who answers in MailUp's name is a line in the journal, in a word without secrets."""
    refused(
        lambda: astray(house, (IMPOSTURE, impostor.url, HttpxTransport(ca_file=impostor.roots))).refresh(CONNECTION)
    )
    (deferred,) = told_by_journal(house, e.RefreshDeferred)

    assert IMPOSTURE == deferred.detail
    house.stage.clock.move(deferred.wait.span)
    assert house.goes_on()


def test_a_server_that_cannot_be_reached_is_not_asked_before_its_time(house, lost):
    """Whoever asks again at once is told the same without another try, and the waits grow."""
    client = astray(house, lost)
    waits = []
    for _ in range(3):
        waits.append(refused(lambda: client.access_token(CONNECTION)).retry_after)
        again = refused(lambda: client.access_token(CONNECTION))
        house.stage.clock.move(waits[-1])

        assert (lost[0], waits[-1]) == (cause(again), again.retry_after)
    assert 3 == len(told_by_journal(house, e.RefreshStarted))
    assert waits == sorted(set(waits))
    house.audit()


def test_sec_57_and_fault_N01_N02_N04_a_code_that_cannot_leave_is_not_spent(house, lost):
    """The same callback in the same browser works as soon as MailUp can be reached."""
    come_back = house.returning()
    error = refused(lambda: come_back(astray(house, lost)))
    (unsent,) = told_by_journal(house, e.ExchangeNotSent)

    assert lost[0] == unsent.fault
    assert (IMPOSTURE if lost[0] == IMPOSTURE else "code-not-sent") == cause(error)
    assert "Authorized" == come_back(house.oauth).state
    house.stage.expire()
    assert house.goes_on()


def test_a_user_who_cannot_be_asked_about_is_asked_about_later(houses, lost):
    """Tokens are kept though nobody says whose they are; the name is learned with the next renewal."""
    home = houses("home")
    word, url, transport = lost

    class Elsewhere:
        """Carries the question who the user is to where nobody answers, and all else as usual."""

        def send(self, request, *, deadline):
            return (home.wire if request.method == "POST" else transport).send(request, deadline=deadline)

        def close(self):
            transport.close()

    provider = attrs.evolve(MAILUP, identity_url=url)
    status = home.returning()(home.client(provider=provider, transport=Elsewhere()))
    (unknown,) = told_by_journal(home, e.IdentityUnavailable)
    home.stage.expire()
    home.oauth.access_token(CONNECTION)

    assert (True, "", word) == (status.connected, status.user, unknown.why)
    assert "m1" == home.oauth.status(CONNECTION).user
