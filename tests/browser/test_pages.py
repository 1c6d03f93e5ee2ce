"""The pages as people have them: wide and narrow, light and dark, with eyes, with a keyboard, or read aloud."""

import os
from pathlib import Path

import pytest
from tests.browser.application import connect

from mailup_oauth.sandbox.commands import Answer

PICTURES = os.environ.get("MAILUP_OAUTH_PICTURES", "")
"""A folder to which every page is painted, for whoever wants to look at them."""
SIZES = {"wide": {"width": 1100, "height": 800}, "narrow": {"width": 390, "height": 844}}
CONTROLS = {"button", "link", "textbox", "heading"}
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return [one.innerText || one.tagName, style.outlineStyle, parseFloat(style.outlineWidth)];
}"""
COLOURS = "() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
SPILL = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _never(ada):
    ada.goes("/mailup/")


def _connected(ada):
    ada.connects()


def _renewed(ada):
    connect(ada.app, "ada")
    for _ in range(3):
        ada.app.order("clock", forward="61m")
        ada.goes("/lists")
    ada.goes("/mailup/")


def _disconnected(ada):
    connect(ada.app, "ada")
    ada.goes("/mailup/")
    ada.press("Disconnect")
    ada.page.get_by_text("erased here").wait_for()


def _dead(ada):
    connect(ada.app, "ada")
    ada.app.order("revoke", username="m1234", client_id="11111111-2222-3333-4444-555555555555", effect="immediate")
    ada.goes("/lists")
    ada.goes("/mailup/")


def _denied(ada):
    ada.connects(answer=Answer.DENY)


def _asked(ada):
    ada.goes("/mailup/begin?next=/lists")


def _refused(ada):
    ada.goes("/mailup/complete?code=x")


def _wrong(ada):
    ada.goes("/mailup/disconnect")


PAGES = {
    "never": (_never, ["Connect to MailUp"], "MailUp sandbox connection"),
    "connected": (_connected, ["Disconnect", "Connect again"], "MailUp sandbox connection"),
    "renewed": (_renewed, ["Disconnect", "Connect again"], "MailUp sandbox connection"),
    "disconnected": (_disconnected, ["Connect to MailUp"], "MailUp sandbox connection"),
    "dead": (_dead, ["Connect again"], "MailUp sandbox connection"),
    "denied": (_denied, ["See the connection"], "MailUp was not connected"),
    "asked": (_asked, ["Connect to MailUp", "See the connection"], "Connect to MailUp?"),
    "refused": (_refused, ["See the connection"], "This log-in was not begun here"),
    "wrong": (_wrong, ["See the connection"], "That is not how this page is asked"),
}
"""What leads to each page, its controls in the order of the tab key, and its first heading."""


def tree(page):
    """Return what Chromium tells a screen reader: the role and the name of everything that has one."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    shown = [node for node in nodes if not node["ignored"]]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in shown]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_used_in_every_way(name, ada, app):
    """Nothing is cut off at 390 pixels, dark is dark, every control has a name, and the keyboard's place is seen."""
    leads, controls, heading = PAGES[name]
    leads(ada)
    spoken = tree(ada.page)
    painted = {}
    for width, size in SIZES.items():
        ada.page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            ada.page.emulate_media(color_scheme=scheme)
            painted[width, scheme] = (ada.page.evaluate(SPILL), *ada.page.evaluate(COLOURS))
            if PICTURES:
                ada.page.screenshot(path=Path(PICTURES) / f"{app.name}-{name}-{width}-{scheme}.png", full_page=True)
    focused = []
    for _ in controls:
        ada.page.keyboard.press("Tab")
        focused.append(ada.page.evaluate(FOCUS))

    assert [heading] == [name for role, name in spoken if role == "heading"][:1]
    assert sorted(controls) == sorted(name for role, name in spoken if role in {"button", "link"})
    assert [] == [role for role, name in spoken if role in CONTROLS and not name]
    assert "main" in {role for role, _ in spoken}
    assert {0} == {spill for spill, *_ in painted.values()}
    assert painted["wide", "light"] == painted["narrow", "light"] != painted["wide", "dark"]
    assert [(control, "solid") for control in controls] == [(text, style) for text, style, _ in focused]
    assert min(width for *_, width in focused) >= 2
    assert [] == [one.url for one in ada.requests if not one.url.startswith((app.address, app.mailup))]


def test_nobody_is_told_to_sign_in(people, app):
    """Whoever is not signed in is told so, or is led to the application's own page for that, as Django does."""
    nobody = people()
    nobody.goes("/mailup/")

    assert ("Django" if app.name == "django" else "Sign in first") == nobody.heading


def test_what_happened_is_announced(ada):
    """The sentence about a new connection is a status for screen readers."""
    ada.connects()

    assert "status" in {role for role, _ in tree(ada.page)}


def test_a_keyboard_is_enough(ada, app):
    """Tab and Enter lead to MailUp."""
    ada.goes("/mailup/")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.press("Enter")
    ada.page.wait_for_url(f"{app.mailup}/**")

    assert 1 == len(ada.attempts())
