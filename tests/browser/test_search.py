"""The search for what a journey has left finds a leak in every place where it looks, so that its silence means something."""

from base64 import b64encode

import pytest
from tests.browser.conftest import examples

LEAKS = {
    "address": "secret => history.replaceState(null, '', '/mailup/?x=' + secret)",
    "fragment": "secret => { location.hash = secret }",
    "page": "secret => document.body.append(secret)",
    "attribute": "secret => document.body.setAttribute('data-x', secret)",
    "local storage": "secret => localStorage.setItem('x', secret)",
    "session storage": "secret => sessionStorage.setItem(secret, 'x')",
    "script's cookie": "secret => { document.cookie = 'x=' + secret + ';path=/' }",
    "history": "secret => history.replaceState({x: secret}, '')",
    "window": "secret => { window.name = secret }",
}
"""What a page could do with a secret."""
FORMS = {"plain": str, "in base64": lambda secret: b64encode(f"x:{secret}".encode()).decode().rstrip("=")}


@pytest.fixture
def app(started):
    """One example is enough: what is tried is the search."""
    return started(next(iter(examples())))


@pytest.fixture
def mallory(house, app):
    """Somebody whose browser is thrown away afterwards, with all that was planted in it."""
    person = house.does(house.person, app, locale="en-GB")
    house.does(person.goes, "/mailup/failed")
    yield person
    house.does(person.context.close)
    person.room.clear()


def found(person):
    """Return whether the search finds something."""
    with pytest.raises(AssertionError):
        person.assert_nothing_is_left()
    return True


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_in_a_page_is_found(leak, form, mallory):
    """Nothing is found before it is planted, and then it is."""
    mallory.assert_nothing_is_left()
    [secret] = mallory.secrets
    mallory.page.evaluate(LEAKS[leak], FORMS[form](secret))

    assert found(mallory)


def test_a_leak_in_a_cookie_that_no_script_sees_is_found(mallory):
    """The browser's own list is searched."""
    [secret] = mallory.secrets
    mallory.context.add_cookies([{"name": "x", "value": secret, "url": mallory.app.address, "httpOnly": True}])

    assert found(mallory)


@pytest.mark.parametrize("header", ["x-leak", "refresh", "location"])
def test_a_leak_in_a_header_is_found(header, mallory):
    """The headers of every page that was shown are searched, but for the address that leads to MailUp."""
    [secret] = mallory.secrets
    headers = {header: f"{mallory.app.address}/?{secret}" if header == "location" else secret}
    mallory.page.route("**/planted", lambda route: route.fulfill(status=200, headers=headers, body="a page"))
    mallory.goes("/planted")

    assert found(mallory)


def test_a_token_that_nobody_knew_of_is_found(mallory):
    """Whatever looks like a token of the sandbox is one."""
    mallory.page.evaluate(LEAKS["page"], "1a" * 64)

    assert found(mallory)


def test_a_code_that_stays_in_the_address_is_found(mallory):
    """Also one that MailUp never gave."""
    mallory.page.evaluate(LEAKS["address"], "&code=made-up")

    assert found(mallory)


def test_a_dialog_is_noticed(mallory):
    """A script that a stranger got into a page would open one."""
    mallory.page.evaluate("() => alert('here')")

    assert found(mallory)
