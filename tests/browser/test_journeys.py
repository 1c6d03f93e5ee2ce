"""What people do with an application that is connected to MailUp, in a real browser, against every example."""

import pytest

from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.scenario import DEMONSTRATION

LIST = DEMONSTRATION.users[0].lists[0].name


def reads_lists(person):
    """Say whether the application can call MailUp's API for somebody."""
    person.goes("/lists")
    return person.says(LIST)


@pytest.mark.parametrize("echo", ["never-on-log-on", "always"])
def test_somebody_connects_and_the_application_calls_mailup(ada, app, echo):
    """Button, log-on, consent and back, whether or not MailUp echoes ``state``: connected, and the lists are there."""
    app.order("switches", state_echo=echo)
    assert not reads_lists(ada)
    ada.connects()

    assert "/mailup/" == ada.place
    assert ada.says("MailUp is connected.")
    assert ada.says("m1234")
    assert [] == ada.attempts()
    assert reads_lists(ada)
    assert [echo == "always"] == ["state=" in one.url for one in ada.asked("/mailup/complete")]


def test_an_expired_token_is_renewed_in_the_background(connected, app):
    """An hour later at MailUp, the next page is there as if nothing had happened; one refresh was made."""
    ada = connected
    assert reads_lists(ada)
    app.order("clock", forward="61m")

    assert reads_lists(ada)
    assert 1 == app.counted("tokens-rotated")


def test_somebody_disconnects(connected):
    """The button ends the connection, and the page says what is left to do."""
    ada = connected
    ada.goes("/mailup/")
    ada.press("Disconnect")
    ada.page.get_by_text("The access to MailUp was erased here.").wait_for()

    assert "/mailup/" == ada.place
    assert not ada.is_connected()
    assert not ada.says("was erased here. MailUp itself")
    assert not reads_lists(ada)


def test_somebody_says_no(ada, app):
    """Whoever denies lands on a page that says so, and may connect again."""
    ada.connects(answer=Answer.DENY)

    assert "/mailup/failed" == ada.place
    assert "MailUp was not connected" == ada.heading
    assert 0 == app.counted("tokens-issued")
    ada.connects()
    assert ada.says("MailUp is connected.")


def test_two_tabs_side_by_side(ada, app):
    """Two attempts that were begun in two tabs both come to their end, the older one last."""
    second = ada.context.new_page()
    ada.begins()
    ada.begins(second)
    assert 2 == len(ada.attempts())
    for tab in (second, ada.page):
        tab.reload()  # MailUp's form is for the tab that showed it last
        ada.logs_on(page=tab)
        ada.consents(page=tab)
        assert f"{app.address}/mailup/" == tab.url

    assert [] == ada.attempts()
    assert ada.is_connected()


def test_back_and_reload_after_the_callback(ada, app):
    """The callback is in nobody's history: back are MailUp's two forms, forward and reload are the status page."""
    ada.connects()
    ada.page.reload()
    reloaded = ada.place
    ada.leafs(-2)  # one step back is the answer to a form, which Chromium asks about first
    ada.page.wait_for_url(f"{app.mailup}/**")
    ada.leafs(2)
    ada.page.wait_for_url(f"{app.address}/**")

    assert ["/mailup/", "/mailup/"] == [reloaded, ada.place]
    assert 1 == len(ada.asked("/mailup/complete"))
    assert ada.is_connected()
    assert 1 == app.counted("tokens-issued")


def test_the_callback_again(ada, app):
    """Its address, taken from a log and typed, is told that it was used; nothing changes."""
    ada.connects()
    [callback] = [one.url for one in ada.asked("/mailup/complete")]
    ada.page.goto(callback)

    assert "/mailup/failed" == ada.place
    assert "This log-in was used already" == ada.heading
    assert ada.is_connected()
    assert 1 == app.counted("tokens-issued")


def test_a_double_click_on_connect(ada, app):
    """Whoever clicks twice connects once."""
    ada.goes("/mailup/")
    ada.page.get_by_role("button", name="Connect to MailUp").dblclick()
    ada.page.wait_for_url(f"{app.mailup}/**")
    ada.logs_on()
    ada.consents()

    assert "/mailup/" == ada.place
    assert ada.is_connected()
    assert 1 == app.counted("tokens-issued")
    assert len(ada.attempts()) <= 1


def test_another_person_at_the_same_browser(ada, app):
    """Who signs in as somebody else while the first is at MailUp connects neither of them."""
    ada.begins()
    second = ada.context.new_page()
    second.goto(app.address)
    ada.press("Sign out", second)
    ada.press("Sign in as bob", second)
    second.get_by_text("Signed in as").wait_for()
    ada.logs_on()
    ada.consents()

    assert "/mailup/failed" == ada.place
    assert "Somebody else began this log-in" == ada.heading
    assert [] == ada.attempts()
    assert not ada.is_connected()
    ada.sign_out()
    ada.sign_in("ada")
    assert not ada.is_connected()
    assert 0 == app.counted("tokens-issued")


def test_nobody_is_signed_in_any_more(ada, app):
    """Who signed out while at MailUp is told so, and nothing is connected."""
    ada.begins()
    second = ada.context.new_page()
    second.goto(app.address)
    ada.press("Sign out", second)
    second.get_by_text("Who are you?").wait_for()
    ada.logs_on()
    ada.consents()

    assert "/mailup/failed" == ada.place
    assert "You are signed out" == ada.heading
    assert [] == ada.attempts()
    assert 0 == app.counted("tokens-issued")


def test_two_tenants_have_two_connections(connected, people):
    """What Ada of Acme connects is not Bob of Bolt's."""
    ada = connected
    bob = people()
    bob.sign_in("bob")
    before = bob.is_connected()
    bob.connects("m5678")

    assert not before
    assert bob.says("m5678")
    assert not bob.says("m1234")
    ada.goes("/mailup/")
    assert ada.says("m1234")
    assert not ada.says("m5678")
