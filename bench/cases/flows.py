"""What a request is made of: the flow of an auth, and what it asks of httpx, called without a client."""

from collections.abc import Callable
from contextlib import suppress

import httpx

from .peers import URL


def flowing(auth: httpx.Auth) -> Callable[[], object]:
    """The auth's own flow without a client: a request in, an answer in, the end."""
    request = httpx.Request("GET", URL)
    response = httpx.Response(200, request=request)

    def flow() -> None:
        steps = auth.sync_auth_flow(request)
        next(steps)
        with suppress(StopIteration):
            steps.send(response)

    return flow


def looking_up() -> Callable[[], object]:
    """One look for a header that is not there."""
    headers = httpx.Request("GET", URL).headers
    return lambda: headers.get("Content-Length")


def placing() -> Callable[[], object]:
    """Where a request goes."""
    request = httpx.Request("GET", URL)
    return lambda: (request.url.scheme, request.url.host)
