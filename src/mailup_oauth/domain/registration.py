"""The application as MailUp knows it: its id, its secret and the address the browser comes back to."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from attrs import Attribute, field, frozen

from .addresses import is_loopback
from .errors import BadRegistration
from .secret import Secret


def _check_client_id(instance: object, attribute: "Attribute[str]", value: str) -> None:
    """Refuse an id that no server can have given (RFC 6749 appendix A.1)."""
    if not value or any(not " " <= character <= "~" for character in value):
        problem = "client_id is empty or holds characters other than printable ASCII"
        raise BadRegistration(problem)


def _check_redirect_uri(instance: object, attribute: "Attribute[str]", value: str) -> None:
    """Refuse an address a code must not travel to (RFC 6749 section 3.1.2, RFC 8252 sections 7.3 and 8.3)."""
    problem = _redirect_uri_problem(value)
    if problem:
        raise BadRegistration(problem)


def _redirect_uri_problem(value: str) -> str:
    """Return what is wrong with *value*, or nothing."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        return "redirect_uri is not a URL"
    if any(not "!" <= character <= "~" for character in value):
        return "redirect_uri holds blanks, control characters or letters that are not percent-encoded"
    if "#" in value:
        return "redirect_uri has a fragment, which RFC 6749 section 3.1.2 forbids"
    if "@" in parts.netloc:
        return "redirect_uri holds a user name"
    if not parts.hostname:
        return "redirect_uri is not absolute"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        return "redirect_uri must be https (http is for the addresses 127.0.0.1 and [::1], not for a name)"
    return _reserved_member(parts.query)


def _reserved_member(query: str) -> str:
    """Return what is wrong with the redirect URI's own query, or nothing."""
    taken = {"code", "state", "error", "iss"} & {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    return f"redirect_uri's query already holds {min(taken)!r}" if taken else ""


def _no_secret() -> Secret:
    """Stand where something else than a secret was given: whoever refuses it must not hold it."""
    problem = "client_secret is neither a Secret nor a callable that returns one"
    raise BadRegistration(problem)


def _to_callable(value: "Secret | Callable[[], Secret]") -> Callable[[], Secret]:
    """Accept a fixed secret where a callable is wanted; bare text is neither, and is forgotten."""
    if isinstance(value, Secret):
        return lambda: value
    given: object = value
    return value if callable(given) else _no_secret


def _check_client_secret(
    instance: object, attribute: "Attribute[Callable[[], Secret]]", value: Callable[[], Secret]
) -> None:
    """Refuse what was no secret."""
    if value is _no_secret:
        value()


@frozen(kw_only=True, init=False)
class Registration:
    """
    The application's keys, as MailUp's "Developer's corner" gives them.

    Attributes:
        client_id: Printable ASCII, usually a GUID.
        client_secret: A ``Secret``, or a callable that returns the current one, asked before each token request, so
            that a secret manager can rotate it without a restart.
        redirect_uri: Where the browser comes back; https, or http on a loopback address; no fragment, no user name.
            It is sent exactly as written here (plus the attempt's nonce, where the provider wants it there).
    Raises:
        BadRegistration: one of them cannot work; the message says which and why.
    Source: MailUp page "Get API keys"; security.md rows 6, 7 and 52.
    """

    client_id: str = field(validator=_check_client_id)
    client_secret: Callable[[], Secret] = field(validator=_check_client_secret, repr=False)
    redirect_uri: str = field(validator=_check_redirect_uri)

    def __init__(self, *, client_id: str, client_secret: Secret | Callable[[], Secret], redirect_uri: str) -> None:
        asking = _to_callable(client_secret)
        del client_secret  # a traceback may show the locals of this frame, and bare text with them
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # attrs makes it
            client_id=client_id, client_secret=asking, redirect_uri=redirect_uri
        )
