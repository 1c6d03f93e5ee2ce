"""The tests of this folder would notice: each promise is broken on purpose, and the test that is about it fails."""

import httpx
import httpx2
import pytest
import requests
from tests.adapters.auth import test_bodies, test_crowd, test_headers, test_hosts, test_refusals, test_requests

from mailup_oauth.adapters.auth import flows, promises
from mailup_oauth.adapters.auth import headers as permits
from mailup_oauth.adapters.auth import requests as for_requests

BOTH = (flows, for_requests)
BASES = (httpx._client.BaseClient, httpx2._client.BaseClient)


def yes(*_):
    """Say yes."""
    return True


def no(*_):
    """Say no."""
    return False


def by_the_status_alone(_, status, __):
    """Believe whoever says 401."""
    return status in {400, 401}


def all_headers(_, request, *__):
    """Take every header along to wherever a redirect leads."""
    return request.headers


def one_after_the_other(program):
    """Return a program whose requests wait for one another."""
    program.crowd = lambda count: [program.ask().status_code for _ in range(count)]
    return program


BREAKS = {
    "anybody sees the token": (
        [(BOTH, "may_see_token", yes)],
        lambda program, wire, _: test_hosts.test_sec_56_a_token_goes_to_the_api_and_nowhere_else(
            program, wire, "https://evil.example/", may=False
        ),
    ),
    "nobody sees the token": (
        [(BOTH, "may_see_token", no)],
        lambda program, wire, _: test_hosts.test_the_callers_own_header_gives_way_to_the_token(program, wire),
    ),
    "a redirect takes the token along": (
        [(BASES, "_redirect_headers", all_headers), ((requests.Session,), "should_strip_auth", no)],
        lambda program, wire, _: test_hosts.test_sec_56_a_redirect_elsewhere_goes_without_the_token(
            program, wire, "https://evil.example/", 307
        ),
    ),
    "a redirect always loses the token": (
        [(BASES, "_redirect_headers", lambda *_: {}), ((requests.Session,), "should_strip_auth", yes)],
        lambda program, wire, _: test_hosts.test_a_redirect_within_the_api_takes_the_token_along(program, wire),
    ),
    "a stranger is believed": (
        [(BOTH, "may_speak_of", by_the_status_alone)],
        lambda *given: test_hosts.test_a_refusal_from_where_a_redirect_led_is_not_about_the_token(*given, 401),
    ),
    "nothing is a refusal": (
        [(BOTH, "is_rejected", no)],
        test_refusals.test_sec_41_an_api_that_always_says_401_gets_one_repeat,
    ),
    "everything is a refusal": (
        [(BOTH, "may_speak_of", yes), (BOTH, "is_rejected", yes)],
        lambda *given: test_refusals.test_sec_41_any_other_refusal_is_the_callers(*given, 403, {"content": b""}),
    ),
    "every answer is read": (
        [(BOTH, "may_speak_of", yes)],
        lambda program, wire, _: test_bodies.test_only_a_refusal_that_may_blame_the_token_is_read(
            program, wire, 200, 0
        ),
    ),
    "what flowed is sent again": (
        [((flows.Bodies,), "are_whole", yes), ((for_requests,), "_is_ready", yes)],
        test_bodies.test_a_body_that_flows_is_sent_once,
    ),
    "nothing is sent again": (
        [((flows.Bodies,), "are_whole", no), ((for_requests,), "_is_ready", no)],
        lambda program, wire, _: test_bodies.test_a_body_that_is_whole_is_sent_again(program, wire, "json"),
    ),
    "requests wait for one another": (
        [((test_crowd,), "PATIENCE", 0.2)],
        lambda program, *given: test_crowd.test_nothing_is_locked_while_a_request_is_under_way(
            one_after_the_other(program), *given
        ),
    ),
}
"""What is put in place of what, and the test that must fail."""


def broken(monkeypatch, breaks):
    """Put things in place of others."""
    for places, what, instead in breaks:
        for place in places:
            monkeypatch.setattr(place, what, instead)


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_promise_is_noticed(program, wire, stage, monkeypatch, name):
    """What holds with the real thing does not hold without it; httpx itself refuses to send a stream twice."""
    breaks, test = BREAKS[name]
    broken(monkeypatch, breaks)
    with pytest.raises((AssertionError, httpx.StreamConsumed, httpx2.StreamConsumed)):
        test(program, wire, stage)


OF_REQUESTS = {
    "files are not wound back": (
        "_is_ready",
        yes,
        lambda program, wire, _: test_requests.test_a_file_is_wound_back_to_where_it_stood(program, wire),
    ),
    "files are wound back to their beginning": (
        "_position",
        lambda _: 0,
        lambda program, wire, _: test_requests.test_a_file_is_wound_back_to_where_it_stood(program, wire),
    ),
}


@pytest.mark.parametrize("name", OF_REQUESTS)
def test_a_broken_promise_of_requests_is_noticed(stage, wire, ways, monkeypatch, name):
    """The same for what is particular to requests."""
    what, instead, test = OF_REQUESTS[name]
    broken(monkeypatch, [((for_requests,), what, instead)])
    with pytest.raises(AssertionError):
        test(ways["requests"](stage, wire), wire, stage)


@pytest.mark.parametrize("url", ["https://evil.example\\@services.mailup.com/", "https://you:me@services.mailup.com/"])
def test_an_address_that_is_read_in_two_ways_is_noticed(stage, monkeypatch, url):
    """Without the rule for plain addresses a permit is given for one that another parser takes elsewhere."""
    broken(monkeypatch, [((permits,), "plain_place_of", promises.place_of)])
    with pytest.raises(pytest.fail.Exception):
        test_headers.test_sec_56_any_other_address_is_refused(stage, url, "sync")
