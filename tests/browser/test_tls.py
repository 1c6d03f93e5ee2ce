"""Over https, as in earnest: the cookie with ``__Host-`` and ``Secure`` makes the journey in a real browser, and no other can."""

import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from tests.browser.application import Application

from mailup_oauth.sandbox.scenario import DEMONSTRATION

HOST = "app.example"
"""A name that only the browser knows."""
ROOT = Path(__file__).parents[2]
STRICT = "__Host-mailup-flow-0123456789abcdef"


@pytest.fixture
def app(tmp_path):
    """An application behind a certificate, as a process."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued = trustme.CA().issue_cert(HOST)
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    issued.private_key_pem.write_to_path(str(key))
    command = [sys.executable, "-m", "tests.browser.secure", HOST, str(certificate), str(key)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        address, mailup = process.stdout.readline().split()
        yield Application(name="tls", address=address, mailup=mailup)
        process.kill()


@pytest.fixture
def ada(house, people, app):
    """Ada of Acme, signed in, at a browser that takes the certificate as it is."""
    person = house.does(people, ignore_https_errors=True)
    signed_in = {"name": "user", "value": "ada@acme", "url": app.address, "secure": True, "httpOnly": True}
    house.does(person.context.add_cookies, [signed_in])
    return person


def test_somebody_connects_over_tls(ada, app):
    """Chromium takes the cookie, keeps it from scripts, brings it back from MailUp's site, and forgets it at the end."""
    ada.begins()
    [(name, cookie)] = ada.cookies().items()
    ada.logs_on()
    ada.consents()

    assert name.startswith("__Host-mailup-flow-")
    assert (True, True, "Lax", "/", HOST) == tuple(
        cookie[one] for one in ("secure", "httpOnly", "sameSite", "path", "domain")
    )
    assert "/mailup/" == ada.place
    assert ada.says("MailUp is connected.")
    assert ["__Host-mailup-over"] == [*ada.cookies()]
    ada.goes("/lists")
    assert ada.says(DEMONSTRATION.users[0].lists[0].name)


def test_no_plain_connection_plants_a_cookie(ada, app, evil):
    """Whoever answers for the host without TLS can neither set an attempt's cookie nor read one."""
    ada.begins()
    evil.pages["/plant"] = (
        f"<!doctype html><title>plant</title><script>document.cookie = '{STRICT}=x; path=/';"
        f"document.cookie = '{STRICT}=x; path=/; secure'; document.title = document.cookie</script>"
    )
    ada.page.goto(f"http://{HOST}:{evil.port}/plant")
    [sent] = [headers for _, path, headers in evil.asked if path == "/plant"]

    assert "mailup" not in f"{sent.get('Cookie', '')}{ada.page.title()}"
    assert 1 == len(ada.attempts())
    assert STRICT not in ada.cookies()
