"""The last value on this side, and the first on the other: where comparisons turn."""

from datetime import timedelta

import attrs
import pytest

from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.credential import Credential
from mailup_oauth.domain.errors import DeathCause
from mailup_oauth.domain.evolve import ImpossibleEvent, evolve
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.patience import until_next_try
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.registration import Registration
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.api import read_api_verdict
from mailup_oauth.domain.wire.callback import CallbackFault, Returned, nonce_digest, read_callback
from mailup_oauth.domain.wire.forms import encoded, with_query
from mailup_oauth.domain.wire.lifetimes import read_life
from mailup_oauth.domain.wire.outcomes import ApiVerdict, Defect
from mailup_oauth.domain.wire.requests import challenge
from mailup_oauth.domain.wire.strict_json import read_object
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.canary import marked

LONE = Secret("canary-\ud800")
"""A secret that is no Unicode, which JSON can carry."""


def marking(secret):
    """Mark a code where it is born."""
    return Credential(secret, marked(secret))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-0.5", 0), ("0.5", 0), ("1.0", 1), ("1.00", 1), ("-1.5", 0), ("9" * 63 + "0", 86_400), ("60.9", 60)],
)
def test_a_life_as_text_is_floored_and_never_negative(text, seconds):
    """A fraction of a second is none, on either side of zero; sixty-four characters are still a number."""
    life, _ = read_life(text, MAILUP)

    assert timedelta(seconds=seconds) == life


def test_a_life_of_sixty_five_characters_is_nonsense():
    """One character more is the provider's default life."""
    assert MAILUP.default_life == read_life("0" * 64 + "1", MAILUP)[0]


def test_depth_is_counted_in_brackets_that_are_open():
    """Eight may be open at once, however many there are in all, and brackets in texts are none."""
    eight = b'{"x":' * 8 + b"1" + b"}" * 8
    many = b'{"a":[1],"b":[2],"c":[3],"d":[4],"e":[5],"f":[6],"g":[7],"h":[8],"i":"[[[[[[[[["}'

    assert isinstance(read_object(eight), dict)
    assert isinstance(read_object(many), dict)
    assert Defect.NOT_JSON is read_object(b'{"x":' * 9 + b"1" + b"}" * 9)
    assert isinstance(read_object(b'{"x":' * 7 + b"[]" + b"}" * 7), dict)


@pytest.mark.parametrize(("status", "verdict"), [(200, "ACCEPTED"), (299, "ACCEPTED"), (300, "OTHER"), (199, "OTHER")])
def test_success_ends_before_three_hundred(status, verdict):
    """A redirect says nothing of the token."""
    assert ApiVerdict[verdict] is read_api_verdict(status, (), b"")


def test_secrets_that_are_no_unicode_are_digested_and_sent():
    """A lone surrogate never raises where secrets are hashed or encoded."""
    assert [64, 43] == [len(nonce_digest(LONE)), len(challenge(LONE))]
    assert "a=canary-%ED%A0%80" == encoded((("a", LONE.reveal()),))


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://a.example/?", "https://a.example/?x=1"),
        ("https://a.example/?b=2&", "https://a.example/?b=2&x=1"),
        ("https://a.example/?b=X", "https://a.example/?b=X&x=1"),
        ("https://a.example/", "https://a.example/?x=1"),
    ],
)
def test_a_query_is_joined_once(url, whole):
    """There is one question mark, and one ampersand between two members."""
    assert whole == with_query(url, "x=1")


@pytest.mark.parametrize(
    "address",
    [
        "https://app.example/callback?code=canary-c&state=n#fragment",
        "https://app.example/callback?code=canary-c&state=n&other=a?b",
        "HTTPS://APP.example:443/callback?code=canary-c&state=n",
    ],
)
def test_the_place_ends_at_the_first_question_mark(address):
    """A fragment and later question marks are no part of the place, and ports have their defaults."""
    callback = read_callback(
        address, redirect_uri="https://app.example/callback?kept=1?2", provider=STANDARD, marking=marking
    )

    assert isinstance(callback, Returned)


def test_a_callback_to_another_port_is_elsewhere():
    """A port of one's own is not the default one."""
    callback = read_callback(
        "https://app.example:8443/callback?code=canary-c&state=n",
        redirect_uri="https://app.example/callback",
        provider=STANDARD,
        marking=marking,
    )

    assert CallbackFault.ELSEWHERE is callback.fault


