"""The life of a connection, told as it happens between a client and MailUp."""

from datetime import timedelta

import pytest

from mailup_oauth import (
    AccountMismatch,
    CallbackFault,
    CallbackRefused,
    ClientRejected,
    DeathCause,
    NotConnected,
    ReauthorizationRequired,
    Secret,
    TemporarilyUnavailable,
)
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.commands import Answer, UnsignContract
from mailup_oauth.sandbox.events import CodeExchanged, ReuseDetected, TokensRotated
from mailup_oauth.sandbox.faults import LOST_ANSWER, LOST_REQUEST, Done, GatewayPage, Target, Throttle
from mailup_oauth.testing.stage import CONNECTION


def test_a_user_is_connected_and_known(stage):
    """After the code grant the connection is authorized and knows whose it is."""
    status = stage.connect()

    assert ("Authorized", True, "m1", 0) == (status.state, status.connected, status.user, status.generation)


def test_a_fresh_token_is_used_without_asking_anybody(stage):
    """While a token is fresh, asking for it sends nothing and stores nothing."""
    stage.connect()
    records = len(stage.store.records(CONNECTION))
    first = stage.oauth.access_token(CONNECTION)

    assert first.mark == stage.oauth.access_token(CONNECTION).mark
    assert records == len(stage.store.records(CONNECTION))


