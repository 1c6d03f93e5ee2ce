"""Refusals: which are believed, which are heard twice, and which say nothing of the token (N26 to N30)."""

import threading

import attrs
import pytest

from mailup_oauth import PRODUCTION, ClientRejected, ContractNotSigned, DeathCause, ReauthorizationRequired, Secret
from mailup_oauth.adapters.guard.process import ProcessGuard
from mailup_oauth.domain import events as e
from mailup_oauth.domain.tokens import AccessToken
from mailup_oauth.domain.wire.http import Ending
from mailup_oauth.domain.work import SetbackKind
from mailup_oauth.sandbox.commands import Effect
from mailup_oauth.sandbox.switches import DOCUMENTED, Dead, InvalidClientStatus
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.proxy import Broken, Done, End, Held, Replaced, Station

CONNECTION, OTHER = "acme", "umbrella"
WHOLE = Ending.WHOLE
ENOUGH = 10.0
INVALID_GRANT = {"error": "invalid_grant", "error_description": "Refresh token is invalid or malformed"}


def test_fault_N26_a_refresh_token_that_mailup_ended(strict):
    """MailUp's own ``invalid_grant`` for the newest token is the end, at once; only the user can help, and can."""
    strict.connect()
    strict.stage.revoke(effect=Effect.IMMEDIATE)
    strict.expire()

    strict.ends(CONNECTION, DeathCause.REFRESH_TOKEN_REFUSED)
    assert (400, WHOLE) in {(came.status, came.ending) for came in strict.witness.came}


def test_fault_N26_a_newer_token_is_stored_meanwhile(sites):
    """A refusal that comes late is held against what is stored by then: a newer token is there, and it is handed out."""
    site = sites(old_refresh=Dead())
    site.connect()
    site.expire()
    meeting = site.proxy.meet(Held(done=Done.NOTHING))
    slow = []
    waiting = threading.Thread(target=lambda: slow.append(site.token()))
    waiting.start()

    assert meeting.met.wait(ENOUGH)
    elsewhere = site.client(guard=ProcessGuard())  # as on another host: our locks keep nobody out there
    error = site.said("refresh", CONNECTION, oauth=elsewhere)
    site.clock.move(error.retry_after)
    newer = site.said("refresh", CONNECTION, oauth=elsewhere)
    meeting.let_go()
    waiting.join()

    assert "unanswered" == error.cause
    assert [newer.mark] == [token.mark for token in slow]
    assert ("Refreshed", 1) == (site.status().state, site.status().generation)
    site.reuses, site.together = 1, ((2, 3),)  # what two hosts over one file come to; a single one never does


def test_fault_N26_a_code_that_mailup_refuses(strict):
    """A code that MailUp does not take is refused for good; the user begins again."""
    returned = strict.begun(OTHER)
    strict.stage.revoke(effect=Effect.IMMEDIATE)
    error = strict.complete(returned)

    assert (ReauthorizationRequired, DeathCause.EXCHANGE_REFUSED) == (type(error), error.reason)
    assert ("Unregistered", "exchange-failed") == (strict.status(OTHER).state, strict.status(OTHER).reason)
    strict.connect(OTHER)


def refused(wire):
    """Return a refusal of a token that MailUp itself never saw."""
    return Replaced(words=wire.told(INVALID_GRANT, 400), done=Done.NOTHING)


def test_fault_N27_a_good_token_is_refused_once(sites, wire):
    """A very young token that is refused is tried once more, five seconds later, within the same call."""
    site = sites(policy=PRODUCTION)
    site.connect()
    before = site.clock.now()
    site.proxy.meet(refused(wire))
    token = site.said("refresh", CONNECTION)
    (deferred,) = site.events(e.RefreshDeferred)

    assert isinstance(token, AccessToken)
    assert (SetbackKind.REFUSED_WHILE_YOUNG, "invalid_grant") == (deferred.kind, deferred.detail)
    assert 5 <= (site.clock.now() - before).total_seconds() <= 5 * 1.25
    assert ("Refreshed", 1) == (site.status().state, site.status().generation)


def test_fault_N27_a_good_token_is_refused_twice(sites, wire):
    """The second refusal is believed: there is one confirmation and no more."""
    site = sites(policy=PRODUCTION)
    site.connect()
    with site.proxy.meeting(refused(wire)):
        error = site.said("refresh", CONNECTION)

    assert (ReauthorizationRequired, DeathCause.REFRESH_TOKEN_REFUSED) == (type(error), error.reason)
    assert 2 == len([one for one in site.proxy.logbook.at(Station.ARRIVED) if one.grant == "refresh_token"])
    site.connect()
    site.expire()
    site.goes_on()


