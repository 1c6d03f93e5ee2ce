"""Who may look into a sandbox and change it, however it is served."""

import pytest

from mailup_oauth.sandbox.desk.admission import objection
from mailup_oauth.sandbox.messages import Request

HERE = "127.0.0.1:8025"


def asking(method="POST", peer="127.0.0.1", host=HERE, **headers):
    """Return a request at the desk."""
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method=method, path="/__sandbox__/reset", peer=peer, headers=(("Host", host), *sent))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1"])
@pytest.mark.parametrize("host", [HERE, "localhost", "localhost:8025", "[::1]:8025", "127.0.0.1"])
def test_a_program_of_this_machine_is_let_in(peer, host):
    """By any loopback address, a program that sends the header may change things, and one without it may look."""
    assert "" == objection(asking(peer=peer, host=host, x_mailup_sandbox="1"))
    assert "" == objection(asking("GET", peer, host))


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "2001:db8::1", "", "unix"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_machine_is_not(peer, method):
    """Whoever does not come from this machine may not even look, whatever it says of itself."""
    said = objection(asking(method, peer, x_mailup_sandbox="1", x_forwarded_for="127.0.0.1", origin=f"http://{HERE}"))

    assert "this machine" in said


@pytest.mark.parametrize("host", ["", "rebound.example", "127.0.0.1.rebound.example", "localhost.example:8025", "[::1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_that_was_made_to_point_here_is_not(host, method):
    """A page whose own name leads to this machine (DNS rebinding) may neither look nor change anything."""
    said = objection(asking(method, host=host, x_mailup_sandbox="1", origin=f"http://{host}"))

    assert "as the host" in said


@pytest.mark.parametrize(
    "origin", ["http://elsewhere.example", "null", "", "http://127.0.0.1:9999", "http://127.0.0.1", f"ftp://{HERE}"]
)
def test_a_page_from_elsewhere_is_not(origin):
    """A form on a page of any other origin, another port of this machine too, changes nothing."""
    assert "x-mailup-sandbox" in objection(asking(origin=origin))
    assert "x-mailup-sandbox" in objection(asking())


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_sandboxs_own_page_is_let_in(scheme):
    """A form on the page that the sandbox itself served may change things."""
    assert "" == objection(asking(origin=f"{scheme}://{HERE}"))
