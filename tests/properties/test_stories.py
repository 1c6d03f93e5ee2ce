"""What the machine once found broken, told in its shortest form; every story here failed before something was mended."""

from datetime import timedelta

import pytest

from mailup_oauth import AccessToken, DeathCause
from mailup_oauth.client import Status
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.engine import Start
from mailup_oauth.sandbox.commands import ChangeSwitches, SignContract, UnsignContract
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.switches import Switches, TokenType
from mailup_oauth.testing.simulation.peace import make_peace
from mailup_oauth.testing.simulation.town import Town

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


def test_answers_that_are_never_usable_cause_no_storm(town):
    """Where each answer brings a refresh token and no token to use, a flight salvages a few, with pauses (I10)."""
    town.order(ChangeSwitches(Switches(token_type=TokenType.MAILUP)))
    began = town.truth.now()
    answer = town.ended(town.token("one", "acme"))
    rotated = [event.at - began for event in town.mailup.events if isinstance(event, TokensRotated)]

    assert "born-expired" == answer.problem.cause
    assert [0, 0, 2, 12] == [span.total_seconds() for span in rotated]
