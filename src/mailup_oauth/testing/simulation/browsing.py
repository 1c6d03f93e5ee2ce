"""A browser in a hurry: the walk of ``visitor``, over pages that are known to the letter, and so without a parser."""

import re
from html import unescape
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin

from ...adapters.transport.sandbox import SandboxService
from ...sandbox.commands import Answer
from ..stage import PASSWORD
from ..visitor import Click, Fetch, Page, Stranded, in_process

_ACTION: Final = re.compile(r'<form method="post" action="([^"]*)">')
_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def walked(service: SandboxService, url: str, username: str, answer: Answer) -> str:
    """
    Log on at *url*, answer the consent page, and return where the application gets its callback.

    Raises:
        Stranded: A page came that leads nowhere.
    """
    fetch = in_process(service)
    typed = (("username", username), ("password", PASSWORD.reveal()))
    page = _posted(fetch, fetch(Click(method="GET", url=url)), url, *typed)
    if page.status != HTTPStatus.FOUND:
        page = _posted(fetch, page, url, ("answer", answer.value))
    if page.status != HTTPStatus.FOUND:
        raise Stranded(page.status)
    return page.header("location")


def _posted(fetch: Fetch, page: Page, url: str, *typed: tuple[str, str]) -> Page:
    """Fill in the form of a page, and return the page that comes then."""
    action = _ACTION.search(page.body)
    if action is None:
        raise Stranded(page.status)
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(page.body)}
    cookie = page.header("set-cookie").partition(";")[0]
    return fetch(Click(method="POST", url=urljoin(url, action[1]), cookie=cookie, form={**hidden, **dict(typed)}))
