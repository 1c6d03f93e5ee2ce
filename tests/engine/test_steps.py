"""A step is one call of one port; who runs a flow takes its steps one after the other and adds nothing."""

from datetime import timedelta

import attrs
import pytest

from mailup_oauth import Secret, StoreUnavailable
from mailup_oauth.domain import commands as c
from mailup_oauth.domain.wire.http import HttpRequest, NotSent, SendingFault
from mailup_oauth.engine import steps as t
from mailup_oauth.engine import transact
from mailup_oauth.journal import Context
from mailup_oauth.ports import Absent, Commit, Notice
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.entropy import SeededEntropy
from mailup_oauth.testing.stage import CONNECTION

MINUTE = timedelta(minutes=1)


def test_the_clock_is_read_and_waited_for(parts):
    """``Now`` gives the moment and ``Pause`` lets its span pass."""
    hands = parts.hands()

    def flow():
        before = yield from t.ask(t.Now())
        nothing = yield from t.ask(t.Pause(MINUTE))
        after = yield from t.ask(t.Now())
        return nothing, after - before

    assert (None, MINUTE) == hands.play(flow())


def test_chance_is_drawn_once_each(parts):
    """``DrawToken`` and ``Chance`` draw once from the entropy, and give what it gave."""
    ports = attrs.evolve(parts.ports, entropy=SeededEntropy("steps", marker=CANARY))
    same = SeededEntropy("steps", marker=CANARY)

    assert (same.token(), same.chance(), same.token()) == (
        t.DrawToken().take(ports),
        t.Chance().take(ports),
        t.DrawToken().take(ports),
    )


def test_the_store_is_asked(parts):
    """``Load``, ``Save`` and ``Find`` are the store's own calls."""
    parts.put(scene.awaiting_code(scene.awaiting()))
    found = t.Find(scene.attempt_id(1)).take(parts.ports), t.Find(scene.attempt_id(2)).take(parts.ports)
    row = t.Load(CONNECTION).take(parts.ports)

    assert (CONNECTION, Absent()) == found
    assert (parts.ports.store.load(CONNECTION), Absent()) == (row, t.Load("nobody").take(parts.ports))


def test_a_change_is_saved_once(parts):
    """``Save`` makes a change once; the same change again finds that it was."""
    hands = parts.hands()
    parts.stage.oauth.begin(CONNECTION)
    seen = []
    hands.plan(t.Save, lambda step, ports: seen.append(step) or step.take(ports))
    hands.play(transact(parts.setting, CONNECTION, lambda now: c.Disconnect(now=now), Context()))

    assert Commit.CONFLICT is seen[0].take(parts.ports)


class Postbox:
    """A transport that keeps what it is given."""

    def __init__(self):
        self.given = []

    def send(self, request, *, deadline):
        """Keep it, and say that it was not sent."""
        self.given.append((request, deadline))
        return NotSent(SendingFault.REFUSED)


def test_a_request_is_sent_once_as_it_is(parts):
    """``Send`` hands the request and its deadline to the transport, once, and gives what became of it."""
    box = Postbox()
    request = HttpRequest(method="POST", url="https://mailup.example/token", body=scene.secret("body"))
    sending = t.Send(request=request, deadline=MINUTE)

    assert NotSent(SendingFault.REFUSED) == sending.take(attrs.evolve(parts.ports, transport=box))
    assert [(request, MINUTE)] == box.given
    assert CANARY not in repr(sending)


def failing():
    """Fail as a secret manager may, with the secret in its words."""
    problem = f"no {CANARY}-client-secret for you"
    raise LookupError(problem)


@pytest.mark.parametrize(
    "source", [failing, lambda: f"{CANARY}-bare-text", lambda: None, lambda: b"", lambda: failing, lambda wrong: wrong]
)
def test_sec_52_a_secret_manager_that_fails_gives_no_secret(parts, source):
    """Whatever it raises, or returns in place of a ``Secret``, is no secret, and is not kept."""

    assert t.NoSecret() == t.ReadSecret(source).take(parts.ports)


def test_sec_52_a_secret_is_read_anew_each_time(parts):
    """The secret is what the source says at that moment; the step shows neither."""
    secrets = [scene.secret("old"), scene.secret("new")]
    step = t.ReadSecret(lambda: secrets.pop(0))

    assert (scene.secret("old"), scene.secret("new")) == (step.take(parts.ports), step.take(parts.ports))
    assert "ReadSecret()" == repr(step)


class Grumpy:
    """An observer that raises at every notice, after it has taken it."""

    def __init__(self):
        self.told = []

    def notice(self, notice):
        """Take note, and raise."""
        self.told.append(notice)
        raise RuntimeError(notice.what)


def test_an_observer_that_raises_is_told_the_rest(parts):
    """Whatever an observer raises is dropped, and the next notice is told."""
    notices = tuple(Notice(connection=CONNECTION, what=what, at=scene.NOW) for what in ("one", "two"))
    grumpy = Grumpy()
    t.Tell(notices).take(attrs.evolve(parts.ports, observer=grumpy))

    assert list(notices) == grumpy.told


def test_a_flow_without_steps_is_run_too(parts):
    """A flow that asks for nothing returns its outcome."""

    def flow():
        return "done"
        yield

    assert "done" == t.run(flow(), parts.ports)


class Silent:
    """A step that fails in the library's own words."""

    def take(self, _):
        """Fail."""
        raise StoreUnavailable("gone")


class Alien:
    """A step whose port breaks its promise."""

    def take(self, _):
        """Fail in words that are not the library's."""
        raise ZeroDivisionError


def test_a_failure_is_thrown_to_where_the_flow_stands(parts):
    """A flow may catch what a step raises, and go on."""

    def flow():
        try:
            yield from t.ask(Silent())
        except StoreUnavailable as error:
            now = yield from t.ask(t.Now())
            return error.problem, now

    assert ("gone", parts.ports.clock.now()) == t.run(flow(), parts.ports)


@pytest.mark.parametrize(("step", "error"), [(Silent(), StoreUnavailable), (Alien(), ZeroDivisionError)])
def test_a_failure_that_no_flow_catches_ends_it(parts, step, error):
    """What a flow does not catch, or what is not the library's, ends it and reaches whoever runs it."""
    after = []

    def flow():
        yield from t.ask(step)
        after.append("went on")

    with pytest.raises(error):
        t.run(flow(), parts.ports)
    assert [] == after


def test_a_flow_never_sees_what_is_not_the_librarys(parts):
    """A port that breaks its promise ends the flow where it stands, though the flow would catch anything."""
    seen = []

    def flow():
        try:
            yield from t.ask(Alien())
        except ZeroDivisionError as error:
            seen.append(error)

    with pytest.raises(ZeroDivisionError):
        t.run(flow(), parts.ports)
    assert [] == seen


@pytest.mark.parametrize("result", [Secret("canary"), None, 0, Absent()])
def test_what_a_step_gives_is_what_the_flow_gets(result):
    """``ask`` yields the step itself, and returns what is sent back for it, whatever it is."""
    step = t.Now()
    flow = t.ask(step)

    assert step is next(flow)
    with pytest.raises(StopIteration) as stop:
        flow.send(result)
    assert result is stop.value.value
