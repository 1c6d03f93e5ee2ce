"""What one authorization server is like, as data: its endpoints and every habit of it we put up with."""

import enum
from datetime import timedelta
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from .addresses import is_loopback
from .errors import BadProvider


@enum.unique
class ClientAuthentication(enum.Enum):
    """Where the client's id and secret go in a token request (RFC 6749 section 2.3.1); exactly one of the two."""

    BODY = "client_secret_post"
    BASIC = "client_secret_basic"


@enum.unique
class NonceCarrier(enum.Enum):
    """What brings an attempt's nonce back from the browser's journey."""

    STATE = "state"
    """The ``state`` parameter alone, as RFC 6749 section 4.1.2 promises it; required back."""
    STATE_AND_REDIRECT_URI = "state-and-redirect-uri"
    """``state`` and a query member of the redirect URI; at least one must come back, and all that come must match."""


@enum.unique
class Tolerance(enum.Enum):
    """A habit that breaks RFC 6749 and is put up with where a provider's value names it; never the default."""

    TOKEN_TYPE_ABSENT = "token-type-absent"
    """A token answer without ``token_type`` means Bearer (MailUp page "Authenticating with OAuth v2")."""
    TOKENS_WITH_302 = "tokens-with-302"
    """A 302 of the token endpoint that carries a whole token body counts as 200 (same page)."""
    ANY_MEDIA_TYPE = "any-media-type"
    """A token body is read as JSON whatever ``Content-Type`` says (never recorded for MailUp)."""
    REST_ERRORS = "rest-errors"
    """``ErrorCode``/``ErrorDescription`` bodies are understood at the token endpoint too."""


@enum.unique
class Issuer(enum.Enum):
    """What a provider promises about the ``iss`` parameter of RFC 9207."""

    NOT_SENT = "not-sent"
    """No promise; an ``iss`` that comes all the same must equal the provider's issuer."""
    ALWAYS_SENT = "always-sent"
    """A callback without ``iss`` is refused."""


def _https(instance: object, attribute: "Attribute[str]", value: str) -> None:
    """Refuse an endpoint that is neither https nor http on a loopback address (security.md rows 8 and 54)."""
    if not _is_safe(value):
        raise BadProvider(setting=attribute.name)


def _https_if_any(instance: object, attribute: "Attribute[str]", value: str) -> None:
    """Refuse a place for access tokens that is not https either; it may be empty."""
    if value:
        _https(instance, attribute, value)


def _is_safe(value: str) -> bool:
    """Say whether secrets may be sent to *value*, which must need no tidying: tidied, it could be another address."""
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # reading it is what checks it
    except ValueError:
        return False
    is_protected = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    is_tidy = all("!" <= character <= "~" for character in value)
    return is_protected and is_tidy and bool(parts.hostname) and "#" not in value and "@" not in parts.netloc


@frozen(kw_only=True, cache_hash=True)
class Provider:
    """
    One authorization server and the API behind it.

    A value for another server is ``attrs.evolve(STANDARD, authorize_url=..., token_url=..., ...)``.

    Attributes:
        name: For people and journals.
        authorize_url: Where the browser is sent; a query it already has is kept.
        token_url: Where codes and refresh tokens are sent.
        identity_url: Who the user is, asked with a fresh access token; empty where the provider has no such place.
        api_hosts: The only hosts, besides that of *identity_url*, an access token is sent to; lower case, without port.
        revocation_help: Where a person ends the authorization at the provider itself.
        issuer: The expected ``iss``; compared as text, never parsed.
        issuer_promise: Whether ``iss`` must come.
        nonce_carrier: What brings the nonce back.
        nonce_member: The name of the redirect URI's query member that carries it.
        client_authentication: Where the client's credentials go.
        tolerances: The broken rules that are put up with.
        default_life: How long an access token is taken to live when the answer does not say it.
        longest_life: What a longer ``expires_in`` is cut to.
        rotation_grace: How long a rotated refresh token is known to go on working; zero means unknown or not at all.
    Raises:
        BadProvider: an endpoint is not https (http is for loopback addresses), has a fragment or a user name, or holds
            blanks, control characters or letters that are not percent-encoded.
    Source: mailup-wire.md, kept in ``docs/mailup.md``; ADR 0003.
    """

    name: str
    authorize_url: str = field(validator=_https)
    token_url: str = field(validator=_https)
    identity_url: str = field(default="", validator=_https_if_any)
    api_hosts: frozenset[str] = frozenset()
    revocation_help: str = ""
    issuer: str = ""
    issuer_promise: Issuer = Issuer.NOT_SENT
    nonce_carrier: NonceCarrier = NonceCarrier.STATE
    nonce_member: str = "mailup_attempt"
    client_authentication: ClientAuthentication = ClientAuthentication.BASIC
    tolerances: frozenset[Tolerance] = frozenset()
    default_life: timedelta = timedelta(hours=1)
    longest_life: timedelta = timedelta(days=365)
    rotation_grace: timedelta = timedelta()


_OAUTH = "https://services.mailup.com/Authorization/OAuth"
_CONSOLE = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console"

MAILUP = Provider(
    name="MailUp",
    authorize_url=f"{_OAUTH}/LogOn",
    token_url=f"{_OAUTH}/Token",
    identity_url=f"{_CONSOLE}/Authentication/Info",
    api_hosts=frozenset({"services.mailup.com"}),
    revocation_help="the MailUp console, among the applications that the user has authorized",
    nonce_carrier=NonceCarrier.STATE_AND_REDIRECT_URI,
    client_authentication=ClientAuthentication.BODY,
    tolerances=frozenset(Tolerance),
    longest_life=timedelta(days=1),
)
"""MailUp as its pages and its working clients show it (``docs/mailup.md`` has each fact with its source)."""

STANDARD = Provider(
    name="standard",
    authorize_url="https://authorization.invalid/authorize",
    token_url="https://authorization.invalid/token",  # noqa: S106  # an address
)
"""RFC 6749 and RFC 9700 to the letter; the addresses are to be replaced."""
