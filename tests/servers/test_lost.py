"""Requests and answers that are lost on the way, with servers that others wrote at its end."""

import pytest

from mailup_oauth import DeathCause, ReauthorizationRequired

STRICT = ("authlib", "dot")
EVERY = (*STRICT, "dot-grace")


@pytest.mark.parametrize("kind", EVERY)
def test_fault_N06_the_request_is_lost(tenant, kind):
    """A request that was reset before the server saw it is sent again, and every server gives tokens for it."""
    acme = tenant(kind).connected()
    acme.relay.lose(requests=1)
    with acme.late() as oauth:
        token = oauth.access_token("acme")

        assert token.mark == oauth.access_token("acme").mark
    assert (1, [200], [(2, 1)]) == (acme.relay.carried, acme.answered(), acme.families())


@pytest.mark.parametrize("kind", STRICT)
def test_fault_N07_the_answer_is_lost(tenant, kind):
    """A strict server takes the second try for a reuse; the end is definite, says why, and is not asked about again."""
    acme = tenant(kind).connected()
    acme.relay.lose(answers=1)
    with acme.late() as oauth:
        reasons = [reason(oauth), reason(oauth)]

    assert [DeathCause.ROTATION_OUTCOME_LOST] * 2 == reasons
    assert (2, [200, 400], [(2, 0)]) == (acme.relay.carried, acme.answered(), acme.families())


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("kind", ["dot-grace"])
def test_fault_N07_the_answer_is_lost_within_a_grace(tenant, kind, lost):
    """A server with a grace gives the same pair again, and nothing is lost, though two answers are lost in a row."""
    acme = tenant(kind).connected()
    acme.relay.lose(answers=lost)
    with acme.late() as oauth:
        token = oauth.access_token("acme")
        oauth.refresh("acme")

    assert token.value.reveal()
    assert ([200] * (lost + 2), [(3, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize("kind", EVERY)
def test_fault_N07_the_answer_to_a_code_is_lost(tenant, kind):
    """A code whose answer is lost is never sent again: the user begins again, and is connected."""
    acme = tenant(kind)
    acme.relay.lose(answers=1)
    with acme.client() as oauth:
        with pytest.raises(ReauthorizationRequired) as caught:
            acme.connect(oauth)
        status = acme.connect(oauth)

    assert (DeathCause.EXCHANGE_OUTCOME_LOST, "Authorized") == (caught.value.reason, status.state)
    assert (2, [(1, 1), (1, 1)]) == (acme.relay.carried, acme.families())


def reason(oauth):
    """Return why there is no token."""
    with pytest.raises(ReauthorizationRequired) as caught:
        oauth.access_token("acme")
    return caught.value.reason
