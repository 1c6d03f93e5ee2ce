"""What holds for every request and every order of requests."""

import json
from collections import Counter
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.coin import Chance
from mailup_oauth.sandbox.messages import HungUp, Request, Response
from mailup_oauth.sandbox.resources import INFO_PATH, LISTS_PATH
from mailup_oauth.sandbox.router import TOKEN_PATH
from mailup_oauth.sandbox.switches import Dead, Grace, ReuseKillsFamily, StaysValid, Switches
from mailup_oauth.sandbox.world import Live

NAMES = st.sampled_from(
    [
        "client_id",
        "client_secret",
        "redirect_uri",
        "response_type",
        "grant_type",
        "code",
        "refresh_token",
        "state",
        "username",
        "password",
        "page_token",
        "answer",
        "code_verifier",
        "code_challenge",
        "code_challenge_method",
        "pageSize",
        "filterby",
    ]
)
WORDS = st.text() | st.sampled_from(
    [
        "11111111-2222-3333-4444-555555555555",
        "canary-client-secret",
        "code",
        "authorization_code",
        "refresh_token",
        "password",
        "2",
        "Email=='a'",
        "https://app.example/",
        "Allow",
        "Deny",
        "S256",
        "m4321",
        "canary-password",
        "multipart/form-data; boundary=a",
        "application/xml",
    ]
)
FORMS = st.dictionaries(NAMES, WORDS).map(lambda form: urlencode(form, errors="replace"))
REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "PUT"]) | st.text(),
    path=st.sampled_from([*(door.value for door in Door), TOKEN_PATH, INFO_PATH, LISTS_PATH]) | st.text(),
    query=FORMS | st.text(),
    headers=st.lists(st.tuples(st.sampled_from(["Authorization", "Cookie", "Content-Type", "Accept"]), WORDS)).map(
        tuple
    ),
    body=FORMS.map(str.encode) | st.binary(),
)


@given(requests=st.lists(REQUESTS, max_size=5))
def test_no_request_raises(stage, requests):
    """Whatever bytes come, an answer goes out that can be written to a socket."""
    play = stage(Switches())
    for request in requests:
        answer = play.service.handle(request)

        assert isinstance(answer, Response | HungUp)
        for name, value in answer.headers:
            f"{name}: {value}".encode("ascii")


STEPS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 90)), max_size=12)


def run(play, steps):
    """Present tokens of the family by number, some old and some new, and return all pairs that came."""
    pairs = [play.connect()]
    for number, waited in steps:
        play.clock.move(seconds=waited)
        answer = play.refresh(pairs[number % len(pairs)]["refresh_token"])
        if answer.status == 200:
            pairs.append(json.loads(answer.body))
    return pairs


@given(steps=STEPS)
@pytest.mark.parametrize("habit", [Dead(), Grace(timedelta(seconds=60)), ReuseKillsFamily()])
def test_a_family_has_one_live_refresh_token(stage, habit, steps):
    """Unless old tokens stay valid, there is exactly one refresh token that was never used."""
    play = stage(Switches(old_refresh=habit))
    run(play, steps)
    live = Counter(one.family for one in play.service.world.refreshes.values() if isinstance(one.standing, Live))

    assert set(live.values()) == {1}


@given(steps=STEPS)
def test_after_a_reuse_nothing_of_the_family_works(stage, steps):
    """Under ``reuse-kills-family`` a replay leaves no access and no refresh token alive."""
    play = stage(Switches(old_refresh=ReuseKillsFamily()))
    pairs = run(play, [*steps, (0, 0), (0, 0)])

    assert play.happened(events.ReuseDetected) >= 1
    assert {400} == {play.refresh(pair["refresh_token"]).status for pair in pairs}
    assert {401} == {play.info(pair["access_token"]).status for pair in pairs}


@given(steps=STEPS)
def test_grace_gives_the_same_pair(stage, steps):
    """Under a grace that never ends, each token ever brings only one pair."""
    play = stage(Switches(old_refresh=Grace(timedelta(days=1))))
    pairs = run(play, steps)
    brought = {pair["refresh_token"]: pair["access_token"] for pair in pairs}

    assert {(pair["refresh_token"], pair["access_token"]) for pair in pairs} == set(brought.items())
    assert len(brought) == 1 + play.happened(events.TokensRotated)
    assert len(pairs) == len(brought) + play.happened(events.PairRepeated)


@given(waits=st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_a_code_works_once_at_most(stage, waits):
    """However often and whenever a code comes, it brings tokens no more than once."""
    play = stage(Switches(old_refresh=StaysValid()))
    code = play.code()
    statuses = []
    for waited in waits:
        play.clock.move(seconds=waited)
        statuses.append(play.exchange(code).status)

    assert statuses.count(200) <= 1
    assert play.happened(events.TokensIssued) == statuses.count(200)


@given(serials=st.sets(st.integers(0, 1000), min_size=2), entropy=st.binary())
def test_no_coin_is_made_twice(serials, entropy):
    """Even chance that never changes makes other coins at every event, and for every purpose."""
    coins = [Chance(entropy, serial).coin(purpose) for serial in serials for purpose in ("code", "access")]

    assert len({coin.reveal() for coin in coins}) == len(coins)


def test_a_life_is_repeatable(stage):
    """The same requests at the same moments with the same chance leave the same world."""
    first, second = stage(Switches()), stage(Switches())
    first.connect()
    second.connect()

    assert first.service.world == second.service.world
