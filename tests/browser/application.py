"""An example that runs, the sandbox before it, and what puts both back to the beginning."""

import re
import ssl
from html.parser import HTMLParser

import httpx
from attrs import frozen

from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.coin import key_of
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.sandbox.desk.sight import mark_of
from mailup_oauth.sandbox.scenario import DEMONSTRATION
from mailup_oauth.testing.visitor import over_http, walk

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and is made once: nothing here speaks TLS, and making one for each client takes longer than the rest."""
ORDER = {"x-mailup-sandbox": "1"}
COIN = re.compile(r"(?:[0-4][0-9A-Za-z]){64}")
"""What every token of the sandbox looks like; its codes are shorter, and told by their marks alone."""
WORD = re.compile(r"[0-9A-Za-z]{16,}")


@frozen(kw_only=True)
class Application:
    """
    An example that runs.

    Attributes:
        name: Of its framework.
        address: Where it is, without a slash at the end.
        mailup: Where its sandbox is.
    """

    name: str
    address: str
    mailup: str

    def order(self, word, **members):
        """Order something of the sandbox."""
        answer = httpx.post(
            f"{self.mailup}/__sandbox__/{word}", json=members, headers=ORDER, trust_env=False, verify=PLAIN
        )
        assert answer.status_code == 200, answer.text

    def state(self):
        """Return what the sandbox shows of itself."""
        return httpx.get(f"{self.mailup}/__sandbox__/state", trust_env=False, verify=PLAIN).json()

    def counted(self, kind):
        """Return how often something has happened at MailUp."""
        events = httpx.get(f"{self.mailup}/__sandbox__/events", trust_env=False, verify=PLAIN).json()["events"]
        return sum(event["kind"] == kind for event in events)

    def secrets_in(self, text, known):
        """Return what is secret in a text: those that are known, whatever looks like a token, and whatever MailUp gave out."""
        marks = {one["mark"] for one in self.state()["credentials"]}
        given = {word for word in WORD.findall(text) if mark_of(key_of(Secret(word))) in marks}
        return {secret for secret in known if secret in text} | set(COIN.findall(text)) | given


class Forms(HTMLParser):
    """The forms of a page: where each posts to, its hidden members, and what its button says."""

    def __init__(self, body):
        super().__init__()
        self.found, self._is_button = [], False
        self.feed(body)

    def handle_starttag(self, tag, attrs):
        """Note a form and its members."""
        given = dict(attrs)
        if tag == "form":
            self.found.append([given.get("action", ""), {}, ""])
        elif tag == "input" and self.found:
            self.found[-1][1][given.get("name", "")] = given.get("value", "")
        self._is_button = tag == "button" and bool(self.found)

    def handle_data(self, data):
        """Note what a button says."""
        if self._is_button:
            self.found[-1][2] += data

    def handle_endtag(self, _):
        """Leave a button."""
        self._is_button = False


def pressed(client, path, says):
    """Press a button of a page, if it is there, and return the answer."""
    for action, members, words in Forms(client.get(path).text).found:
        if says in words:
            return client.post(action, data=members, headers={"sec-fetch-site": "same-origin"})
    return None


def browsing(app):
    """Return a client that has cookies of its own and follows nothing."""
    return httpx.Client(base_url=app.address, trust_env=False, verify=PLAIN, headers={"origin": app.address})


def cleaned(app):
    """Let both people of an example disconnect, and MailUp begin again."""
    for user in ("ada", "bob"):
        with browsing(app) as client:
            pressed(client, "/", f"as {user}")
            [(_, members, _), *_] = Forms(client.get("/mailup/").text).found  # what has ended has no such button
            client.post("/mailup/disconnect", data=members, headers={"sec-fetch-site": "same-origin"})
    app.order("reset")
    app.order("switches", calls_per_second=1000)
    return app


def connect(app, user):
    """Let somebody connect as the first of MailUp's users, from a browser without a screen."""
    [account, *_] = DEMONSTRATION.users
    with browsing(app) as client, httpx.Client(trust_env=False, verify=PLAIN) as other:
        pressed(client, "/", f"as {user}")
        url = pressed(client, "/mailup/", "Connect").headers["location"]
        fetch = over_http(other)
        back = walk(url, username=account.username, password=account.password, answer=Answer.ALLOW, fetch=fetch)
        assert "/mailup/" == client.get(back).headers["location"]
