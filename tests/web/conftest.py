"""What the tests of the web adapters share; ``scene.py`` tells what there is."""

from contextlib import ExitStack

import pytest
from tests.web.scene import ORIGIN, address, over_httpx

pytest.register_assert_rewrite("tests.web.claims")


@pytest.fixture(scope="session")
def mailup_address():
    """An address of this machine where one MailUp after another is reached."""
    with address() as place:
        yield place


@pytest.fixture
def scene(mailup_address):
    """A MailUp that has one application and two users, and a clock that the application shares."""
    return mailup_address.begin()


@pytest.fixture
def started():
    """Start applications of Starlette or FastAPI, and end them with the test."""
    from starlette.testclient import TestClient  # noqa: PLC0415  # the other frameworks are tried without it, too

    with ExitStack() as stack:
        yield lambda app, **options: over_httpx(stack.enter_context(TestClient(app, base_url=ORIGIN, **options)))
