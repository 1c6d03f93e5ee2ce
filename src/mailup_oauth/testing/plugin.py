"""
The pytest plugin: a MailUp and its clients as fixtures, for those who embed the library.

Every run of pytest loads this module, so it loads nothing itself; each fixture loads what it gives.
"""

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..client import AsyncMailUpOAuth, MailUpOAuth
    from ..domain.tokens import AccessToken
    from ..ports import Store
    from .asked import Asked
    from .clock import FakeClock
    from .happenings import Happenings
    from .stage import Stage

MARK = "mailup"
_STAGE = pytest.StashKey["Stage"]()


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(scenario='', all_faults_met=True): what lies ahead of the connected user of mailup_sandbox, by name,"
        " and whether the test fails if it leaves a planned fault unmet (docs/testing.md).",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that passed, and left a fault unmet that was planned for it."""
    result = yield
    if _STAGE in item.stash:
        _require_all_met(item)
    return result


@pytest.fixture
def mailup_store() -> "Store":
    """Give the store of the other fixtures, in memory; a fixture of your own with this name takes its place."""
    from ..adapters.storage.memory import MemoryStore

    return MemoryStore()


@pytest.fixture
def mailup_sandbox(request: pytest.FixtureRequest, mailup_store: "Store") -> "Iterator[Stage]":
    """Give a MailUp in this process with an application and two users, ready as the test's marks say."""
    stage = _asked(request.node).staged(mailup_store)
    request.node.stash[_STAGE] = stage
    yield stage
    stage.oauth.close()


@pytest.fixture
def mailup_clock(mailup_sandbox: "Stage") -> "FakeClock":
    """Give the clock that MailUp and its clients go by; it stands still until it is moved."""
    return mailup_sandbox.clock


@pytest.fixture
def mailup_client(mailup_sandbox: "Stage") -> "MailUpOAuth":
    """Give a client of the sandbox."""
    return mailup_sandbox.oauth


@pytest.fixture
def mailup_async_client(mailup_sandbox: "Stage") -> "AsyncMailUpOAuth":
    """Give a client of the sandbox for asyncio, over the same store; it need not be closed."""
    from ..client import AsyncMailUpOAuth

    return mailup_sandbox.client(AsyncMailUpOAuth)


@pytest.fixture
def mailup_tokens(mailup_sandbox: "Stage") -> "Callable[..., AccessToken]":
    """Give a maker of access tokens: ``mailup_tokens("acme", username="m1")``, which connects the user if need be."""
    return mailup_sandbox.token


@pytest.fixture
def mailup_events(mailup_sandbox: "Stage") -> "Happenings":
    """Tell what happens from here on, in the journals and at MailUp."""
    from .happenings import Happenings

    return Happenings(mailup_sandbox)


@pytest.fixture
def mailup_server(mailup_sandbox: "Stage") -> Iterator[str]:
    """Give the base URL at which the sandbox is served on this machine, with its desk; needs the extra ``sandbox``."""
    from ..adapters.serving.desk import Desk
    from ..adapters.serving.server import serve

    with serve(Desk(mailup_sandbox.sandbox)) as base:
        yield base


def _asked(node: pytest.Item) -> "Asked":
    """Return what the marks of a test come to."""
    from .asked import NotAsked, asked

    try:
        return asked((mark.args, mark.kwargs) for mark in node.iter_markers(MARK))
    except NotAsked as problem:
        told = str(problem)
    pytest.fail(told, pytrace=False)


def _require_all_met(item: pytest.Item) -> None:
    """Fail if a fault was planned, has not been met, and had to be."""
    from .asked import unmet

    left = unmet(item.stash[_STAGE])
    if left and _asked(item).all_faults_met:
        pytest.fail(f"planned, and never met: {'; '.join(left)}. all_faults_met=False allows it.", pytrace=False)
