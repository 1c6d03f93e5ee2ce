"""The owner's control addresses: what each takes, what it changes, and how it says no."""

import json
from datetime import timedelta

import pytest

from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.faults import (
    LOST_ANSWER,
    LOST_REQUEST,
    CutBody,
    Done,
    GatewayPage,
    Redirect,
    Slow,
    Target,
    Throttle,
)
from mailup_oauth.sandbox.switches import Consent, Grace, Switches, Told


def problems(answer):
    """Return what an answer says is wrong."""
    assert answer.status == 400, answer
    return json.loads(answer.body)["problems"]


def test_switches_can_be_changed_one_by_one(play, owner):
    """Named switches change, the others stay, and the answer is the state."""
    play.switch(consent=Consent.FIRST_TIME)
    told = owner.post("switches", old_refresh="grace 30s", calls_per_second=9)

    assert (
        Switches(consent=Consent.FIRST_TIME, old_refresh=Grace(timedelta(seconds=30)), calls_per_second=9)
        == play.service.world.switches
    )
    assert ("first-time", "9") == tuple(
        json.loads(told.body)["switches"][one] for one in ("consent", "calls_per_second")
    )


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"kind": "hang-up", "done": "committed"}, LOST_ANSWER),
        ({"kind": "hang-up", "done": "nothing"}, LOST_REQUEST),
        ({"kind": "throttle"}, Throttle()),
        ({"kind": "gateway-page", "status": 503}, GatewayPage(status=503)),
        (
            {"kind": "gateway-page", "status": "504", "done": "committed", "wait": "told 3s"},
            GatewayPage(status=504, done=Done.COMMITTED, wait=Told(timedelta(seconds=3))),
        ),
        ({"kind": "redirect", "location": "https://e.example/"}, Redirect(location="https://e.example/")),
        ({"kind": "cut-body", "keep": 20}, CutBody(keep=20)),
        ({"kind": "slow", "delay": "5s"}, Slow(delay=timedelta(seconds=5))),
    ],
)
def test_every_fault_can_be_planned(play, owner, said, fault):
    """A fault is said by its kind, its target and its own members; the token endpoint is the target if none is said."""
    assert 200 == owner.post("faults", target="resource", **said).status
    assert 200 == owner.post("faults", **said).status
    assert ((Target.RESOURCE, fault), (Target.TOKEN, fault)) == play.service.world.faults


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, "kind must be hang-up, or throttle, or gateway-page, or redirect, or cut-body, or slow"),
        ({"kind": 5}, "kind must be hang-up"),
        ({"kind": "hang-up"}, "done is missing"),
        ({"kind": "hang-up", "done": "canary"}, "done must be nothing, or committed"),
        ({"kind": "hang-up", "done": "nothing", "target": "canary"}, "target must be token, or resource"),
        ({"kind": "gateway-page", "status": 404}, "'status' must be in (200, 500, 502, 503, 504)"),
        ({"kind": "redirect", "location": "/\r\ncanary"}, "'location' must be printable ASCII without blanks"),
        ({"kind": "redirect", "location": 5}, "location must be text"),
        ({"kind": "cut-body", "keep": -1}, "'keep' must be >= 0"),
        ({"kind": "cut-body", "keep": 1, "ending": "too-large"}, "'ending' must be in"),
        ({"kind": "slow", "delay": "canary"}, "delay must be a span such as"),
        ({"kind": "slow", "delay": "1s", "keep": 1}, "keep is not known; there are delay"),
    ],
)
def test_what_is_no_fault_is_not_planned(play, owner, said, expected):
    """Each problem is told with its member and what could stand there, and nothing is planned."""
    [problem] = problems(owner.post("faults", **said))

    assert expected in problem
    assert "canary" not in problem
    assert () == play.service.world.faults


def test_time_can_pass(play, owner):
    """The clock goes forward by a span, and the state says how far it is ahead."""
    token = play.connect()["access_token"]
    told = json.loads(owner.post("clock", forward="1h").body)

    assert ("1h", 401) == (told["ahead"], play.info(token).status)


