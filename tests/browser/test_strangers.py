"""What somebody else's page, address or link can do to a person who is signed in: nothing."""

import pytest
from tests.browser.application import connect
from tests.browser.person import PATIENCE
from tests.web.payloads import EVIL, HARMLESS, HOSTILE

LED = {
    "a link": '<a id="a" href="{to}">Win</a><script>a.click()</script>',
    "a form with GET": '<form id="f" action="{to}"><input name="next" value="/"></form><script>f.submit()</script>',
    "a form with POST": '<form id="f" method="post" action="{to}"></form><script>f.submit()</script>',
}
"""What a stranger's page does that takes the whole tab elsewhere."""
BEHIND = {
    "image": '<img src="{to}">',
    "frame": '<iframe src="{to}"></iframe>',
    "object": '<object data="{to}"></object>',
    "style": '<link rel="stylesheet" href="{to}">',
    "prefetch": '<link rel="prefetch" href="{to}">',
    "program": "<script>fetch('{to}', {mode: 'no-cors', credentials: 'include'}).catch(() => 0)</script>",
    "post": "<script>fetch('{to}', {method: 'POST', mode: 'no-cors', credentials: 'include'}).catch(() => 0)</script>",
    "form": '<iframe name="i"></iframe><form id="g" method="post" target="i" action="{to}"></form><script>g.submit()</script>',
}
"""What it does that nobody sees."""


