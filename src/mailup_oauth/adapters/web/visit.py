"""A request as the flows see it, and what they answer, whatever framework carries both."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, TypedDict

from attrs import field, frozen
from attrs.validators import max_len

from ...domain.secret import Secret
from .landing import path_of


@frozen(kw_only=True)
class Who:
    """
    Who is signed in to the application, and which connection is theirs.

    Attributes:
        user: The application's own name for the person; the journal calls it the actor, and only the same person can
            finish what they began.  255 characters at most, for a cookie has to hold it.
        connection: The connection they act for, such as their tenant's id.  It comes from the application's session and
            never from the request's own parameters.
    Raises:
        ValueError: the name is too long.
    """

    user: str = field(validator=max_len(255))
    connection: str


def person(answer: Who | str | None) -> Who | None:
    """Return who an application says is signed in; one name alone stands for the person and the connection."""
    return Who(user=answer, connection=answer) if isinstance(answer, str) else answer


@frozen(kw_only=True)
class Places:
    """The paths under which an application has mounted the five pages."""

    status: str
    begin: str
    complete: str
    disconnect: str
    failed: str


def _reference() -> str:
    """Return what ties an answer to the journal and to the logs."""
    return secrets.token_hex(6)


@frozen(kw_only=True)
class Visit:
    """
    A request.

    Attributes:
        method: In capitals.
        query: What stood behind the question mark, still encoded.
        headers: By lower-case name.
        cookies: By name.
        wanted: Where the person wants to be afterwards; a stranger's text, checked by the flows.
        who: Who is signed in; ``None`` if nobody is.
        places: Where the pages are.
        csrf: HTML to put into every form, such as Django's token; ours, never a visitor's.
        reference: The correlation id.
    """

    method: str
    query: str = field(repr=lambda query: f"<{len(query)} characters>")
    headers: Mapping[str, str] = field(repr=False)
    cookies: Mapping[str, str] = field(repr=False)
    wanted: str = ""
    who: Who | None
    places: Places
    csrf: str = field(default="", repr=False)
    reference: str = field(factory=_reference)


class CookieSettings(TypedDict):
    """What every framework's ``set_cookie`` takes besides name and value, in the words that they all share."""

    max_age: int
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


@frozen(kw_only=True)
class Cookie:
    """
    A cookie to be set: for this host alone, out of reach of scripts, and not sent with requests of other sites.

    Attributes:
        value: Empty if the cookie is to be forgotten.
        lives: For how long.
        is_secure: Whether it travels over https alone.
    """

    name: str
    value: str = field(repr=lambda value: f"<{len(value)} characters>")
    lives: timedelta
    is_secure: bool

    @property
    def settings(self) -> CookieSettings:
        """What is the same in every framework."""
        seconds = int(self.lives.total_seconds())
        return {"max_age": seconds, "path": "/", "secure": self.is_secure, "httponly": True, "samesite": "lax"}


@frozen(kw_only=True)
class Answer:
    """
    What a visit is answered with.

    Attributes:
        headers: All of them, but for the cookies.
        cookies: To be set with their ``settings``.
        body: HTML, or nothing.
        has_linked: Whether an authorization was just linked, so that a session deserves a new id (ASVS 7.2.4).
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    cookies: tuple[Cookie, ...] = ()
    body: str = field(default="", repr=False)
    has_linked: bool = False


def moved(to: Secret | str, *cookies: Cookie, has_linked: bool = False) -> Answer:
    """Return the answer that sends the browser elsewhere with a GET, and tells nobody where it came from."""
    address = to.reveal() if isinstance(to, Secret) else path_of(to)
    headers = (("Location", address), ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"), *_ALWAYS)
    return Answer(status=303, headers=headers, cookies=cookies, has_linked=has_linked)


_ALWAYS = (("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Opener-Policy", "same-origin"))


def shown(status: int, body: str, policy: str, referrer: str, *cookies: Cookie, allow: str = "") -> Answer:
    """
    Return a page.

    Args:
        status: The HTTP status.
        body: HTML.
        policy: Its Content-Security-Policy.
        referrer: Its Referrer-Policy.
        cookies: To be set.
        allow: The methods that would have been right, where this one was not.
    """
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", referrer),
        *_ALWAYS,
    )
    allowed = (("Allow", allow),) if allow else ()
    return Answer(status=status, headers=headers + allowed, cookies=cookies, body=body)