def test_fault_N27_a_refusal_after_a_doubt_is_believed(sites, wire):
    """Where an answer was lost before, the refusal is what was to be feared, and nothing is confirmed."""
    site = sites(policy=PRODUCTION)
    site.connect()
    site.proxy.meet(Broken(done=Done.NOTHING, end=End.RESET))
    site.proxy.meet(refused(wire))
    error = site.said("refresh", CONNECTION)

    assert (ReauthorizationRequired, DeathCause.ROTATION_OUTCOME_LOST) == (type(error), error.reason)
    assert 2 == len([one for one in site.proxy.logbook.at(Station.ARRIVED) if one.grant == "refresh_token"])
    site.connect()
    site.expire()
    site.goes_on()


@pytest.mark.parametrize("status", InvalidClientStatus, ids=lambda status: str(status.value))
def test_fault_N28_wrong_keys(strict, status):
    """Wrong keys are the application's: the token is kept, and goes on as soon as they are right."""
    strict.connect()
    strict.expire()
    strict.stage.switch(attrs.evolve(DOCUMENTED, invalid_client_status=status))
    right, strict.client_secret = strict.client_secret, Secret(f"{CANARY}-wrong")
    error = strict.token()
    refused_again = strict.token()
    after = strict.status()

    assert (status.value, WHOLE) == (strict.witness.came[-1].status, strict.witness.came[-1].ending)
    assert [(ClientRejected, "invalid_client")] * 2 == [(type(one), one.error) for one in (error, refused_again)]
    assert ("refresh-deferred", "client-refused", 0) == (after.owed, after.reason, after.generation)
    strict.client_secret = right
    strict.clock.move(after.retry_after)
    strict.goes_on()


def test_fault_N28_wrong_keys_for_a_code(strict, wire):
    """A code that came with wrong keys is not sent again; with the right ones the user begins anew."""
    returned = strict.begun(OTHER)
    strict.proxy.meet(Replaced(words=wire.told({"error": "invalid_client"}, 401), done=Done.NOTHING))
    error = strict.complete(returned)

    assert (ClientRejected, "invalid_client") == (type(error), error.error)
    strict.connect(OTHER)


REST = {"ErrorCode": "400", "ErrorDescription": "Something is wrong", "ErrorName": "BadRequest", "ErrorStack": None}


def odd(wire, form):
    """Return a refusal that nobody can read."""
    words = wire.said(400) if form == "empty" else wire.told(REST, 400)
    return Replaced(words=words, done=Done.NOTHING)


@pytest.mark.parametrize("form", ["rest", "empty"])
def test_fault_N29_a_refusal_in_another_form(strict, wire, form):
    """A 400 that nobody can read is waited for, and the same token works; a code it met is not sent again."""
    strict.connect()
    strict.expire()
    strict.proxy.meet(odd(wire, form))
    error = strict.token()

    assert ("refresh-deferred", 0) == (strict.status().owed, strict.status().generation)
    strict.waits(error, "not-understood", 1)
    strict.goes_on()
    strict.loses_a_code(odd(wire, form), (400, WHOLE))


def test_fault_N29_three_over_ten_minutes(strict, wire):
    """After three of them over ten minutes only the user can help; the token stays sealed in the store."""
    strict.connect()
    strict.expire()
    with strict.proxy.meeting(odd(wire, "rest")):
        for _ in range(2):
            strict.waits(strict.token(), "not-understood", 1, 2)
        strict.clock.move(strict.policy.strikes_span)
        error = strict.token()
    row = strict.row(CONNECTION)

    assert (ReauthorizationRequired, DeathCause.ANSWERS_NOT_UNDERSTOOD) == (type(error), error.reason)
    assert row.sealed
    strict.connect()
    strict.expire()
    strict.goes_on()


@pytest.mark.parametrize("status", [403, 404, 405, 451])
def test_fault_N30_a_firewall_s_page(strict, wire, status):
    """A page of whoever stands between says nothing of the token: it is waited, and the same token works."""
    fault = Replaced(words=wire.said(status, b"<html>Blocked</html>", b"Content-Type: text/html"), done=Done.NOTHING)
    strict.connect()
    strict.expire()
    strict.proxy.meet(fault)
    error = strict.token()

    assert ("refresh-deferred", 0) == (strict.status().owed, strict.status().generation)
    strict.waits(error, "not-understood", 1)
    strict.goes_on()
    strict.loses_a_code(fault, (status, WHOLE))


def test_fault_N30_a_contract_that_is_not_signed(strict, wire):
    """MailUp's own 403 about its terms is the user's to mend; the token is kept and goes on."""
    terms = {**REST, "ErrorDescription": "Authorization error: Contract not signed, please login in console"}

    strict.keeps_token(
        Replaced(words=wire.told(terms, 403), done=Done.NOTHING),
        (403, WHOLE),
        error=ContractNotSigned(),
        moved=strict.policy.contract_wait * 2,
    )
