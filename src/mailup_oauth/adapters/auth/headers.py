"""The token for every other way of calling HTTP: a header for one address, and what an answer says about it."""

from collections.abc import Iterable
from typing import Final

from attrs import evolve, frozen

from ...domain.errors import ForeignAddress
from ...domain.provider import Provider
from ...domain.tokens import AccessToken
from .promises import (
    HEADER,
    AsyncTokenSource,
    TokenSource,
    bearer,
    is_rejected,
    may_see_token,
    place_of,
    plain_place_of,
)

LONGEST_TOLD: Final = 100
"""Characters of an address that an error tells."""


@frozen
class Permit:
    """
    The right to show one token at one address.

    Send ``headers`` with a request to ``url`` that follows no redirect: most clients would take them along to whatever
    host an answer names.  If the answer ``is_refused``, give the permit to ``renew`` and send the request once more.

    Attributes:
        connection: Whose token it is.
        url: The address.
        token: The token.
    """

    connection: str
    url: str
    token: AccessToken

    @property
    def headers(self) -> dict[str, str]:
        """What to add to the request; it holds the token in clear, so do not log or keep it."""
        return {HEADER: bearer(self.token)}

    @staticmethod
    def is_refused(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> bool:
        """
        Say whether an answer means that the token is no good.

        Args:
            status: The answer's status.
            headers: Its headers, such as ``answer.headers.items()``.
            body: Its body, read whole; only that of a 400 is looked into.
        """
        return is_rejected(status, headers, body)


def authorize(source: TokenSource, connection: str, url: str) -> Permit:
    """
    Return a permit for one request to *url*; renews the token when it must.

    Args:
        source: The ``MailUpOAuth``.
        connection: Your name for the connection.
        url: The whole address, percent-encoded as it will be sent.
    Raises:
        ForeignAddress: it is not below one of the provider's API hosts, over https.
        MailUpOAuthError: what ``MailUpOAuth.access_token`` raises.
    """
    _check(url, source.provider)
    return Permit(connection, url, source.access_token(connection))


def renew(source: TokenSource, permit: Permit) -> Permit:
    """Return a permit with a newer token in place of the one that was refused; raises as ``access_token`` does."""
    return evolve(permit, token=source.report_rejected(permit.connection, permit.token))


async def async_authorize(source: AsyncTokenSource, connection: str, url: str) -> Permit:
    """Return a permit for one request to *url*; as ``authorize``, for ``AsyncMailUpOAuth``."""
    _check(url, source.provider)
    return Permit(connection, url, await source.access_token(connection))


async def async_renew(source: AsyncTokenSource, permit: Permit) -> Permit:
    """Return a permit with a newer token; as ``renew``, for ``AsyncMailUpOAuth``."""
    return evolve(permit, token=await source.report_rejected(permit.connection, permit.token))


def _check(url: str, provider: Provider) -> None:
    """Refuse an address to which no token may go, or of which two readers may think differently."""
    if not may_see_token(*plain_place_of(url), provider):
        scheme, host = place_of(url)
        raise ForeignAddress(f"{scheme}://{host}"[:LONGEST_TOLD])
