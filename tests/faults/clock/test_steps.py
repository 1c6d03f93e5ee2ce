"""A clock that is set back or ahead, and one that stands still while the world goes on: no storm, and nothing sent twice."""

from datetime import timedelta

import httpx
import pytest

from mailup_oauth import TemporarilyUnavailable
from mailup_oauth.sandbox.faults import LOST_REQUEST

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MINUTES = 150
INFO = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"


def lived(world, *, step, after):
    """Call MailUp's API once a minute for two hours and a half, step the clock once; return the statuses and the refreshes."""
    host = world.host()
    world.connect(host)
    statuses = []
    with httpx.Client(auth=host.oauth.auth("acme"), transport=world.stage.network) as api:
        for minute in range(MINUTES):
            if minute == after:
                host.clock.move(step)
            statuses.append(api.get(INFO).status_code)
            world.settle()
            world.pass_(MINUTE)
    return statuses, world.rotations


@pytest.mark.parametrize("after", [0, 44, 58])
@pytest.mark.parametrize(
    "step", [-HOUR, 24 * HOUR, -24 * HOUR], ids=["C01-an-hour-back", "C02-a-day-ahead", "C01-a-day-back"]
)
def test_fault_x_a_step_costs_one_refresh_at_most(worlds, step, after):
    """Whenever the clock steps, every call of MailUp's API goes well, and at most one refresh more is sent than without."""
    calm, stepped = lived(worlds(), step=timedelta(), after=after), lived(worlds(), step=step, after=after)

    assert [200] * MINUTES == calm[0] == stepped[0]
    assert stepped[1] <= calm[1] + 1


def test_fault_C02_many_connections_that_a_step_ends_are_renewed_once_and_spread(world):
    """A day ahead and back again costs each of twelve connections a refresh each way; the next ones are spread."""
    host = world.host()
    names = [f"tenant-{number}" for number in range(12)]
    for name in names:
        world.connect(host, name)
    counts = []
    for step in (24 * HOUR, -24 * HOUR):
        host.clock.move(step)
        before = world.rotations
        for _ in range(3):
            for name in names:
                host.oauth.access_token(name)
            world.pass_(MINUTE)
        counts.append(world.rotations - before)
    due = {host.oauth._core.held(name).row.due_at for name in names}

    assert [12, 12] == counts
    assert (12, True) == (len(due), max(due) - min(due) > MINUTE)


SLEEP = 8 * HOUR


def between_calls(world, host):
    """Suspend the machine while nothing goes on."""
    world.pass_(SLEEP)


def before_the_send(world, host):
    """Suspend it between the stored intent and the request."""
    once(world, "before")


def before_the_answer(world, host):
    """Suspend it between MailUp's deed and its answer."""
    once(world, "after")


def once(world, when):
    """Let the next request be accompanied by a suspension."""

    def suspend():
        setattr(world.wire, when, lambda: None)
        world.pass_(SLEEP)

    setattr(world.wire, when, suspend)
    world.pass_(HOUR)


@pytest.mark.parametrize("suspended", [between_calls, before_the_send, before_the_answer])
def test_fault_C05_a_suspension_is_a_pause(world, suspended):
    """Whenever the machine sleeps for a night: nothing is sent twice, a token is counted by its age, and T follows."""
    host = world.host()
    world.connect(host)
    suspended(world, host)
    came = []
    for _ in range(3):
        try:
            came.append(host.oauth.access_token("acme").expires_at > host.clock.now())
        except TemporarilyUnavailable as error:
            came.append(error.cause)
            world.pass_(error.retry_after)
    asleep_under_way = suspended is not between_calls

    assert (["born-expired", True, True] if asleep_under_way else [True] * 3) == came
    assert (2 if asleep_under_way else 1) == world.rotations


def test_fault_C05_a_suspension_in_a_pause_between_two_tries_is_looked_at_anew(world):
    """When the machine sleeps while a flight waits to try again, the try is made afterwards, once, and brings a token."""
    host = world.host()
    world.connect(host)
    world.pass_(HOUR)
    world.stage.plan(LOST_REQUEST)
    slept = []

    def sleep(span):
        slept.append(span)
        world.pass_(SLEEP)

    host.clock.sleep = sleep
    token = host.oauth.access_token("acme")

    assert (1, True) == (len(slept), token.expires_at > host.clock.now())
    assert 1 == world.rotations
