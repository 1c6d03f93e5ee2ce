"""Judging a callback: in which order, what a stranger can do, and that it works once."""

from itertools import product

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import events as e
from mailup_oauth.domain import refusals as r
from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP, STANDARD
from mailup_oauth.domain.wire.callback import Absent, Denied, Faulty, Returned
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import NOW
from mailup_oauth.testing.shapes import ISSUING, SHAPES, callbacks, connections, moments

LATE = NOW + PRODUCTION.attempt_life
PENDING = scene.awaiting_code(scene.awaiting())
DEFECTS = (
    CallbackFault.NONCE_MISMATCH,
    CallbackFault.ANOTHER_BROWSER,
    CallbackFault.LAPSED,
    CallbackFault.ISSUER_MISMATCH,
    CallbackFault.DENIED,
)
"""What can be wrong with a callback whose attempt is known, in the order in which it is looked for."""


def returned(number=1, *, nonces=None, issuer=Absent()):  # noqa: B008  # a value, not a variable
    """Build a callback with a code; of this attempt, unless it says otherwise."""
    brought = tuple(map(scene.nonce, nonces or (number,)))
    return Returned(nonces=brought, issuer=issuer, code=scene.credential(f"code-{number}"))


def denied(number=1, **others):
    """Build a callback with an error."""
    brought = returned(number, **others)
    return Denied(
        nonces=brought.nonces,
        issuer=brought.issuer,
        error="access_denied",
        description="",
        fault=CallbackFault.DENIED,
    )


def accepting(callback, *, number=1, browser=None, now=NOW):
    """Ask for a callback to be accepted; from the browser that began, unless another is named."""
    binding = scene.binding(number if browser is None else browser)
    return c.AcceptCallback(now=now, attempt=scene.attempt_id(number), binding=binding, callback=callback)


def with_defects(defects):
    """Ask for a callback to be accepted that has exactly these defects, at a provider that promises ``iss``."""
    build = denied if CallbackFault.DENIED in defects else returned
    issuer = "https://evil.example" if CallbackFault.ISSUER_MISMATCH in defects else ISSUING.issuer
    return accepting(
        build(nonces=(1, 7) if CallbackFault.NONCE_MISMATCH in defects else (1,), issuer=issuer),
        browser=7 if CallbackFault.ANOTHER_BROWSER in defects else 1,
        now=LATE if CallbackFault.LAPSED in defects else NOW,
    )


def refusal(fault, number=1):
    """Return the event of a refused callback."""
    return e.CallbackRefused(attempt=scene.attempt_id(number), fault=fault)


@pytest.mark.parametrize("present", list(product([False, True], repeat=len(DEFECTS)))[1:])
def test_sec_13_the_first_defect_is_the_answer(present):
    """Nonce, browser, time, issuer, error: whatever else is wrong, the first in this order is what is told."""
    defects = [defect for defect, is_there in zip(DEFECTS, present, strict=True) if is_there]
    first, *_ = scene.given(PENDING, provider=ISSUING).when(with_defects(defects)).decided

    assert defects[0] is first.fault
    assert isinstance(first, e.AuthorizationDenied if [CallbackFault.DENIED] == defects else e.CallbackRefused)


@pytest.mark.parametrize(
    ("callback", "browser"),
    [
        (denied(nonces=(1, 7)), 1),
        (denied(), 7),
        (denied(issuer="https://evil.example"), 1),
        (attrs.evolve(denied(), nonces=()), 1),
        (Faulty(nonces=(scene.nonce(1),), issuer=Absent(), fault=CallbackFault.CODE_MISSING), 1),
    ],
)
def test_sec_13_a_strangers_callback_ends_nobodys_attempt(callback, browser):
    """What does not come from the right browser with the right nonce and issuer leaves the attempt as usable as before."""
    refused = scene.given(PENDING).when(accepting(callback, browser=browser))

    assert [e.CallbackRefused] == [type(event) for event in refused.decided]
    assert isinstance(refused.when(accepting(returned())).decided[0], e.CallbackAccepted)


@pytest.mark.parametrize("fault", CallbackFault)
def test_what_is_wrong_with_a_callback_is_told_as_it_was_found(fault):
    """The fault that was read from the address is the one in the journal."""
    callback = Faulty(nonces=(scene.nonce(1),), issuer=Absent(), fault=fault)

    assert (refusal(fault),) == scene.given(PENDING).when(accepting(callback)).decided


