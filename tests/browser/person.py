"""Somebody at a Chromium: what they do, and everything that their browser was sent and has kept."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
from tests.browser.application import PLAIN
from tests.disguises import in_all_forms

from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.scenario import DEMONSTRATION
from mailup_oauth.testing.visitor import over_http, walk

PATIENCE = 20_000
"""Milliseconds after which a page that does not come has failed."""
[_APPLICATION] = DEMONSTRATION.applications
PASSWORDS = {user.username: user.password.reveal() for user in DEMONSTRATION.users}
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, window.name])"


class Person:
    """
    A browser context, and somebody at it.

    Attributes:
        page: The tab that they look at.
        room: Who rests with them, when they rest.
        secrets: The codes and nonces that their browser was shown, and the client secret.
    """

    def __init__(self, browser, **options):
        self.app, self.room = None, []
        self.context = browser.new_context(service_workers="block", **options)
        self.context.set_default_timeout(PATIENCE)
        self.requests, self.responses, self.failed, self.dialogs = [], [], [], []
        self.secrets = set()
        self.context.on("request", self._note)
        self.context.on("response", self._answered)
        self.context.on("requestfailed", self._kept_back)
        self.context.on("dialog", self._dismiss)
        self.page = self.context.new_page()

    def before(self, app):
        """Return the person as somebody new, before an application; that contexts are reused saves half of the time."""
        self.app = app
        self.secrets = {_APPLICATION.client_secret.reveal()}
        for noted in (self.requests, self.responses, self.failed, self.dialogs):
            noted.clear()
        return self

    def leaves(self):
        """Forget everything, and close all tabs but one."""
        self.context.clear_cookies()
        self.page, *others = self.context.pages
        for tab in others:
            tab.close()
        self.page.goto("about:blank")

    # --- what they do -------------------------------------------------------------------------------------------------

    def goes(self, path):
        """Type an address of the application's."""
        return self.page.goto(f"{self.app.address}{path}")

    def sign_in(self, user):
        """Say who they are."""
        self.goes("/")
        self.press(f"Sign in as {user}")
        self.page.get_by_text("Signed in as").wait_for()

    def sign_out(self):
        """Go away."""
        self.goes("/")
        self.press("Sign out")
        self.page.get_by_text("Who are you?").wait_for()

    def press(self, says, page=None):
        """Press a button."""
        (page or self.page).get_by_role("button", name=says).first.click()

    def begins(self, page=None):
        """Press the connect button of the status page, and arrive at MailUp."""
        page = page or self.page
        page.goto(f"{self.app.address}/mailup/")
        page.get_by_role("button", name=re.compile("Connect")).first.click()
        page.wait_for_url(f"{self.app.mailup}/**")

    def logs_on(self, user="m1234", page=None):
        """Fill in MailUp's first form."""
        page = page or self.page
        page.get_by_label("User name").fill(user)
        page.get_by_label("Password").fill(PASSWORDS[user])
        self.press("Log on", page)
        page.get_by_role("button", name=Answer.ALLOW.value).wait_for()

    def consents(self, answer=Answer.ALLOW, page=None):
        """Answer MailUp's second form, and arrive back at the application."""
        page = page or self.page
        self.press(answer.value, page)
        page.wait_for_url(f"{self.app.address}/**")
        page.wait_for_load_state()

    def connects(self, user="m1234", answer=Answer.ALLOW):
        """Connect, from the button to the page behind the callback."""
        self.begins()
        self.logs_on(user)
        self.consents(answer)

    def callback(self, user="m1234", answer=Answer.ALLOW):
        """Begin, and return the address that MailUp would send them back to; MailUp's forms are filled in elsewhere."""
        self.begins()
        with httpx.Client(trust_env=False, verify=PLAIN) as other:
            return walk(
                self.page.url, username=user, password=Secret(PASSWORDS[user]), answer=answer, fetch=over_http(other)
            )

    def leafs(self, pages):
        """Go to and fro in the tab's history, as the browser's buttons do when they are held."""
        self.page.evaluate("pages => { setTimeout(() => history.go(pages)) }", pages)  # not before this has returned

    # --- what they see ------------------------------------------------------------------------------------------------

    @property
    def place(self):
        """The address of the page, without the application's own."""
        return self.page.url.removeprefix(self.app.address)

    @property
    def heading(self):
        """The first heading."""
        return self.page.locator("h1").inner_text()

    def says(self, words):
        """Say whether the page holds some words, once it is there."""
        return words in self.page.locator("body").inner_text()

    def is_connected(self):
        """Look at the status page."""
        self.goes("/mailup/")
        return self.page.locator(".state").inner_text() == "Connected"

    def cookies(self):
        """Return the cookies that the library has set, by name."""
        return {one["name"]: one for one in self.context.cookies() if "mailup-" in one["name"]}

    def attempts(self):
        """Return the names of the cookies of attempts."""
        return [name for name in self.cookies() if "flow" in name]

    def asked(self, path, method=None):
        """Return the requests for a path of the application's, as they left."""
        return [
            one
            for one in self.requests
            if one.url.startswith(self.app.address) and urlsplit(one.url).path == path and method in {None, one.method}
        ]

    def ended(self, address):
        """Return the requests for an address that were answered, or whose answer Chromium kept from the page."""
        known = [*(response.request for response in self.responses), *self.failed]
        return [one for one in known if one.url.startswith(address)]

    def at_mailup(self):
        """Return how often MailUp was asked."""
        return sum(one.url.startswith(self.app.mailup) for one in self.requests)

    # --- what must not be left ----------------------------------------------------------------------------------------

    def left(self):
        """Return all that remains of what they did: addresses, pages, storage, cookies, and the application's headers."""
        parts = {}
        for number, page in enumerate(self.context.pages):
            if page.url.startswith(self.app.address):
                parts[f"address {number}"] = page.url
                parts[f"page {number}"] = page.content()
                parts[f"storage {number}"] = page.evaluate(STORED)
        parts["cookies"] = repr(self.context.cookies([self.app.address]))
        for number, response in enumerate(self.responses):
            if response.url.startswith(self.app.address) and response.request.is_navigation_request():
                headers = response.headers.items()  # the cookies are in the browser's own list, above
                parts[f"headers {number}"] = repr([one for one in headers if not self._leads_to_mailup(*one)])
        return parts

    def assert_nothing_is_left(self):
        """Claim that no code, nonce, token or secret remains anywhere, and that no page has opened a dialog."""
        left = self.left()
        found = {place: self.app.secrets_in(in_all_forms(text), self.secrets) for place, text in left.items()}

        assert {} == {place: secrets for place, secrets in found.items() if secrets}
        assert [] == [text for place, text in left.items() if place.startswith("address") and "code=" in text]
        assert [] == self.dialogs

    def _leads_to_mailup(self, name, value):
        """Say whether a header is the one in which a nonce has to leave."""
        return name == "location" and value.startswith(self.app.mailup)

    def _note(self, request):
        """Note a request, and every code and nonce that is in it."""
        self.requests.append(request)
        members = parse_qs(urlsplit(request.url).query)
        members |= parse_qs(urlsplit(members.get("redirect_uri", [""])[0]).query)
        named = {name: values for name, values in members.items() if name not in {"client_id", "redirect_uri", "scope"}}
        if "/OAuth/" in request.url or "/mailup/complete" in request.url:
            self.secrets |= {value for values in named.values() for value in values if len(value) >= 20}

    def _answered(self, response):
        """Note an answer."""
        self.responses.append(response)

    def _kept_back(self, request):
        """Note a request whose answer did not come, or was not given to the page."""
        self.failed.append(request)

    def _dismiss(self, dialog):
        """Note a dialog, and close it."""
        self.dialogs.append(dialog.message)
        dialog.dismiss()
