"""The referee is no tautology: it sees a client that breaks a promise, in a story that the real client comes through."""

from contextlib import contextmanager
from datetime import timedelta

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.properties.broken import OpenGuard, forgetful, hasty

from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.engine.steps import KeepSpill, Save, Send
from mailup_oauth.ports import Busy
from mailup_oauth.sandbox.commands import ChangeSwitches, Effect, RevokeApplication
from mailup_oauth.sandbox.switches import Switches, TokenErrorShape
from mailup_oauth.testing.simulation import errands
from mailup_oauth.testing.simulation.facts import Stored
from mailup_oauth.testing.simulation.machine import ClientAndMailUp
from mailup_oauth.testing.simulation.manners import altered
from mailup_oauth.testing.simulation.peace import make_peace
from mailup_oauth.testing.simulation.referee import Referee, Violation
from mailup_oauth.testing.simulation.referee.law import Law
from mailup_oauth.testing.simulation.store import Failing
from mailup_oauth.testing.simulation.town import Town
from mailup_oauth.testing.stage import CLIENT_ID

AT_ONCE = timedelta()
UNSETTLED = attrs.evolve(PRODUCTION, settle=(AT_ONCE,) * 3, doubt_wait=AT_ONCE)
RASH = attrs.evolve(PRODUCTION, strikes=1, strikes_span=AT_ONCE)
SOON_TIRED = attrs.evolve(PRODUCTION, store_patience=AT_ONCE)


class LastingGuard:
    """Lets three in, and then nobody any more, as if the third had taken it along."""

    def __init__(self):
        self.left = 3

    @contextmanager
    def hold(self, name, *, patience):  # noqa: ARG002  # as above
        """Count down."""
        self.left -= 1
        if self.left < 0:
            raise Busy
        yield


def spendthrift():
    """Take for spilled what is not."""

    def take(step):
        return None if isinstance(step, KeepSpill) else (yield step)

    return take


def unwritten():
    """Store the row, and no record of why."""

    def take(step):
        return (yield Save(attrs.evolve(step.change, records=())) if isinstance(step, Save) else step)

    return take


def talkative():
    """Say in a failure what was about to be sent."""

    def take(step):
        if isinstance(step, Send):
            raise StoreUnavailable(step.request.body.reveal())
        return (yield step)

    return take


def careless():
    """Let a failure of a driver out."""

    def take(step):
        if isinstance(step, Save):
            raise KeyError
        return (yield step)

    return take


def plain(town):
    """Somebody asks."""
    town.token("one", "acme")
    town.rest()


def sent(town):
    """Return the flight of somebody whose request has just left."""
    town.token("one", "acme")
    (flight,) = town.processes["one"].flights
    town.send_off(flight)
    return flight


def a_second_comes(town):
    """While a request is under way, another process wants the same."""
    sent(town)
    town.serve(town.token("two", "acme"))
    town.rest()


def the_connection_breaks(town):
    """A request has left when its connection breaks; it can still arrive."""
    sent(town).sever()
    town.rest()


def the_store_fails(town):
    """A request has left when the store fails, once."""
    sent(town)
    town.store.plan(Failing.BEFORE)
    town.rest()


def refusals_cannot_be_read(town):
    """MailUp has its reasons, and nobody can read them."""
    town.order(ChangeSwitches(Switches(token_error_shape=TokenErrorShape.HTML)))
    now = town.truth.now()
    town.order(RevokeApplication(username="m1", client_id=CLIENT_ID, effect=Effect.AT_EXPIRY, now=now))
    plain(town)


STORIES = [
    pytest.param("I1", a_second_comes, {"guard": OpenGuard}, id="excludes nobody"),
    pytest.param("I1", the_connection_breaks, {"policy": lambda: UNSETTLED}, id="lets nothing settle"),
    pytest.param("I2", plain, {"altered": lambda: altered(hasty)}, id="sends before it stores"),
    pytest.param("I2", plain, {"altered": lambda: altered(forgetful)}, id="takes tokens for stored"),
    pytest.param(
        "I2",
        the_store_fails,
        {"policy": lambda: SOON_TIRED, "altered": lambda: altered(spendthrift)},
        id="gives up storing, and spills nothing",
    ),
    pytest.param("I3", plain, {"altered": lambda: altered(unwritten)}, id="keeps no journal"),
    pytest.param(
        "I4", plain, {"altered": lambda: altered(talkative)}, id="tells secrets", marks=pytest.mark.plants_a_leak
    ),
    pytest.param("I5", plain, {"altered": lambda: altered(careless)}, id="raises anything"),
    pytest.param("I7", plain, {"guard": LastingGuard}, id="never gives the guard back"),
    pytest.param("I8", refusals_cannot_be_read, {"policy": lambda: RASH}, id="believes any refusal"),
]


def played(story, parts):
    """Play a story in a town of these parts, and make peace."""
    town = Town(**{name: make() for name, make in parts.items()})
    town.connect("acme", "m1")
    town.pass_time(timedelta(minutes=61))
    story(town)
    make_peace(town)


@pytest.mark.parametrize(("invariant", "story", "parts"), STORIES)
def test_who_breaks_a_promise_is_caught(invariant, story, parts):
    """In its story, the client that does what it must not is told which promise it broke."""
    with pytest.raises(Violation) as caught:
        played(story, parts)

    assert invariant == caught.value.invariant


@pytest.mark.parametrize("story", {story.values[1] for story in STORIES})
def test_the_real_client_comes_through(story):
    """In the same stories the client as it is breaks no promise."""
    played(story, {})


def test_a_change_that_the_tables_do_not_allow_is_caught():
    """A journal from which a step is missing is against the law of I6."""
    town = Town()
    town.connect("acme", "m1")
    strict = Referee(town.truth.now, [Law()])
    begun, _, *others = [fact for fact in town.history if isinstance(fact, Stored)]
    strict.hear(begun)
    with pytest.raises(Violation) as caught:
        strict.hear(others[0])

    assert "I6" == caught.value.invariant


def test_a_token_of_another_connection_is_caught():
    """Whoever asks for one connection and is given another's token is against I9."""
    town = Town()
    for connection, username in (("acme", "m1"), ("bolt", "m2")):
        town.connect(connection, username)
    with pytest.raises(Violation) as caught:
        town.call("one", "acme", lambda process, _: errands.token(process, "bolt"))

    assert "I9" == caught.value.invariant


class Forgetful(ClientAndMailUp):
    """The machine with a client that takes tokens for stored that are not."""

    def founded(self):
        """Return the town."""
        return Town(altered=altered(forgetful))


def test_the_machine_finds_a_broken_promise_by_itself():
    """Without being told the story, Hypothesis comes upon one in which such a client is caught."""
    generating = settings(max_examples=50, derandomize=True, database=None, phases=[Phase.generate])
    with pytest.raises(Violation) as caught:
        run_state_machine_as_test(Forgetful, settings=settings(generating, suppress_health_check=list(HealthCheck)))

    assert "I2" == caught.value.invariant