def test_the_contract_can_be_signed_and_unsigned(play, owner):
    """Both ways a user's contract changes what the API answers."""
    token = play.connect()["access_token"]
    owner.post("contract", username="m4321", contract="unsigned")

    assert play.info(token).status == 403
    owner.post("contract", username="m4321", contract="signed")
    assert play.info(token).status == 200


@pytest.mark.parametrize(
    ("effect", "status"), [({}, 401), ({"effect": "immediate"}, 401), ({"effect": "at-expiry"}, 200)]
)
def test_a_permission_can_be_taken_back(play, owner, effect, status):
    """A revocation reaches as far as is said, and at once if nothing is said."""
    told = play.connect()
    owner.post("revoke", username="m4321", client_id=play.client["client_id"], **effect)

    assert play.refresh(told["refresh_token"]).status == 400
    assert status == play.info(told["access_token"]).status


@pytest.mark.parametrize(
    ("word", "said", "expected"),
    [
        ("contract", {"username": "canary", "contract": "signed"}, "username is nobody's; there are m4321"),
        ("contract", {"username": "m4321", "contract": "canary"}, "contract must be signed, or unsigned"),
        ("revoke", {"username": "canary", "client_id": "other"}, "username is nobody's; there are m4321"),
        ("revoke", {"username": "m4321", "client_id": "canary"}, "client_id is nobody's; there are 1111"),
        ("clock", {"forward": "canary"}, "forward must be a span such as 90s"),
        ("clock", {}, "forward is missing"),
        ("reset", {"really": "yes"}, "really is not known; there are none"),
        ("switches", {"canary with blanks": "x"}, "? is not known; there are access_life,"),
        ("scenario", {"users": "canary"}, "users must be a list"),
    ],
)
def test_an_order_that_is_not_understood_changes_nothing(play, owner, word, said, expected):
    """What is wrong is told by its key, with what could stand there, without the value."""
    [problem] = problems(owner.post(word, **said))

    assert problem.startswith(expected)
    assert () == play.service.events


def test_a_reset_needs_no_body(play, owner):
    """An empty post is an order where nothing has to be said."""
    play.connect()

    assert owner.ask("POST", "reset", x_mailup_sandbox="1").status == 200
    assert [events.BegunAgain] == [type(event) for event in play.service.events]


def test_another_scenario_can_be_posted(play, owner):
    """As JSON and as TOML, a scenario takes the place of the one before, and a reset leads back to it."""
    owner.post("scenario", applications=[{"client_id": "a", "client_secret": "canary-a", "name": "A"}])
    assert ["a"] == [*play.service.world.applications]
    written = b'[[users]]\nusername = "m1"\npassword = "canary-1"\nuid = "1"\n[switches]\nstate_echo = "always"\n'
    owner.ask("POST", "scenario", written, content_type="application/toml; charset=utf-8", x_mailup_sandbox="1")
    owner.post("switches", state_echo="in-token-json")
    owner.post("reset")

    assert (["m1"], {}) == ([*play.service.world.users], play.service.world.applications)
    assert "always" == owner.state()["switches"]["state_echo"]


def test_a_form_leads_back_to_its_part_of_the_page(play, owner):
    """What the page's form changed is confirmed on the page, and a reload posts nothing."""
    answer = owner.fill("clock", forward="15m")
    place = dict(answer.headers)["location"]

    assert (303, "/__sandbox__/?done=clock#clock") == (answer.status, place)
    assert "The clock was moved." in owner.get("?done=clock").body.decode()
    assert 'role="status"' not in owner.get("?done=%3Cscript").body.decode()
    assert timedelta(minutes=15) == play.service.world.ahead


def test_every_form_of_the_page_is_understood(play, owner):
    """The switches of the page can be sent back as they are."""
    answer = owner.fill("switches", **owner.state()["switches"])

    assert (303, Switches()) == (answer.status, play.service.world.switches)
