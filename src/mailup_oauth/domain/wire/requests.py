"""What is asked: the browser's way to the log-on page, and the requests to the token and identity endpoints."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from ..provider import ClientAuthentication, NonceCarrier, Provider
from ..secret import Secret
from .forms import Fields, basic, encoded, with_query
from .http import Headers, HttpRequest

# No compressed answers: 254 KiB of gzip can become 256 MiB (security.md fact F7).
_ANSWER_WANTED: Headers = (("Accept", "application/json"), ("Accept-Encoding", "identity"))
_FORM_SENT: Headers = (*_ANSWER_WANTED, ("Content-Type", "application/x-www-form-urlencoded"))


def challenge(verifier: Secret) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636 section 4.2)."""
    digest = sha256(verifier.reveal().encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def redirect_uri(base: str, nonce: Secret, provider: Provider) -> Secret:
    """
    Return the redirect URI of one attempt; the same bytes go to the log-on page and to the token endpoint.

    Args:
        base: As registered; never changed, only added to.
        nonce: The attempt's; part of the answer where the provider's nonce travels in the redirect URI as well.
        provider: Says whether it does, and under which name.
    Source: architecture.md section 5; RFC 6749 section 4.1.3.
    """
    if provider.nonce_carrier is NonceCarrier.STATE:
        return Secret(base)
    return Secret(with_query(base, encoded(((provider.nonce_member, nonce.reveal()),))))


def authorization_url(
    provider: Provider, client_id: str, redirect_uri: str | Secret, nonce: Secret, verifier: Secret
) -> Secret:
    """
    Return where to send the browser; a ``Secret`` because whoever knows its nonce could answer for the user.

    It never holds the client's secret or the verifier, and asks for no scope.
    Source: RFC 6749 section 4.1.1; RFC 7636 section 4.3; security.md rows 1 to 9.
    """
    fields = (
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", _text(redirect_uri)),
        ("state", nonce.reveal()),
        ("code_challenge", challenge(verifier)),
        ("code_challenge_method", "S256"),
    )
    return Secret(with_query(provider.authorize_url, encoded(fields)))


def exchange_request(  # noqa: PLR0913, PLR0917  # six things meet on this wire, and each has its own type
    provider: Provider,
    client_id: str,
    client_secret: Secret,
    code: Secret,
    redirect_uri: str | Secret,
    verifier: Secret,
) -> HttpRequest:
    """Return the request that swaps *code* for tokens (RFC 6749 section 4.1.3, RFC 7636 section 4.5)."""
    fields = (
        ("grant_type", "authorization_code"),
        ("code", code.reveal()),
        ("redirect_uri", _text(redirect_uri)),
        ("code_verifier", verifier.reveal()),
    )
    return _token_request(provider, client_id, client_secret, fields)


def refresh_request(provider: Provider, client_id: str, client_secret: Secret, refresh: Secret) -> HttpRequest:
    """Return the request that swaps *refresh* for new tokens (RFC 6749 section 6); it names no scope."""
    fields = (("grant_type", "refresh_token"), ("refresh_token", refresh.reveal()))
    return _token_request(provider, client_id, client_secret, fields)


def identity_request(provider: Provider, access: Secret) -> HttpRequest:
    """Return the question whose token this is; only for a provider that has an ``identity_url``."""
    authorization = Secret(f"Bearer {access.reveal()}")
    return HttpRequest(method="GET", url=provider.identity_url, headers=_ANSWER_WANTED, authorization=authorization)


def _token_request(provider: Provider, client_id: str, client_secret: Secret, fields: Fields) -> HttpRequest:
    """Add the client's credentials in exactly one of the two places (RFC 6749 section 2.3)."""
    url = provider.token_url
    if provider.client_authentication is ClientAuthentication.BASIC:
        authorization, body = basic(client_id, client_secret), Secret(encoded(fields))
        return HttpRequest(method="POST", url=url, headers=_FORM_SENT, authorization=authorization, body=body)
    credentials = (("client_id", client_id), ("client_secret", client_secret.reveal()))
    return HttpRequest(method="POST", url=url, headers=_FORM_SENT, body=Secret(encoded((*fields, *credentials))))


def _text(value: str | Secret) -> str:
    """Return the text of a redirect URI, which is a secret only where it carries the nonce."""
    return value.reveal() if isinstance(value, Secret) else value
