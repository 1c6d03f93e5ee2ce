"""MailUp's own clock, and the beginning to which a sandbox can be sent back."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.commands import BeginAgain, MoveClock, PlanFault
from mailup_oauth.sandbox.faults import LOST_REQUEST, Target
from mailup_oauth.sandbox.scenario import DEMONSTRATION, LATEST, From, Scenario
from mailup_oauth.sandbox.switches import Consent, Switches
from mailup_oauth.sandbox.world import begun

AN_HOUR = timedelta(hours=1)
THEN = datetime(2031, 5, 5, tzinfo=UTC)


def move(play, span):
    """Order the clock forward."""
    play.service.order(MoveClock(span=span, now=play.service.now))


def begin_again(play, scenario=None):
    """Order a new beginning, as *scenario* says or as the first one did."""
    play.service.order(BeginAgain(scenario=scenario or play.service.world.scenario, now=play.service.now))


def test_the_clock_can_be_moved_and_read(play):
    """The clock goes ahead by what was ordered, and on from there with the system's."""
    before = play.service.now
    move(play, AN_HOUR)
    play.clock.move(seconds=7)

    assert before + AN_HOUR + timedelta(seconds=7) == play.service.now
    assert (events.ClockMoved(AN_HOUR),) == play.service.events


def test_tokens_grow_old_by_the_moved_clock(play):
    """An access token expires when MailUp's clock says so, and a refresh brings one of the new time."""
    told = play.connect()
    move(play, AN_HOUR)

    assert play.info(told["access_token"]).status == 401
    assert play.refresh(told["refresh_token"]).status == 200


def test_the_clock_goes_no_further_than_it_may(play):
    """Whatever is ordered, the clock stays below the end of the calendar, and requests are answered."""
    move(play, timedelta.max)
    move(play, timedelta.max)

    assert LATEST == play.service.now
    assert play.happened(events.ClockMoved) == 1
    assert "refresh_token" in play.connect()


def test_no_time_is_no_event(play):
    """A clock that is moved by nothing has not moved."""
    move(play, timedelta(0))

    assert () == play.service.events


def test_the_clock_does_not_go_back():
    """A negative span cannot be ordered."""
    with pytest.raises(ValueError, match="span"):
        MoveClock(span=timedelta(-1), now=THEN)


def test_a_scenario_may_say_what_time_it_is(play):
    """Where a scenario has a beginning, MailUp's clock shows it at first, whatever the system's shows."""
    begin_again(play, evolve(DEMONSTRATION, begins=From(THEN)))

    assert THEN == play.service.now
    play.clock.move(minutes=1)
    assert THEN + timedelta(minutes=1) == play.service.now


def test_a_beginning_may_lie_in_the_past(play):
    """The clock may be set behind the system's too, and the first world does as the later ones do."""
    past = Scenario(begins=From(datetime(1999, 1, 1, tzinfo=UTC)))
    service = SandboxService(begun(past, system=play.clock()), play.clock, bytes)

    assert past.begins.moment == service.now


@pytest.mark.parametrize("moment", [datetime(2030, 1, 1), datetime(9999, 1, 1, tzinfo=UTC)])  # noqa: DTZ001  # the claim
def test_a_beginning_has_an_offset_and_a_future(moment):
    """A moment without an offset, or one too near the end of the calendar, is no beginning."""
    with pytest.raises(ValueError, match="moment"):
        From(moment)


def test_a_new_beginning_forgets_everything(play):
    """Tokens, consent, events, requests, switches, faults and the moved clock are gone; the people are still there."""
    told = play.switch(consent=Consent.FIRST_TIME).connect()
    play.service.order(PlanFault(Target.TOKEN, LOST_REQUEST))
    move(play, AN_HOUR)
    begin_again(play)
    seen = play.service.sight

    assert (play.clock(), (), ()) == (seen.now, seen.heard, seen.credentials)
    assert (Switches(), (), {}) == (seen.world.switches, seen.world.faults, seen.world.grants)
    assert [events.BegunAgain] == [type(event) for event in play.service.events]
    assert play.info(told["access_token"]).status == play.refresh(told["refresh_token"]).status == 400
    assert "refresh_token" in play.connect()


def test_a_new_beginning_may_be_another(play):
    """Another scenario brings other people, other habits and faults of its own."""
    faults = ((Target.TOKEN, LOST_REQUEST),)
    begin_again(play, evolve(DEMONSTRATION, switches=Switches(calls_per_second=1), faults=faults))
    world = play.service.world

    assert (["m1234", "m5678"], 1, faults) == ([*world.users], world.switches.calls_per_second, world.faults)
    assert "canary" not in repr(play.service.events)


def test_what_is_made_anew_was_never_made_before(stage):
    """Even with chance that repeats, no token of an earlier beginning works in a later one."""
    play = stage(Switches())
    play.service._draw = bytes
    before = play.connect()
    begin_again(play)
    after = play.connect()

    assert {*before.values()} & {*after.values()} == {3600}


def test_the_demonstration_has_what_a_visitor_needs(play):
    """Out of the box there are an application, a user with a list, and no secret worth anything."""
    begin_again(play, DEMONSTRATION)
    [application] = DEMONSTRATION.applications
    play.client = {"client_id": application.client_id, "client_secret": application.client_secret.reveal()}
    form = {"grant_type": "password", "username": "m1234", "password": DEMONSTRATION.users[0].password.reveal()}

    assert play.token(**form, **play.client).status == 200
    assert Secret("demonstration") == DEMONSTRATION.users[0].password
