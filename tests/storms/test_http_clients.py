"""Crowds that call the API through each HTTP library with one expired token: one token request, everybody answered."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import httpx2
import pytest
import requests

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.adapters.auth import httpx2 as for_httpx2
from mailup_oauth.adapters.auth import requests as for_requests
from mailup_oauth.adapters.auth.headers import authorize
from mailup_oauth.sandbox.commands import ChangeSwitches
from mailup_oauth.sandbox.router import INFO_PATH
from mailup_oauth.sandbox.switches import ReuseKillsFamily, Switches

ONE_ROTATION = (1, 0, 0)
"""One rotation, no reuse, no revoked family, as MailUp counted them."""

THREADS, TASKS = 20, 50


@pytest.fixture
def busy(port):
    """The same MailUp, which lets a crowd call its API."""
    port.service.order(ChangeSwitches(Switches(old_refresh=ReuseKillsFamily(), calls_per_second=1000)))
    return port


def asked_by_threads(busy, get):
    """Let so many threads call the API at once, and return the users that they were told."""
    with ThreadPoolExecutor(THREADS) as crowd:
        answers = list(crowd.map(get, [busy.base + INFO_PATH] * THREADS))
    return [answer.json()["Username"] for answer in answers]


def over_requests(busy, oauth):
    """Call with one session for all threads."""
    with requests.Session() as api:
        api.auth, api.trust_env = for_requests.MailUpAuth(oauth, "acme"), False
        return asked_by_threads(busy, api.get)


def over_requests_apart(busy, oauth):
    """Call with a session for each request."""
    return asked_by_threads(
        busy, lambda url: requests.get(url, auth=for_requests.MailUpAuth(oauth, "acme"), timeout=60)
    )


def over_httpx2(busy, oauth):
    """Call with one client for all threads."""
    with httpx2.Client(auth=for_httpx2.MailUpAuth(oauth, "acme"), timeout=60, trust_env=False) as api:
        return asked_by_threads(busy, api.get)


def over_permits(busy, oauth):
    """Call with a permit for each request."""
    with httpx.Client(timeout=60, trust_env=False) as api:
        return asked_by_threads(busy, lambda url: api.get(url, headers=authorize(oauth, "acme", url).headers))


@pytest.mark.parametrize("calls", [over_requests, over_requests_apart, over_httpx2, over_permits])
def test_fault_K01_threads_that_call_the_api(busy, calls):
    """Twenty threads that call the API over one expired token send one token request, and all are answered."""
    with busy.late() as oauth:
        users = calls(busy, oauth)

    assert (["m1"] * THREADS, ONE_ROTATION) == (users, busy.counted())


def test_fault_K01_tasks_that_call_the_api(busy):
    """So do fifty tasks with httpx2."""

    async def crowd():
        async with busy.late(AsyncMailUpOAuth) as oauth:
            auth = for_httpx2.AsyncMailUpAuth(oauth, "acme")
            async with httpx2.AsyncClient(auth=auth, timeout=60, trust_env=False) as api:
                return await asyncio.gather(*(api.get(busy.base + INFO_PATH) for _ in range(TASKS)))

    users = [answer.json()["Username"] for answer in asyncio.run(crowd())]

    assert (["m1"] * TASKS, ONE_ROTATION) == (users, busy.counted())


def test_mailup_would_count_two(busy):
    """Two token requests are counted as two, so that the counts above say something."""
    with busy.late() as oauth:
        over_requests(busy, oauth)
        oauth.refresh("acme")

    assert (2, 0, 0) == busy.counted()