@settings(max_examples=80)
@given(data=st.data(), now=moments)
def test_fault_M10_and_M16_a_nonce_that_nobody_knows_belongs_to_no_connection(data, now):
    """Whatever it brings, wherever a connection stands, it makes no event."""
    before = data.draw(st.sampled_from(SHAPES).flatmap(lambda shape: connections(*shape)))
    command = accepting(data.draw(callbacks(99)), number=99, now=now)

    assert r.CallbackUnacceptable(fault=CallbackFault.NONCE_UNKNOWN) == scene.given(before).when(command).decided


def test_every_carrier_that_comes_back_must_be_right():
    """One carrier is enough, and a second one that is right as well does no harm."""
    twice = accepting(returned(nonces=(1, 1)))

    assert isinstance(scene.given(PENDING).when(twice).decided[0], e.CallbackAccepted)


ELSEWHERE = ["https://issuer.example/", "https://ISSUER.example", "https://issuer.exampl", "http://issuer.example"]


@pytest.mark.parametrize(
    ("provider", "issuer", "is_right"),
    [
        (ISSUING, ISSUING.issuer, True),
        (ISSUING, Absent(), False),
        *((ISSUING, issuer, False) for issuer in ELSEWHERE),
        (MAILUP, Absent(), True),
        (MAILUP, ISSUING.issuer, False),
        (attrs.evolve(STANDARD, issuer=ISSUING.issuer), ISSUING.issuer, True),
        (attrs.evolve(STANDARD, issuer=ISSUING.issuer), Absent(), True),
        *((attrs.evolve(STANDARD, issuer=ISSUING.issuer), issuer, False) for issuer in ELSEWHERE),
    ],
)
def test_sec_14_and_fault_M13_the_issuer_is_compared_as_text(provider, issuer, is_right):
    """Letter by letter, never parsed; it must come where the provider promises it, and be right wherever it comes."""
    command = accepting(returned(issuer=issuer))
    first = scene.given(PENDING, provider=provider).when(command).decided[0]

    assert is_right is isinstance(first, e.CallbackAccepted)
    assert is_right or refusal(CallbackFault.ISSUER_MISMATCH) == first


def test_an_accepted_callback_is_an_intent_to_send_its_code():
    """The event holds all that the request needs, and when it is about to leave; the attempt keeps the code's mark."""
    accepted = scene.given(PENDING).when(accepting(returned()))
    event = e.CallbackAccepted(
        attempt=scene.attempt_id(1),
        code=scene.credential("code-1"),
        verifier=scene.credential("verifier-1"),
        redirect_uri=scene.credential("redirect-uri-1"),
        sent=Wait(since=NOW, span=PRODUCTION.request_deadline),
    )

    assert ((event,), scene.awaiting_code(scene.exchanging())) == (accepted.decided, accepted.state)


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        (scene.exchanging(), r.InProgress()),
        (scene.identifying(), ()),
        *((scene.finished(end=end), ()) for end in a.AttemptEnd),
    ],
)
@pytest.mark.parametrize("callback", [returned(), denied(), returned(issuer="https://evil.example")])
def test_sec_03_and_fault_M09_a_callback_works_once(attempt, answer, callback):
    """Again while its code is out, it has to wait; again afterwards, it changes nothing, whatever it brings now."""
    before = scene.authorized(attempt)
    again = scene.given(before).when(accepting(callback, now=LATE))

    assert (answer, before) == (again.decided, again.state)


@pytest.mark.parametrize("attempt", [scene.awaiting(), scene.exchanging(), scene.identifying(), scene.finished()])
def test_sec_03_and_fault_M08_only_the_browser_that_began_is_told_anything(attempt):
    """A stolen code in another browser is refused and listed, at every age of the attempt, and harms none."""
    refused = scene.given(scene.authorized(attempt)).when(accepting(returned(), browser=7))
    counted = attrs.evolve(attempt, browser=scene.browser(refusals=1))

    assert (refusal(CallbackFault.ANOTHER_BROWSER),) == refused.decided
    assert scene.authorized(counted) == refused.state


def test_fault_K05_the_same_callback_twice_at_once_sends_one_code():
    """A double click: the first is accepted, the second is told to wait."""
    first = scene.given(PENDING).when(accepting(returned()))
    second = first.when(accepting(returned()))

    assert (r.InProgress(), first.state) == (second.decided, second.state)


def test_fault_K06_two_tabs_do_not_disturb_each_other():
    """Two attempts of one connection are accepted one after the other, each with its own code and verifier."""
    both = scene.given(scene.awaiting_code(scene.awaiting(1), scene.awaiting(2)))
    after = both.when(accepting(returned(2), number=2)).when(accepting(returned(1), number=1))

    assert scene.awaiting_code(scene.exchanging(1), scene.exchanging(2)) == after.state
