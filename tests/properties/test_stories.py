"""What the machine once found broken, told in its shortest form; every story here failed before something was mended."""

from datetime import timedelta

import pytest

from mailup_oauth import AccessToken, DeathCause
from mailup_oauth.client import Status
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.engine import Start
from mailup_oauth.sandbox.commands import ChangeSwitches, Effect, RevokeApplication, SignContract, UnsignContract
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.switches import Switches, TokenType
from mailup_oauth.testing.simulation.peace import make_peace
from mailup_oauth.testing.simulation.town import Town
from mailup_oauth.testing.stage import CLIENT_ID

AN_HOUR = timedelta(minutes=61)
MORE_THAN_ENOUGH = 100


@pytest.fixture
def town():
    """Give a town in which ``acme`` is connected and its access token has ended; make peace when the story is told."""
    town = Town()
    town.connect("acme", "m1")
    town.pass_time(AN_HOUR)
    yield town
    make_peace(town)


def latecomer(town):
    """Return somebody whose flight has landed with a new token, and who has not noticed yet."""
    caller = town.token("one", "acme")
    town.follow(caller, MORE_THAN_ENOUGH)
    return caller


def test_whoever_notices_late_takes_nobody_back(town):
    """When somebody hears late of an older token, the others go on with the newer one (I9)."""
    late = latecomer(town)
    newer = town.serve(town.refresh("one", "acme"))
    older = town.serve(late)

    assert isinstance(older, AccessToken)
    assert newer == town.serve(town.token("one", "acme")) != older


def test_whoever_notices_late_brings_no_connection_back(town):
    """When somebody hears late of a token, a connection that was disconnected meanwhile gives it to nobody else (I9)."""
    late = latecomer(town)
    town.serve(town.disconnect("one", "acme"))

    assert isinstance(town.serve(late), AccessToken)
    assert DeathCause.DISCONNECTED is town.serve(town.token("one", "acme")).problem.reason


def test_whoever_notices_late_brings_no_rejected_token_back(town):
    """When somebody hears late of a token that the API has refused meanwhile, others wait for the next one (I9)."""
    late = latecomer(town)
    rejected = town.serve(town.token("one", "acme"))
    town.reject("one", "acme", rejected)
    town.send_off(town.processes["one"].flights[0])

    assert rejected == town.serve(late)
    assert rejected != town.ended(town.token("one", "acme"))


def test_tokens_whose_user_nobody_could_learn_do_not_keep_the_user_out(town):
    """However many attempts are held because MailUp did not say whose they are, the user can begin again (I7)."""
    town.order(UnsignContract("m1"))
    for _ in range(6):
        start = town.ended(town.begin("one", "acme"))

        assert isinstance(start, Start)
        held = town.ended(town.complete("one", town.visit(start)))

        assert "user-not-identified" == held.problem.cause


def test_one_flight_learns_whose_everything_is(town):
    """Once MailUp tells again whose tokens are, the latest attempt need not wait for a flight for each one before it."""
    town.order(UnsignContract("m1"))
    for _ in range(3):
        journey = town.visit(town.ended(town.begin("one", "acme")))
        town.ended(town.complete("one", journey))
    town.order(SignContract("m1"))
    town.pass_time(PRODUCTION.identity_wait)

    assert isinstance(town.ended(town.complete("one", journey)), Status)


def held(town):
    """Let the user of a connection come back while MailUp does not tell who they are; the contract is signed then."""
    town.order(UnsignContract("m1"))
    journey = town.visit(town.ended(town.begin("one", "acme")))
    answer = town.ended(town.complete("one", journey))
    town.order(SignContract("m1"))
    return journey, answer.problem


def test_who_comes_back_later_does_not_wait_behind_who_came_before(town):
    """Tokens that MailUp was silent about, and cannot be asked about any more, keep no later log-on waiting (I7)."""
    held(town)
    town.pass_time(AN_HOUR)
    journey = town.visit(town.ended(town.begin("one", "acme")))

    assert isinstance(town.ended(town.complete("one", journey)), Status)
    assert ["Finished"] == [*town.referee.known.row("acme").attempts.values()][-1:]


def test_two_log_ons_that_wait_for_a_name_end_with_the_later_one(town):
    """When MailUp tells again whose tokens are, those that came last are used, and the others are given up."""
    held(town)
    journey, problem = held(town)
    town.pass_time(problem.retry_after)

    assert isinstance(town.ended(town.complete("one", journey)), Status)
    assert set() == {kind for kind in town.referee.known.row("acme").attempts.values() if kind == "Identifying"}


def test_nobody_is_sent_away_while_mailup_is_asked(town):
    """During the second question whose tokens are, everybody waits for its answer and gets the token (I8)."""
    town.order(RevokeApplication(username="m1", client_id=CLIENT_ID, effect=Effect.IMMEDIATE, now=town.truth.now()))
    assert DeathCause.REFRESH_TOKEN_REFUSED is town.ended(town.token("one", "acme")).problem.reason
    _, problem = held(town)
    town.pass_time(problem.retry_after)
    first = town.token("one", "acme")
    town.send_off(first.flight)
    second, elsewhere = town.token("one", "acme"), town.token("two", "acme")
    town.rest()

    assert [AccessToken] * 3 == [type(caller.answer) for caller in (first, second, elsewhere)]


def test_answers_that_are_never_usable_cause_no_storm(town):
    """Where each answer brings a refresh token and no token to use, a flight salvages a few, with pauses (I10)."""
    town.order(ChangeSwitches(Switches(token_type=TokenType.MAILUP)))
    began = town.truth.now()
    answer = town.ended(town.token("one", "acme"))
    rotated = [event.at - began for event in town.mailup.events if isinstance(event, TokensRotated)]

    assert "born-expired" == answer.problem.cause
    assert [0, 0, 2, 12] == [span.total_seconds() for span in rotated]