def opened(person, page, expected):
    """Let somebody open a stranger's page in a new tab; return the requests that it made, by address, when all have ended."""
    before = [request for one in expected for request in person.ended(one)]
    person.page = person.context.new_page()
    person.page.goto(page, wait_until="commit")
    for _ in range(PATIENCE // 10):
        ended = {one: [request for request in person.ended(one) if request not in before] for one in expected}
        if all(ended.values()):
            return {one: requests[0] for one, requests in ended.items()}
        person.page.wait_for_timeout(10)
    return pytest.fail(f"nothing was asked for: {[one for one, requests in ended.items() if not requests]}")


def led(person, site, address, lure, to):
    """Let a stranger's page take somebody to an address, and return the request."""
    site.pages["/lure"] = f"<!doctype html><title>lure</title>{LED[lure].replace('{to}', to)}"
    expected = to.partition("?")[0] if "GET" in lure else to
    request = opened(person, f"{address}/lure", [expected])[expected]
    if "POST" in lure:
        person.page.wait_for_url(lambda url: url == to)
        person.page.goto("about:blank")  # the address that was posted to would stay: it is the stranger's doing
    return request


def used(person, site, address, *places):
    """Let a stranger's page ask for addresses by every means that nobody sees; return the requests, by means."""
    addresses = {f"{place}{'&' if '?' in place else '?'}lure={means}": means for place in places for means in BEHIND}
    pieces = (BEHIND[means].replace("{to}", one) for one, means in addresses.items())
    site.pages["/use"] = f"<!doctype html><title>use</title>{''.join(pieces)}"
    return {addresses[one]: asked for one, asked in opened(person, f"{address}/use", addresses).items()}


@pytest.mark.parametrize("where", ["elsewhere", "beside"])
def test_a_stranger_s_page_neither_begins_nor_ends_anything(connected, app, evil, where):
    """By link, form, image, frame, program or prefetch, from another site or another origin: no effect."""
    ada = connected
    before, asked = app.state()["serial"], ada.at_mailup()
    address = getattr(evil, where)
    pages = [f"{app.address}/mailup/{page}" for page in ("begin", "disconnect")]
    statuses = [led(ada, evil, address, lure, page).response().status for lure in LED for page in pages]
    for page in pages:  # one after the other: the frames of one page have one name
        used(ada, evil, address, page)
    ada.goes("/mailup/")

    assert [403, 405, 403, 405] == statuses[:4]
    assert {401, 403} >= set(statuses[4:])  # without its cookie a POST from another site is nobody's
    assert (before, asked) == (app.state()["serial"], ada.at_mailup())
    assert [] == ada.attempts()
    assert ada.says("m1234")


@pytest.mark.parametrize("where", ["elsewhere", "beside"])
def test_our_pages_are_blank_in_a_stranger_s_frame(connected, app, evil, where):
    """A page of ours in a frame shows nothing, whoever is signed in."""
    ada = connected
    evil.pages["/frames"] = "".join(
        f'<iframe name="{page or "status"}" src="{app.address}/mailup/{page}"></iframe>'
        for page in ("", "begin", "complete", "disconnect", "failed")
    )
    ada.page.goto(f"{getattr(evil, where)}/frames", wait_until="networkidle")
    frames = [frame for frame in ada.page.frames if frame.parent_frame]

    assert 5 == len(frames)
    assert ["chrome-error://chromewebdata/"] * 5 == [frame.url for frame in frames]
    assert not [frame for frame in frames if "MailUp" in frame.locator("body").inner_text()]


def test_an_attacker_s_callback_in_the_victim_s_browser(connected, people, app, evil):
    """The attacker's own callback address, opened in the victim's browser by every means: their link is unchanged."""
    ada = connected
    mallory = people()
    mallory.sign_in("bob")
    lure = mallory.callback("m5678")
    before = app.state()["serial"]
    led(ada, evil, evil.elsewhere, "a link", lure)
    led(ada, evil, evil.elsewhere, "a form with POST", lure)
    used(ada, evil, evil.elsewhere, lure)
    ada.page.goto(lure)

    assert "/mailup/failed" == ada.place
    assert "This log-in was not begun here" == ada.heading
    assert before == app.state()["serial"]
    assert ada.is_connected()
    assert ada.says("m1234")
    assert not mallory.is_connected()


def test_the_victim_s_own_callback_is_finished_by_their_own_journey_alone(people, app, evil, wire):
    """Their cookie goes with a top-level GET from another site, which is MailUp's way, and with nothing else from there."""
    ada = people(proxy={"server": wire.address})
    ada.sign_in("ada")
    callback = ada.callback()
    [name] = ada.attempts()
    asked = used(ada, evil, evil.elsewhere, callback)
    led(ada, evil, evil.elsewhere, "a form with POST", callback)
    sent = {means: wire.asked(one.url, one.method) for means, one in asked.items()}
    sent["posted"] = wire.asked(callback, "POST")
    assert [name] == ada.attempts()
    returned = led(ada, evil, evil.elsewhere, "a link", callback)
    ada.page.wait_for_url(f"{app.address}/mailup/")

    assert {*BEHIND, "posted"} == {means for means, requests in sent.items() if requests}
    assert [] == [one for requests in sent.values() for one in requests if name in one.headers.get("cookie", "")]
    assert [True] == [name in one.headers["cookie"] for one in wire.asked(callback)]
    assert 303 == returned.response().status
    assert ada.says("MailUp is connected.")
    assert [] == ada.attempts()


def test_the_cookie_is_out_of_reach_of_scripts(ada):
    """What a page of the application's could read of the cookies is nothing of ours; Chromium has them as they were set."""
    ada.begins()
    [cookie] = ada.cookies().values()
    ada.goes("/")

    assert "mailup-" not in ada.page.evaluate("() => document.cookie")
    assert (True, "Lax", "/", "127.0.0.1") == (
        cookie["httpOnly"],
        cookie["sameSite"],
        cookie["path"],
        cookie["domain"],
    )
    assert not ada.page.evaluate("() => localStorage.length + sessionStorage.length")


def test_a_reader_of_another_origin_learns_nothing(ada, app, evil):
    """A script from beside may not read a page of ours: the browser keeps the answer from it."""
    evil.pages["/read"] = "<!doctype html><title>read</title>"
    ada.page.goto(f"{evil.beside}/read")
    told = ada.page.evaluate(
        "to => fetch(to, {credentials: 'include'}).then(one => one.text()).catch(error => error.name)",
        f"{app.address}/mailup/",
    )

    assert "TypeError" == told


# --- where Chromium goes ----------------------------------------------------------------------------------------------

LANDED = """async ([action, members, places]) => {
  const landed = {};
  for (const [name, place] of Object.entries(places)) {
    const body = new URLSearchParams({...members, next: place});
    const answer = await fetch(action, {method: 'POST', body, redirect: 'follow', mode: 'same-origin'})
      .catch(error => ({url: error.message}));
    landed[name] = answer.url;
  }
  return landed;
}"""
HIDDEN = (
    "() => Object.fromEntries([...document.querySelectorAll('input[type=hidden]')].map(one => [one.name, one.value]))"
)
ORIGINS = """([places, here]) => Object.fromEntries(Object.entries(places).map(([name, place]) => {
  try { return [name, new URL(place, here).origin] } catch { return [name, 'nowhere'] }
}))"""


def text(place):
    """Return a place as it can be handed to a browser: halves of characters are replaced."""
    return place.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def test_no_place_leads_chromium_away(people, app):
    """Every hostile place as ``next``, followed by Chromium: it ends at the status page; at harmless ones it arrives."""
    ada = people(bypass_csp=True)  # so that a script of this test can run in our page, where none may
    ada.sign_in("ada")
    connect(app, "ada")
    ada.goes("/mailup/")
    places = {name: text(place) for name, place in {**HOSTILE, **HARMLESS}.items()}
    landed = ada.page.evaluate(LANDED, [f"{app.address}/mailup/disconnect", ada.page.evaluate(HIDDEN), places])
    asked = [one.url for one in ada.requests if EVIL in one.url.partition("?")[0].removeprefix(app.address)[:20]]

    assert len(HOSTILE) + len(HARMLESS) == len(landed)
    assert {f"{app.address}/mailup/"} == {landed[name] for name in HOSTILE}
    assert {} == {name: landed[name] for name in HARMLESS if not landed[name].startswith(f"{app.address}/")}
    assert [] == [url for url in asked if not url.startswith(app.address)]
    assert f"{app.address}/newsletters?page=2&sort=name" == landed["query"]


def test_somebody_lands_where_a_link_wanted_them(ada, app):
    """The whole journey with a place of ours, and with one of a stranger's, from the page that asks first."""
    for wanted, lands in (("/lists", "/lists"), (f"//{EVIL}/", "/mailup/"), (f"/\\{EVIL}", "/mailup/")):
        ada.goes(f"/mailup/begin?next={wanted}")
        assert "Connect to MailUp?" == ada.heading
        ada.press("Connect to MailUp")
        ada.page.wait_for_url(f"{app.mailup}/**")
        ada.logs_on()
        ada.consents()

        assert lands == ada.place


def test_the_places_are_hostile_in_earnest(people, app, evil):
    """By Chromium's own reading many of them lead away; a redirect to them, as written, does so too."""
    ada = people()
    ada.goes("/")
    here = f"{app.address}/mailup/complete"
    origins = ada.page.evaluate(ORIGINS, [{name: text(place) for name, place in HOSTILE.items()}, here])
    away = {name for name, origin in origins.items() if origin != app.address}
    harmless = ada.page.evaluate(ORIGINS, [HARMLESS, here])

    assert 30 <= len(away)
    assert {"scheme-relative", "slash-backslash", "tab-between-slashes", "tab-first", "ideographic-full-stop"} <= away
    assert {app.address} == set(harmless.values())
    evil.redirects["/hop"] = f"/\\{EVIL}:{evil.port}/caught"
    evil.pages["/caught"] = "<!doctype html><title>caught</title>"
    ada.page.goto(f"{evil.beside}/hop")
    assert f"{evil.elsewhere}/caught" == ada.page.url