def test_addresses_may_hold_the_first_and_the_last_visible_character():
    """``!`` and ``~`` are as good as letters."""
    address = "https://app.example/~me!"

    registration = Registration(client_id="id", client_secret=Secret("canary"), redirect_uri=address)

    assert address == registration.redirect_uri
    assert address == attrs.evolve(MAILUP, token_url=address).token_url


@pytest.mark.parametrize(("more", "sat_out"), [(timedelta(), True), (timedelta(microseconds=1), False)])
def test_a_flight_sits_out_the_longest_inline_wait_and_no_longer(more, sat_out):
    """A wait of exactly ``policy.inline_wait`` is sat out."""
    wait = Wait(since=scene.NOW, span=PRODUCTION.inline_wait + more)
    setbacks = (w.Setback(w.SetbackKind.UNANSWERED, scene.NOW),)
    state = scene.expired(work=w.Unknown(setbacks=setbacks, wait=wait, number=1))

    assert sat_out is isinstance(until_next_try(state, scene.NOW, PRODUCTION), timedelta)


IMPOSSIBLE = [
    (scene.awaiting_code(scene.awaiting()), e.UserIdentified(user=scene.ALICE), "AwaitingCode"),
    (s.Unregistered(), e.Disconnected(), "Unregistered"),
    (s.Unregistered(), e.ConnectionNotMade(reason=s.Absence.DENIED), "Unregistered"),
    (s.Unregistered(), e.ExchangeNotSent(attempt=scene.attempt_id(1), fault="x"), "Unregistered"),
    (scene.expired(), e.AccessTokenExpired(mark=scene.credential("access").mark), "Expired"),
    (scene.authorized(scene.finished()), e.ExchangeNotSent(attempt=scene.attempt_id(1), fault="x"), "Finished"),
    (scene.authorized(scene.awaiting()), e.ExchangeNotSent(attempt=scene.attempt_id(1), fault="x"), "AwaitingCallback"),
    (
        scene.authorized(scene.exchanging()),
        e.AuthorizationDenied(attempt=scene.attempt_id(1), error="x", fault=CallbackFault.DENIED),
        "Exchanging",
    ),
    (
        scene.authorized(scene.identifying()),
        e.ExchangeNotSent(attempt=scene.attempt_id(1), fault="x"),
        "Identifying",
    ),
    (
        scene.authorized(),
        e.RefreshOutcomeUnknown(
            defect=Defect.BODY_CUT, at=scene.NOW, wait=Wait(since=scene.NOW, span=timedelta(seconds=1))
        ),
        "Idle",
    ),
    (
        scene.expired(work=w.InFlight(intent=scene.intent())),
        e.RefreshStarted(intent=scene.intent(), refresh=scene.credential("refresh")),
        "InFlight",
    ),
    (
        scene.expired(work=w.Unknown(setbacks=(), wait=Wait(since=scene.NOW, span=timedelta()), number=1)),
        e.GrantDied(cause=DeathCause.NO_REFRESH_TOKEN, at=scene.NOW, detail=""),
        "Unknown",
    ),
]


@pytest.mark.parametrize(("state", "event", "met"), IMPOSSIBLE)
def test_a_complaint_names_the_event_and_what_it_met(state, event, met):
    """Whoever reads a broken journal is told which event could not happen to what."""
    with pytest.raises(ImpossibleEvent) as refused:
        evolve(state, event)

    assert (type(event).__name__, met) == (refused.value.event, refused.value.met)


def test_the_cause_of_an_end_is_the_clock_or_the_api():
    """An access token ends by its clock, or because the API refused it."""
    mark = scene.access().credential.mark
    ended = [
        evolve(scene.authorized(), kind(mark=mark)).cause for kind in (e.AccessTokenExpired, e.AccessTokenRejected)
    ]

    assert [s.ExpiryCause.CLOCK, s.ExpiryCause.REJECTED] == ended


def test_what_is_not_made_keeps_its_epoch():
    """After an attempt that came to nothing, earlier authorizations are still fenced off."""
    state = s.AwaitingCode(epoch=3, attempts=(scene.finished(),))

    assert 3 == evolve(state, e.ConnectionNotMade(reason=s.Absence.DENIED)).epoch


def test_a_salvaged_refresh_token_is_as_young_as_its_request():
    """How young a refresh token is decides whether its refusal is believed at once (N27)."""
    later = scene.NOW + timedelta(hours=1)
    state = scene.expired(work=w.InFlight(intent=scene.intent()))
    salvaged = e.RefreshTokenSalvaged(
        generation=1, refresh=scene.credential("salvaged"), defect=Defect.BODY_CUT, at=later
    )

    assert later == evolve(state, salvaged).grant.born_at