def test_an_expired_token_is_refreshed_and_its_refresh_token_replaced(stage):
    """An expired token leads to one rotation, and the next one uses the new refresh token."""
    stage.connect()
    for generation in (1, 2, 3):
        stage.expire()
        stage.oauth.access_token(CONNECTION)

        assert generation == stage.oauth.status(CONNECTION).generation
    assert (3, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_a_token_that_is_due_is_renewed_behind_the_back_of_its_users(stage):
    """In the first window the caller gets the old token at once, while one flight renews it."""
    stage.connect()
    old = stage.oauth.access_token(CONNECTION)
    stage.clock.move(timedelta(minutes=50))

    assert old.mark == stage.oauth.access_token(CONNECTION).mark
    stage.oauth.close()
    assert old.mark != stage.oauth.access_token(CONNECTION).mark
    assert 1 == stage.happened(TokensRotated)


def test_a_refresh_can_be_had_at_any_time(stage):
    """``refresh`` refreshes whatever the clock says."""
    stage.connect()
    old = stage.oauth.access_token(CONNECTION)

    assert old.mark != stage.oauth.refresh(CONNECTION).mark


def test_a_lost_request_costs_a_pause(stage):
    """A refresh request that never reached MailUp is sent again once the doubt has settled."""
    stage.connect()
    stage.expire()
    stage.plan(LOST_REQUEST)
    stage.oauth.access_token(CONNECTION)

    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_a_lost_answer_is_recovered_where_the_server_has_a_grace(stage):
    """Within a server's grace the retry brings the same successor, and nothing is lost."""
    stage.switch(sw.Switches(old_refresh=sw.Grace(timedelta(seconds=30))))
    stage.connect()
    stage.expire()
    stage.plan(LOST_ANSWER)
    stage.oauth.access_token(CONNECTION)

    assert "Refreshed" == stage.oauth.status(CONNECTION).state


def test_a_lost_answer_of_a_strict_server_ends_definitely(stage):
    """Where no grace is, the end is definite, has its own reason, and is not asked about again."""
    stage.connect()
    stage.expire()
    stage.plan(LOST_ANSWER)
    with pytest.raises(ReauthorizationRequired) as caught:
        stage.oauth.access_token(CONNECTION)
    with pytest.raises(ReauthorizationRequired):
        stage.oauth.access_token(CONNECTION)

    assert DeathCause.ROTATION_OUTCOME_LOST is caught.value.reason
    assert 1 == stage.happened(ReuseDetected)


def test_after_a_definite_end_the_user_connects_again(stage):
    """A new authorization takes the place of a dead one."""
    stage.connect()
    stage.expire()
    stage.plan(LOST_ANSWER)
    with pytest.raises(ReauthorizationRequired):
        stage.oauth.access_token(CONNECTION)

    assert "Authorized" == stage.connect().state
    assert stage.oauth.access_token(CONNECTION).value != Secret("")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_fault_N13_a_gateway_page_settles_and_is_tried_again(stage, status):
    """A 5xx may have rotated or not; after settling the same token is tried and works."""
    stage.connect()
    stage.expire()
    stage.plan(GatewayPage(status=status, done=Done.NOTHING))

    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()


def test_fault_N15_too_many_requests_are_waited_for_as_told(stage):
    """A 429 keeps the token, names its wait, and is not asked again before."""
    stage.connect()
    stage.expire()
    stage.plan(Throttle(wait=sw.Told(timedelta(seconds=40))))
    with pytest.raises(TemporarilyUnavailable) as caught:
        stage.oauth.access_token(CONNECTION)
    with pytest.raises(TemporarilyUnavailable):
        stage.oauth.access_token(CONNECTION)
    stage.clock.move(timedelta(seconds=51))

    assert timedelta(seconds=40) <= caught.value.retry_after <= timedelta(seconds=50)
    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()


def test_fault_N28_wrong_keys_cost_no_token(stage):
    """While the application's secret is wrong nothing is lost; once it is right, the connection goes on."""
    stage.connect()
    stage.expire()
    right = stage.oauth._core.setting.registration.client_secret
    secrets = [Secret("canary-wrong")]
    object.__setattr__(stage.oauth._core.setting.registration, "client_secret", lambda: secrets[0])
    with pytest.raises(ClientRejected):
        stage.oauth.access_token(CONNECTION)
    secrets[0] = right()
    stage.clock.move(timedelta(seconds=10))

    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()


def test_a_revoked_application_needs_the_user(stage):
    """A refresh token that MailUp refuses, and that was never in doubt, is dead."""
    stage.connect()
    stage.expire()
    stage.revoke()
    with pytest.raises(ReauthorizationRequired) as caught:
        stage.oauth.access_token(CONNECTION)

    assert DeathCause.REFRESH_TOKEN_REFUSED is caught.value.reason


def test_another_user_does_not_take_a_connection_over_unnoticed(stage):
    """A re-authorization as another MailUp user is refused, and the old connection goes on."""
    stage.connect(username="m1")
    old = stage.oauth.access_token(CONNECTION)
    start = stage.oauth.begin(CONNECTION)
    with pytest.raises(AccountMismatch):
        stage.oauth.complete(stage.visit(start, username="m2"), binding=start.binding)

    assert ("m1", old.mark) == (
        stage.oauth.status(CONNECTION).user,
        stage.oauth.access_token(CONNECTION).mark,
    )


def asked_in_vain(stage, username):
    """Return why there is no token for a dead connection whose user comes back while MailUp does not tell who it is."""
    stage.connect(username="m1")
    stage.expire()
    stage.revoke()
    with pytest.raises(ReauthorizationRequired):
        stage.oauth.access_token(CONNECTION)
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start, username=username)
    stage.plan(LOST_REQUEST, target=Target.RESOURCE)
    causes = []
    for ask in (
        lambda: stage.oauth.complete(address, binding=start.binding),
        lambda: stage.oauth.access_token(CONNECTION),
        lambda: stage.oauth.refresh(CONNECTION),
    ):
        with pytest.raises(TemporarilyUnavailable) as caught:
            ask()
        causes.append(caught.value.cause)
    stage.clock.move(caught.value.retry_after)
    return causes


def test_who_came_back_to_a_dead_connection_is_not_sent_to_mailup_once_more(stage):
    """While MailUp does not tell whose the new tokens are, callers are told to wait; then the next one gets a token."""
    assert ["user-not-identified"] * 3 == asked_in_vain(stage, "m1")
    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()
    assert "m1" == stage.oauth.status(CONNECTION).user


def test_another_user_who_came_back_to_a_dead_connection_is_told_apart_later(stage):
    """When MailUp tells that the tokens are another's they are dropped, and only the user can help."""
    asked_in_vain(stage, "m2")
    with pytest.raises(ReauthorizationRequired):
        stage.oauth.access_token(CONNECTION)

    assert "m1" == stage.oauth.status(CONNECTION).user


