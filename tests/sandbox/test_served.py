"""A whole sandbox from a scenario, on a real socket: MailUp for everybody, the desk for this machine."""

import threading
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from attrs import evolve

from mailup_oauth.adapters.serving.sandbox import serve_scenario, service_of
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH
from mailup_oauth.sandbox.scenario import DEMONSTRATION, From
from mailup_oauth.sandbox.world import Application, MailUpUser

CLIENT = {"client_id": "a", "client_secret": "canary-a"}
USER = {"grant_type": "password", "username": "m1", "password": "canary-1"}
PROGRAM = {"X-Mailup-Sandbox": "1"}
SCENARIO = evolve(
    DEMONSTRATION,
    applications=(Application(client_id="a", client_secret=Secret("canary-a"), name="A"),),
    users=(MailUpUser(username="m1", password=Secret("canary-1"), uid="1"),),
)


@pytest.fixture
def online():
    """Serve the scenario and give a client of it."""
    with serve_scenario(SCENARIO) as base, httpx.Client(base_url=base, trust_env=False) as client:
        yield client


def test_a_program_and_its_owner_share_a_sandbox(online):
    """What the owner orders over HTTP is what the program meets: time, faults, contract and reset."""
    told = online.post(TOKEN_PATH, data={**USER, **CLIENT}).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}

    assert "m1" == online.get(INFO_PATH, headers=bearer).json()["Username"]
    online.post(
        "/__sandbox__/faults", json={"target": "resource", "kind": "gateway-page", "status": 503}, headers=PROGRAM
    )
    assert 503 == online.get(INFO_PATH, headers=bearer).status_code
    online.post("/__sandbox__/clock", json={"forward": "1h"}, headers=PROGRAM)
    assert 401 == online.get(INFO_PATH, headers=bearer).status_code
    online.post("/__sandbox__/reset", headers=PROGRAM)
    assert 400 == online.get(INFO_PATH, headers=bearer).status_code


def test_the_desk_is_a_page_whose_forms_work(online):
    """A browser on this machine gets the page, and may post its forms with the page's own origin only."""
    origin = str(online.base_url).rstrip("/")
    page = online.get("/__sandbox__/")
    own = online.post("/__sandbox__/clock", data={"forward": "15m"}, headers={"Origin": origin})
    foreign = online.post("/__sandbox__/clock", data={"forward": "15m"}, headers={"Origin": "http://evil.example"})

    assert (200, 303, 403) == (page.status_code, own.status_code, foreign.status_code)
    assert f"{origin}<wbr>/Authorization" in page.text
    assert "15m" == online.get("/__sandbox__/state").json()["ahead"]


def test_a_page_elsewhere_gets_no_leave(online):
    """A preflight from another origin is answered without any of the headers that would let it in."""
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Headers": "x-mailup-sandbox"}
    answer = online.options("/__sandbox__/reset", headers=asked)

    assert answer.status_code in {403, 405}
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_rebound_name_is_refused(online):
    """A host name that only points here opens nothing."""
    assert 403 == online.get("/__sandbox__/state", headers={"Host": "rebound.example"}).status_code


def test_two_sandboxes_make_different_tokens():
    """Chance is the system's: no two sandboxes, and no two tokens, are alike."""
    values = set()
    for _ in range(2):
        with serve_scenario(SCENARIO) as base:
            told = httpx.post(base + TOKEN_PATH, data={**USER, **CLIENT}, trust_env=False).json()
            values |= {told["access_token"], told["refresh_token"]}

    assert 4 == len(values)


def test_a_scenario_begins_when_it_says():
    """The clock of a served sandbox begins where the scenario says, and runs on."""
    then = datetime(2035, 1, 1, tzinfo=UTC)
    service = service_of(evolve(SCENARIO, begins=From(then)))

    assert timedelta(0) <= service.now - then < timedelta(minutes=1)


def test_nothing_has_to_be_brought():
    """Without a scenario the demonstration is served, on loopback."""
    with serve_scenario() as base:
        assert base.startswith("http://127.0.0.1:")
        assert "Demonstration" in httpx.get(f"{base}/__sandbox__/", trust_env=False).text


def test_the_desk_serves_several_at_once(online):
    """Owners and programs that ask at the same moment all get their answers."""
    statuses = []

    def ask():
        statuses.append(online.post("/__sandbox__/clock", json={"forward": "1m"}, headers=PROGRAM).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ([200] * 8, "8m") == (statuses, online.get("/__sandbox__/state").json()["ahead"])
