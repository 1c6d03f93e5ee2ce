"""A MailUp user without a browser: walks the real log-on and consent forms, over HTTP or in this process."""

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from attrs import define, field, frozen

from ..adapters.transport.sandbox import SandboxService
from ..domain.secret import Secret
from ..domain.wire.forms import encoded
from ..sandbox.commands import Answer
from ..sandbox.messages import FORM, HungUp, Request

_REDIRECT: Final = 302


@frozen(kw_only=True)
class Page:
    """What a browser got; *headers* have names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: str = field(repr=False)

    def header(self, name: str) -> str:
        """Return the first header called *name*, or an empty text."""
        return next((value for key, value in self.headers if key == name), "")


@frozen(kw_only=True)
class Click:
    """What a browser sends; *form* is empty for a GET."""

    method: str
    url: str
    cookie: str = field(default="", repr=False)
    form: Mapping[str, str] = field(factory=dict[str, str], repr=False)


Fetch = Callable[[Click], Page]
"""Sends a click and returns the page; follows no redirect and keeps no cookie."""


@frozen
class Stranded(Exception):
    """The walk ended on a page instead of a redirect to the application."""

    status: int

    def __str__(self) -> str:
        return f"a page with status {self.status} ended the walk; look at the request, the password and the switches"


@define
class _Form(HTMLParser):
    """The action and the hidden inputs of the one form of a page."""

    action: str = ""
    fields: dict[str, str] = field(factory=dict[str, str])

    def __attrs_pre_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given.get("action", "")
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]


def walk(url: str, *, username: str, password: Secret, answer: Answer, fetch: Fetch) -> str:
    """
    Log on at *url*, answer the consent page if there is one, and return where the application gets its callback.

    Args:
        url: The authorization URL, absolute.
        username: Who logs on.
        password: With which password.
        answer: What is said to the consent page.
        fetch: ``over_http(client)`` or ``in_process(service)``.
    Raises:
        Stranded: A page came that leads nowhere: wrong password, refused request, a denial without a return.
    """
    page = _submit(
        fetch(Click(method="GET", url=url)), url, {"username": username, "password": password.reveal()}, fetch
    )
    if page.status != _REDIRECT:
        page = _submit(page, url, {"answer": answer.value}, fetch)
    if page.status != _REDIRECT:
        raise Stranded(page.status)
    return page.header("location")


def over_http(client: httpx.Client) -> Fetch:
    """Return a fetch over *client*, which must not follow redirects."""

    def fetch(click: Click) -> Page:
        headers = {"cookie": click.cookie} if click.cookie else {}
        answer = client.request(click.method, click.url, headers=headers, data=dict(click.form), follow_redirects=False)
        client.cookies.clear()  # each walk is a browser of its own
        return Page(status=answer.status_code, headers=tuple(answer.headers.multi_items()), body=answer.text)

    return fetch


def in_process(service: SandboxService) -> Fetch:
    """Return a fetch that hands its clicks to *service* without a socket."""

    def fetch(click: Click) -> Page:
        parts = urlsplit(click.url)
        outcome = service.handle(
            Request(
                method=click.method,
                path=unquote(parts.path),
                query=parts.query,
                headers=(("content-type", FORM), ("cookie", click.cookie)),
                body=encoded(tuple(click.form.items())).encode("ascii"),
            )
        )
        if isinstance(outcome, HungUp):  # pragma: no cover  # no fault waits at the log-on pages
            raise Stranded(0)
        return Page(status=outcome.status, headers=outcome.headers, body=outcome.body.decode("utf-8"))

    return fetch


def _submit(page: Page, url: str, typed: Mapping[str, str], fetch: Fetch) -> Page:
    form = _Form()
    form.feed(page.body)
    # A log-on form shown again asks for a password where consent is typed: the first password was wrong.
    if not form.action or ("answer" in typed and 'name="answer"' not in page.body):
        raise Stranded(page.status)
    filled = {**form.fields, **typed}
    return fetch(Click(method="POST", url=urljoin(url, form.action), cookie=_cookie(page), form=filled))


def _cookie(page: Page) -> str:
    return page.header("set-cookie").partition(";")[0]