def test_another_user_may_take_over_where_the_program_says_so(stage):
    """``allow_account_change`` lets another MailUp user in."""
    stage.connect(username="m1")
    start = stage.oauth.begin(CONNECTION, allow_account_change=True)
    status = stage.oauth.complete(stage.visit(start, username="m2"), binding=start.binding)

    assert "m2" == status.user


def test_a_denial_is_a_refused_callback_and_connects_nobody(stage):
    """A user who says no is told so, and nothing is held."""
    start = stage.oauth.begin(CONNECTION)
    with pytest.raises(CallbackRefused) as caught:
        stage.oauth.complete(stage.visit(start, answer=Answer.DENY), binding=start.binding)

    assert CallbackFault.DENIED is caught.value.reason
    assert "denied" == stage.oauth.status(CONNECTION).reason


def test_a_reload_in_the_same_browser_gets_the_same_answer(stage):
    """The same callback again says "connected" and sends no code."""
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start)
    statuses = [stage.oauth.complete(address, binding=start.binding).state for _ in range(2)]

    assert ["Authorized", "Authorized"] == statuses
    assert 1 == stage.happened(CodeExchanged)


def test_a_callback_in_another_browser_is_refused_and_harms_nothing(stage):
    """A callback without the right binding is refused; the browser that began still succeeds."""
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start)
    with pytest.raises(CallbackRefused) as caught:
        stage.oauth.complete(address, binding=Secret("canary-of-another-browser"))

    assert CallbackFault.ANOTHER_BROWSER is caught.value.reason
    assert "Authorized" == stage.oauth.complete(address, binding=start.binding).state


def test_an_attempt_lapses(stage):
    """After ten minutes a callback is too late."""
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start)
    stage.clock.move(timedelta(minutes=11))
    with pytest.raises(CallbackRefused) as caught:
        stage.oauth.complete(address, binding=start.binding)

    assert CallbackFault.LAPSED is caught.value.reason


def test_two_tabs_both_end_well_and_the_last_wins(stage):
    """Two attempts of one user run side by side; the one that ends last is the authorization."""
    starts = [stage.oauth.begin(CONNECTION) for _ in range(2)]
    addresses = [stage.visit(start) for start in starts]
    marks = []
    for start, address in zip(starts, addresses, strict=True):
        stage.oauth.complete(address, binding=start.binding)
        marks.append(stage.oauth.access_token(CONNECTION).mark)

    assert 2 == len(set(marks))


def test_a_lost_answer_to_a_code_starts_again(stage):
    """A code whose answer was lost is never sent again."""
    start = stage.oauth.begin(CONNECTION)
    address = stage.visit(start)
    stage.plan(LOST_ANSWER)
    reasons = []
    for _ in range(2):
        with pytest.raises(ReauthorizationRequired) as caught:
            stage.oauth.complete(address, binding=start.binding)
        reasons.append(caught.value.reason)

    assert [DeathCause.EXCHANGE_OUTCOME_LOST] * 2 == reasons
    assert 1 == stage.happened(CodeExchanged)


def test_terms_that_are_not_signed_leave_the_connection_and_say_so(stage):
    """A user whose contract is not signed is connected; whose it is will be asked again."""
    stage.sandbox.order(UnsignContract("m1"))
    status = stage.connect()

    assert (True, "") == (status.connected, status.user)


def test_disconnecting_erases_here_and_says_where_to_revoke(stage):
    """After ``disconnect`` nothing is held, and doing it twice is doing it once."""
    stage.connect()
    first, second = stage.oauth.disconnect(CONNECTION), stage.oauth.disconnect(CONNECTION)
    with pytest.raises(NotConnected):
        stage.oauth.access_token(CONNECTION)

    assert (True, False) == (first.was_connected, second.was_connected)
    assert "console" in first.revoke_at
    assert b"" == stage.store.load(CONNECTION).sealed


def test_a_rejected_token_is_replaced_once_for_everybody(stage):
    """Two callers who were told 401 for one token cause one refresh."""
    stage.connect()
    old = stage.oauth.access_token(CONNECTION)
    first, second = (stage.oauth.report_rejected(CONNECTION, old) for _ in range(2))

    assert first.mark == second.mark != old.mark
    assert 1 == stage.happened(TokensRotated)
