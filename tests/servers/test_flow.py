"""The whole life of a connection against servers that others wrote, and what their own records say of it."""

import httpx
import pytest

from mailup_oauth import CallbackFault, CallbackRefused, DeathCause, ReauthorizationRequired

EVERY = ("authlib", "dot", "dot-grace")
STRICT = ("authlib", "dot")


@pytest.mark.parametrize("kind", EVERY)
def test_a_user_is_connected_and_the_api_answers(tenant, kind):
    """Code, state and PKCE as the server wants them, the exchange, and a call with the token; nobody is asked who it is."""
    acme = tenant(kind)
    with acme.client() as oauth:
        status = acme.connect(oauth)
        with httpx.Client(auth=oauth.auth("acme")) as api:
            answer = api.get(f"{acme.house.base}/me")

    assert ("Authorized", True, "") == (status.state, status.connected, status.user)
    assert {"user": acme.username} == answer.json()
    assert [(1, 1)] == acme.families()


@pytest.mark.parametrize("kind", EVERY)
def test_a_user_who_says_no_is_heard(tenant, kind):
    """A refusal at the consent page comes back as ``denied``, and nothing was granted."""
    acme = tenant(kind)
    with acme.client() as oauth:
        start = oauth.begin("acme")
        with pytest.raises(CallbackRefused) as caught:
            oauth.complete(acme.visit(start.url.reveal(), agrees=False), binding=start.binding)

    assert (CallbackFault.DENIED, []) == (caught.value.reason, acme.families())


@pytest.mark.parametrize("kind", EVERY)
def test_five_generations(tenant, kind):
    """Each refresh succeeds at once, and the server counts one successor for each, no reuse, and one that is alive."""
    acme = tenant(kind).connected()
    with acme.client() as oauth:
        marks = {oauth.refresh("acme").mark for _ in range(5)}

        assert 5 == oauth.status("acme").generation
    assert (5, [200] * 5, [(6, 1)]) == (len(marks), acme.answered(), acme.families())


@pytest.mark.parametrize("kind", EVERY)
def test_fault_N34_the_server_ends_an_access_token_early(tenant, kind):
    """A 401 of the API leads to one refresh and one repeat, and the caller sees only the answer."""
    acme = tenant(kind).connected()
    acme.house.order("expire", acme.username)
    with acme.client() as oauth, httpx.Client(auth=oauth.auth("acme")) as api:
        answer = api.get(f"{acme.house.base}/me")

    assert (200, {"user": acme.username}) == (answer.status_code, answer.json())
    assert ([200], [(2, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize("kind", STRICT)
def test_the_referee_sees_a_reuse(tenant, kind):
    """A control: a spent refresh token that comes again is refused, ends the family, and both show in the records."""
    acme = tenant(kind).connected()
    spent = acme.refresh_token()
    with acme.client() as oauth:
        oauth.refresh("acme")
        reuse = acme.replay(spent)

        assert ([200, 400], [(2, 0)]) == (acme.answered(), acme.families())
        assert "invalid_grant" == reuse.json()["error"]
        with pytest.raises(ReauthorizationRequired) as caught:
            oauth.refresh("acme")
    assert DeathCause.REFRESH_TOKEN_REFUSED is caught.value.reason


def test_the_referee_sees_a_grace(tenant):
    """A control: within its grace a spent refresh token brings the pair that it brought before, and nothing new."""
    acme = tenant("dot-grace").connected()
    spent = acme.refresh_token()
    with acme.client() as oauth:
        access = oauth.refresh("acme").value
        repeated = acme.replay(spent).json()

    assert (access.reveal(), acme.refresh_token().reveal()) == (repeated["access_token"], repeated["refresh_token"])
    assert ([200, 200], [(2, 1)]) == (acme.answered(), acme.families())


def test_the_referee_sees_a_reuse_after_the_grace(tenant):
    """A control: once its successor was used, no grace saves a spent refresh token or its family."""
    acme = tenant("dot-grace").connected()
    spent = acme.refresh_token()
    with acme.client() as oauth:
        oauth.refresh("acme")
        oauth.refresh("acme")

    assert 400 == acme.replay(spent).status_code
    assert ([200, 200, 400], [(3, 0)]) == (acme.answered(), acme.families())
