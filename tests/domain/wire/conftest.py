"""What the tests of the wire share: a marker without a key, and answers in one line."""

import json

import pytest

from mailup_oauth.domain.credential import Credential, Mark
from mailup_oauth.domain.wire.http import Ending, HttpResponse

JSON_HEADERS = (("content-type", "application/json; charset=utf-8"),)


def mark(secret):
    """Mark by length alone: enough to see that the marker was asked, and for which secret."""
    return Credential(secret, Mark("test", f"{len(secret.reveal()):032x}"))


def respond(body=b"", status=200, headers=JSON_HEADERS, ending=Ending.WHOLE):
    """Build a response; a body that is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status=status, headers=headers, body=content, ending=ending)


@pytest.fixture(scope="session")
def marking():
    """Stand in for the Marker port."""
    return mark


@pytest.fixture(scope="session")
def answer():
    """Build responses."""
    return respond
