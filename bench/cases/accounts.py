"""What one more account costs, in each library as its documentation keeps several; each in a process of its own."""

import gc
import json
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median

import google.oauth2.credentials
import httpx_auth
import requests_oauth2client
import requests_oauthlib
from attrs import frozen
from authlib.integrations.httpx_client import OAuth2Client

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.transport.sandbox import SandboxTransport

from . import ours, peers

BENCH = Path(__file__).resolve().parents[1]
MANY, FEW = 150, 15
"""How many are made; few of those that make a TLS context each."""

Make = Callable[[int], object]


@frozen(kw_only=True)
class Cost:
    """Of one more account: microseconds, KiB that Python allocated, and KiB that the process grew by."""

    spent: float
    traced: float
    resident: float


def connections() -> MailUpOAuth:
    """Return a client of this library with all the connections that will be asked for."""
    service = ours.mailup()
    oauth = MailUpOAuth(ours.REGISTRATION, store=MemoryStore(), transport=SandboxTransport(service))
    for number in range(MANY + 1):
        ours.connect(oauth, service, f"tenant-{number}")
    return oauth


def of_ours() -> Make:
    """One more ``auth``: the connection's token is read when it is asked for."""
    oauth = connections()
    return lambda number: oauth.auth(f"tenant-{number}")


def of_ours_with_token() -> Make:
    """The same, and its token, read from a store in memory, opened and held."""
    oauth = connections()
    return lambda number: (oauth.auth(f"tenant-{number}"), oauth.access_token(f"tenant-{number}"))


def of_authlib() -> Make:
    """One more client, with connections and a TLS context of its own."""
    return lambda _: OAuth2Client("c", "s", token=peers.token())


def of_requests_oauthlib() -> Make:
    """One more session, with connections of its own."""
    return lambda _: requests_oauthlib.OAuth2Session("c", token=peers.token())


def of_requests_oauth2client() -> Make:
    """One more auth, over one client of the token endpoint."""
    client = requests_oauth2client.OAuth2Client("https://as.example/token", client_id="c", client_secret="s")
    return lambda _: requests_oauth2client.OAuth2AccessTokenAuth(client, requests_oauth2client.BearerToken(peers.TOKEN))


def of_httpx_auth() -> Make:
    """One more auth, and its token in the cache that all share."""
    return lambda number: peers.httpx_auth_holding(httpx_auth.OAuth2.token_cache, f"c{number}")


def of_google_auth() -> Make:
    """One more set of credentials."""
    return lambda number: google.oauth2.credentials.Credentials(peers.TOKEN, f"r{number}")


def of_msal() -> Make:
    """One more application with a cache of its own, as web applications are told to; HTTP is answered from here."""
    return lambda _: peers.of_msal()


ACCOUNTS: dict[str, tuple[Callable[[], Make], int]] = {
    "mailup_oauth": (of_ours, MANY),
    "mailup_oauth, with its token from the store": (of_ours_with_token, MANY),
    "authlib": (of_authlib, FEW),
    "requests-oauthlib": (of_requests_oauthlib, MANY),
    "requests-oauth2client": (of_requests_oauth2client, MANY),
    "httpx-auth": (of_httpx_auth, MANY),
    "google-auth": (of_google_auth, MANY),
    "msal": (of_msal, MANY),
}


def one_more(name: str) -> Cost:
    """Return what one more account costs, counted in a fresh process."""
    program = [sys.executable, "-m", "cases.accounts", name]
    ran = subprocess.run(program, cwd=BENCH, capture_output=True, text=True, check=True)
    spent, traced, resident = json.loads(ran.stdout.splitlines()[-1])
    return Cost(spent=spent, traced=traced, resident=resident)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _timed(make: Make, count: int) -> tuple[float, float]:
    """Return the median microseconds, and KiB by which the process grew, for each of *count*; the first pays what all share."""
    held = [make(0)]
    gc.collect()
    before, clocks = _resident(), [time.perf_counter()]
    for number in range(1, count + 1):
        held.append(make(number))
        clocks.append(time.perf_counter())
    spent = median(after - before for before, after in pairwise(clocks))
    return spent * 1e6, (_resident() - before) / count / 1024


def _traced(make: Make, count: int) -> float:
    """Return the KiB that Python holds for each of *count*, once nobody waits to be collected."""
    held = [make(0)]
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    held += [make(number) for number in range(1, count + 1)]
    gc.collect()
    return (tracemalloc.get_traced_memory()[0] - before) / count / 1024


def _count(prepare: Callable[[], Make], count: int) -> tuple[float, float, float]:
    spent, grown = _timed(prepare(), count)
    tracemalloc.start()
    return spent, _traced(prepare(), count), grown


if __name__ == "__main__":
    asked, how_many = ACCOUNTS[sys.argv[1]]
    print(json.dumps(_count(asked, how_many)))
