"""Redaction: it forgets every secret, loses no mark, can be undone by whoever has the vault, and commutes with time."""

from itertools import product

import attrs
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain.attempts import Finished
from mailup_oauth.domain.credential import WITHHELD, Credential
from mailup_oauth.domain.evolve import ImpossibleEvent, evolve
from mailup_oauth.domain.redact import VaultIncomplete, credentials, marks, redact, restore, taken_apart
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.transitions import EVENTS, STATE_TABLE, STATES, Impossible
from mailup_oauth.testing.canary import CANARY, marked
from mailup_oauth.testing.strategies import meetings, values

KINDS = [*STATES, *EVENTS]


def outcome(evolving, state, event):
    """Return where an event leads, or that it cannot have happened."""
    try:
        return evolving(state, event)
    except ImpossibleEvent as impossible:
        return impossible.event, impossible.met


def commutes(evolving, state, event):
    """Say whether it makes no difference if secrets are withheld before an event or after it."""
    return redact(outcome(evolving, state, event)) == outcome(evolving, redact(state), redact(event))


@pytest.mark.parametrize(("before", "met"), list(product(STATES, EVENTS)))
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_redaction_commutes_with_evolution(before, met, data):
    """Folding a redacted journal gives exactly the redacted state, for every pair and without any key."""
    state, event = data.draw(meetings(before, met))

    assert commutes(evolve, state, event)
    assert (STATE_TABLE[before][met] is Impossible) is isinstance(outcome(evolve, state, event), tuple)


def test_an_evolution_that_peeks_is_caught():
    """If evolve ever looked into a secret, the claim above would fail."""

    def peeking(state, event):
        secret = event.refresh.value
        is_read = isinstance(secret, Secret) and secret.reveal().startswith(CANARY)
        return attrs.evolve(evolve(state, event), epoch=7 if is_read else 8)

    @settings(max_examples=1, deadline=None, database=None, phases=[Phase.generate])
    @given(meetings(s.Authorized, e.RefreshStarted))
    def claim(pair):
        assert commutes(peeking, *pair)

    with pytest.raises(AssertionError):
        claim()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_what_is_redacted_can_be_restored_from_its_vault_alone(kind, data):
    """Credentials taken out by their marks go back to where they were; nothing else is needed or changed."""
    value = data.draw(values(kind))

    assert restore(redact(value), credentials(value)) == value


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_taking_apart_is_redacting_and_keeping_the_credentials(kind, data):
    """In one go comes what comes in two, and the marks that stay say which secrets were taken out."""
    value = data.draw(values(kind))
    redacted, vault = taken_apart(value)

    assert (redact(value), credentials(value)) == (redacted, vault)
    assert marks(value) == marks(redacted) >= vault.keys()
    assert (redacted, {}) == taken_apart(redacted)


@given(secrets=st.lists(st.text().map(Secret), max_size=3))
def test_the_marks_of_what_was_never_redacted_are_those_of_its_secrets(secrets):
    """No mark is left out and none is made up."""
    value = tuple(Credential(secret, marked(secret)) for secret in secrets)

    assert {str(marked(secret)) for secret in secrets} == marks(value) == credentials(value).keys()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_redacting_twice_is_redacting_once(kind, data):
    """What holds no secret is returned as it is, not even copied."""
    once = redact(data.draw(values(kind)))

    assert once is redact(once)
    assert {} == credentials(once)


@settings(max_examples=30, deadline=None)
@given(value=values(s.Authorized))
def test_what_is_whole_needs_no_restoring(value):
    """A secret that is there is never replaced, whatever the vault holds."""
    assert value is restore(value, {})


@given(secret=st.text().map(Secret))
def test_the_mark_stays(secret):
    """Redaction takes the secret and leaves the mark."""
    mark = marked(Secret("x"))

    assert Credential(WITHHELD, mark) == redact(Credential(secret, mark))


@given(value=values(Finished))
def test_what_can_hold_no_credential_is_returned_itself(value):
    """A finished attempt holds no credential, so it is not looked through."""
    assert value is redact(value)


@given(credential=values(Credential))
def test_a_vault_that_lacks_a_secret_is_refused(credential):
    """A missing secret is never made up or left out; the complaint names the mark, which may be shown."""
    with pytest.raises(VaultIncomplete) as refused:
        restore(redact(credential), {})

    assert f"there is no secret for the mark {credential.mark}" == str(refused.value)
