"""A spill gives back what was put into it, for its own connection and under its own key, and nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailup_oauth.domain.errors import KeyUnavailable, StoreCorrupted, StoreUnavailable
from mailup_oauth.journal import ExchangeReceived, RefreshReceived, open_received, seal_received
from mailup_oauth.journal.canonical import digest, framed
from mailup_oauth.journal.names import RECEIVED
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.strategies import values

received = st.one_of(values(ExchangeReceived), values(RefreshReceived))


@settings(max_examples=60, deadline=None)
@given(received=received)
def test_what_is_spilled_is_what_is_opened(received, cipher):
    """Whatever a request brought comes back with every token, whichever request it was."""
    assert received == open_received("acme", seal_received("acme", received, cipher), cipher)


def test_everything_that_can_be_received_has_a_name_in_the_format():
    """The two requests for tokens are the two things that a spill can hold."""
    assert {ExchangeReceived, RefreshReceived} == set(RECEIVED.values())


@settings(max_examples=40, deadline=None)
@given(received=received)
def test_no_token_stands_in_a_spill_outside_the_seal(received, cipher):
    """The first line is JSON that anybody may read."""
    clear, _, _ = seal_received("acme", received, cipher).partition(b"\n")

    assert ({"format", "received"}, 1) == (set(json.loads(clear)), json.loads(clear)["format"])
    assert CANARY.encode() not in clear


@settings(max_examples=20, deadline=None)
@given(received=received)
def test_a_spill_of_another_connection_opens_for_nobody_else(received, cipher):
    """A spill is bound to its connection."""
    with pytest.raises(StoreCorrupted):
        open_received("beta", seal_received("acme", received, cipher), cipher)


@settings(max_examples=20, deadline=None)
@given(received=received)
def test_a_spill_under_another_key_says_so(received, cipher):
    """Damage and a missing key are told apart: one is set aside, the other waits for its key."""
    sealed = seal_received("acme", received, cipher)
    with pytest.raises(KeyUnavailable):
        open_received("acme", sealed, type(cipher)(key=b"2"))


@settings(max_examples=60, deadline=None)
@given(received=received, data=st.data())
def test_fault_M18_no_part_of_a_spill_is_taken_for_the_whole(received, data, cipher):
    """A spill that was cut anywhere is refused, in one word, and gives up nothing of itself."""
    sealed = seal_received("acme", received, cipher)
    part = sealed[: data.draw(st.integers(0, sealed.index(b"\n") + 1))]
    with pytest.raises(StoreCorrupted):
        open_received("acme", part, cipher)


@settings(max_examples=60, deadline=None)
@given(text=st.binary(max_size=200))
def test_fault_M18_a_stranger_s_text_is_refused(text, cipher):
    """Whatever lies in the spill's place and is none is refused as damage."""
    with pytest.raises(StoreCorrupted):
        open_received("acme", text, cipher)


@settings(max_examples=20, deadline=None)
@given(one=received, other=received)
def test_a_seal_fits_its_own_clear_part_only(one, other, cipher):
    """Two spills of one connection cannot be mixed."""
    clear, end, sealed = seal_received("acme", one, cipher).partition(b"\n")
    changed, _, _ = seal_received("acme", other, cipher).partition(b"\n")
    if changed != clear:
        with pytest.raises(StoreCorrupted):
            open_received("acme", changed + end + sealed, cipher)


@settings(max_examples=5, deadline=None)
@given(received=received)
def test_a_spill_is_sealed_as_a_spill(received, cipher):
    """The seal says what it is the seal of, so that nothing else under the same key can be taken for a spill."""
    clear, _, sealed = seal_received("acme", received, cipher).partition(b"\n")
    context = framed(b"mailup-oauth spill 1", b"acme", digest(clear))

    assert cipher.seal(cipher.unseal(sealed, context=context), context=context) == sealed


@settings(max_examples=5, deadline=None)
@given(received=received)
def test_fault_M18_what_is_wrong_with_a_spill_is_told(received, cipher):
    """Whoever finds a spill that was set aside reads whether it is no spill, or has lost its tokens."""
    clear, end, _ = seal_received("acme", received, cipher).partition(b"\n")
    problems = []
    for text in (b"{}", clear + end):
        with pytest.raises(StoreCorrupted) as refused:
            open_received("acme", text, cipher)
        problems.append(refused.value.problem)

    assert [
        "what was received is not in the form in which this release writes it",
        "what was spilled has lost its tokens",
    ] == problems


@settings(max_examples=5, deadline=None)
@given(received=received)
def test_fault_K11_a_later_release_s_spill_is_left_to_it(received, cipher):
    """What has a later format is not called damaged, because the tokens in it are likely whole; a wrong format is."""
    text = seal_received("acme", received, cipher)
    with pytest.raises(StoreUnavailable) as refused:
        open_received("acme", text.replace(b'{"format":1,', b'{"format":2,', 1), cipher)

    assert "a later release keeps tokens for this connection that only it can store" == refused.value.problem
    for wrong in (b'{"format":0,', b'{"format":"2",', b'{"form":2,'):
        with pytest.raises(StoreCorrupted):
            open_received("acme", text.replace(b'{"format":1,', wrong, 1), cipher)
