"""What was received is stored however long that takes, waits in a spill meanwhile, and is merged from there once."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.mishaps import as_usual, away, damaged, made_after_all

from mailup_oauth import PRODUCTION, KeyUnavailable, Secret, StoreUnavailable
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import StorageError, StoreCorrupted
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.wire.outcomes import Defect, Granted, Salvaged
from mailup_oauth.engine import arrive, disconnect, exchange, run, tidy
from mailup_oauth.engine import steps as t
from mailup_oauth.engine.carry import pursue, recover
from mailup_oauth.engine.keep import NothingReceived, Report, insist, reporting
from mailup_oauth.journal import Context, ExchangeReceived, RefreshReceived, open_received, seal_received
from mailup_oauth.ports import Absent, Commit
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.scenario import HOUR, NOW
from mailup_oauth.testing.stage import CONNECTION, Stage

SPANS = st.timedeltas(timedelta(milliseconds=500), timedelta(seconds=10))
GRANTED = Granted(access=scene.credential("new-access"), refresh=scene.credential("new-refresh"), life=HOUR)
SALVAGED = Salvaged(refresh=scene.credential("new-refresh"), defect=Defect.BODY_CUT)
BROUGHT = pytest.mark.parametrize(
    ("received", "stored", "after"),
    [
        (RefreshReceived(intent=scene.intent(), answer=GRANTED), "TokensRefreshed", s.Refreshed),
        (RefreshReceived(intent=scene.intent(), answer=SALVAGED), "RefreshTokenSalvaged", s.Expired),
        (ExchangeReceived(attempt=scene.browser(1).id, answer=GRANTED), "TokensHeld", s.Expired),
    ],
    ids=["refreshed", "salvaged", "exchanged"],
)


def ending(now):
    """Ask for the end of the connection."""
    return c.Disconnect(now=now)


def forcing(now):
    """Ask for a refresh."""
    return c.RefreshNow(now=now)


def insisted(parts):
    """Return the flow that insists on a command with which nothing was received."""
    report = Report(asking=ending, received=NothingReceived())
    return insist(parts.setting, CONNECTION, report, Context())


def told(hands):
    """Return what the observer was told of spills."""
    return [note.what for step in hands.of(t.Tell) for note in step.notices if note.what.startswith("spill:")]


def overtaken(parts):
    """Return the mishap of a change before which somebody else stores one."""

    def late(step, ports):
        parts.stage.oauth.begin(CONNECTION)
        return step.take(ports)

    return late


@pytest.mark.parametrize("step", [t.Load, t.Save])
def test_a_store_that_comes_back_gets_what_was_received(parts, step):
    """Insisting goes on, with a pause between, until the store takes it, whatever call of it had failed."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(step, away, away, away)
    outcome = hands.play(insisted(parts))

    assert [PRODUCTION.store_retry_wait] * 3 == [pause.span for pause in hands.of(t.Pause)]
    assert outcome.held.row == parts.ports.store.load(CONNECTION)
    assert "Disconnected" == type(outcome.events[0]).__name__


@settings(max_examples=40)
@given(patience=SPANS, wait=SPANS)
def test_insisting_goes_on_for_its_patience_and_not_a_moment_longer(patience, wait):
    """Whatever the numbers, the last try is made when the patience is just over, and then it is said why."""
    stage = Stage()
    stage.connect()
    core, began = stage.oauth._core, stage.clock.now()
    policy = attrs.evolve(PRODUCTION, store_patience=patience, store_retry_wait=wait)
    report = Report(asking=ending, received=NothingReceived())
    flow = insist(attrs.evolve(core.setting, policy=policy), CONNECTION, report, Context())
    tries = []
    ports = attrs.evolve(core.ports, store=Away(stage.clock, tries))
    with pytest.raises(StoreUnavailable, match="away"):
        run(flow, ports)

    assert began + patience == stage.clock.now() == tries[-1]
    assert [began + number * wait for number in range(len(tries) - 1)] == tries[:-1]


class Away:
    """A store that is away, and says when it was asked."""

    def __init__(self, clock, tries):
        self._clock = clock
        self._tries = tries

    def load(self, _):
        """Fail."""
        self._tries.append(self._clock.now())
        raise StoreUnavailable("away")


def test_a_change_that_was_made_after_all_is_not_made_twice(parts):
    """When a commit raised and had been made all the same, the next reading shows it, and nothing is stored again."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, made_after_all)
    outcome = hands.play(insisted(parts))
    names = [type(record.event).__name__ for record in parts.stage.oauth.journal(CONNECTION)]

    assert "Load Now Save Now Pause Load Now" == hands.taken().removeprefix("Now ")
    assert 1 == names.count("Disconnected")
    assert () == outcome.decided


def test_a_store_that_is_damaged_is_not_insisted_on(parts):
    """Only what waiting may cure is waited for."""
    hands = parts.hands()

    def damaged(step, ports):
        raise StoreCorrupted("torn")

    hands.plan(t.Load, damaged)
    with pytest.raises(StoreCorrupted):
        hands.play(insisted(parts))

    assert [] == hands.of(t.Pause)


def test_whoever_insists_may_be_overtaken(parts):
    """Insisting decides anew as any transaction does when somebody else stored first."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, overtaken(parts), lambda *_: Commit.CONFLICT)
    hands.play(insisted(parts))

    assert "Now Load Now Save Load Now Save Load Now Save Tell" == hands.taken()


# -- tokens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [away, damaged])
def test_fault_S02_received_tokens_wait_in_the_spill_and_are_merged_from_there(parts, trouble):
    """When the store takes no tokens, they are spilled, the caller is told why, and the next flight stores them."""
    parts.stage.connect()
    hands, later = parts.hands(), parts.hands()
    hands.plan(t.Save, as_usual, *[trouble] * 500)
    with pytest.raises(StorageError):
        hands.play(pursue(parts.setting, CONNECTION, forcing, Context()))
    before = parts.state()
    held = later.play(recover(parts.setting, CONNECTION, Context()))

    assert (1, ["spill:kept"], ["spill:merged"]) == (len(hands.of(t.KeepSpill)), told(hands), told(later))
    assert (w.InFlight, s.Refreshed, 1) == (type(before.work), type(held.state), held.state.grant.generation)
    assert (Absent(), 1) == (parts.ports.spill.find(CONNECTION), parts.stage.happened(TokensRotated))
    assert "TokensRefreshed" == type(list(parts.stage.oauth.journal(CONNECTION))[-1].event).__name__


def test_a_code_that_brought_tokens_brought_them_for_good(parts):
    """Tokens of an exchange that the store does not take are spilled, and the next flight connects with them."""
    start = parts.stage.oauth.begin(CONNECTION)
    core = parts.stage.oauth._core
    arrival = run(arrive(parts.setting, Secret(parts.stage.visit(start)), start.binding), parts.ports)
    hands = parts.hands()
    hands.plan(t.Save, as_usual, *[away] * 500)
    with pytest.raises(StoreUnavailable):
        hands.play(exchange(parts.setting, arrival, Context()))

    assert ["spill:kept"] == told(hands)
    assert core.completed(arrival, parts.hands().play(exchange(parts.setting, arrival, Context()))).connected


def test_a_spill_is_dropped_once_the_store_has_taken_what_is_in_it(parts):
    """When the store comes back within the patience, the same flight stores the tokens, and nothing is left over."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, as_usual, away, away)
    outcome = hands.play(pursue(parts.setting, CONNECTION, forcing, Context()))

    assert (s.Refreshed, Absent()) == (type(outcome.held.state), parts.ports.spill.find(CONNECTION))
    assert (1, 1) == (len(hands.of(t.KeepSpill)), len(hands.of(t.DropSpill)))


def test_fault_S17_tokens_that_can_be_spilled_nowhere_are_not_given_up(parts):
    """Without a spill the flight goes on beyond its patience, until the store has the tokens after all."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.KeepSpill, *[away] * 500)
    hands.plan(t.Save, as_usual, *[away] * 400)
    outcome = hands.play(pursue(parts.setting, CONNECTION, forcing, Context()))
    pauses = [pause.span for pause in hands.of(t.Pause)]

    assert (s.Refreshed, {"spill:refused"}) == (type(outcome.held.state), set(told(hands)))
    assert {PRODUCTION.store_retry_wait, PRODUCTION.store_long_wait} == set(pauses)
    assert sum(pauses, timedelta()) > 2 * PRODUCTION.store_patience


def test_only_the_end_of_the_program_gives_tokens_up(parts):
    """When the program is at its end, a flight that can put its tokens nowhere says so, and ends."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.KeepSpill, *[away] * 500)
    hands.plan(t.Save, as_usual, *[away] * 500)
    hands.plan(t.IsLastCall, as_usual, lambda *_: True)
    with pytest.raises(StoreUnavailable, match="away"):
        hands.play(pursue(parts.setting, CONNECTION, forcing, Context()))

    assert "spill:given-up" == told(hands)[-1]
    assert 2 == len(hands.of(t.IsLastCall))


def test_a_spill_may_succeed_later_than_at_once(parts):
    """Where the first spill fails, each round tries again, and the flight need not be held any longer."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.KeepSpill, away, away)
    hands.plan(t.Save, as_usual, *[away] * 500)
    with pytest.raises(StoreUnavailable):
        hands.play(pursue(parts.setting, CONNECTION, forcing, Context()))

    assert ["spill:refused", "spill:refused", "spill:kept"] == told(hands)


@BROUGHT
def test_whatever_was_spilled_is_merged_where_nothing_newer_is_stored(parts, received, stored, after):
    """A spill leads to the same event as the report that could not be made, and is gone."""
    parts.put(scene.expired(scene.exchanging(1), work=w.InFlight(intent=scene.intent())))
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    hands = parts.hands()
    held = hands.play(recover(parts.setting, CONNECTION, Context()))

    assert stored == hands.stored()[0]
    assert isinstance(held.state, after)
    assert Absent() == parts.ports.spill.find(CONNECTION)


def test_tokens_that_others_had_given_up_are_merged_all_the_same(parts):
    """Where another machine found the intent, saw no spill and noted a doubt, the tokens end the doubt."""
    wait = Wait(since=NOW, span=HOUR)
    parts.put(scene.expired(work=w.Unknown(setbacks=(), wait=wait, number=1)))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    held = parts.hands().play(recover(parts.setting, CONNECTION, Context()))

    assert (s.Refreshed, w.Idle()) == (type(held.state), held.state.work)


def test_a_spill_that_is_out_of_date_changes_nothing(parts):
    """What was stored after all, or overtaken by a newer authorization, is dropped from the spill and not used."""
    parts.put(scene.refreshed())
    before = parts.state()
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    held = parts.hands().play(recover(parts.setting, CONNECTION, Context()))

    assert (before, Absent()) == (held.state, parts.ports.spill.find(CONNECTION))


def test_fault_P25_a_spill_that_cannot_be_read_is_set_aside_and_reported(parts):
    """Half a spill, or a stranger's, stops nobody: a person can look at it, and the recovery goes on without."""
    parts.put(scene.expired(work=w.InFlight(intent=scene.intent())))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received("another", received, parts.setting.cipher))
    hands = parts.hands()
    held = hands.play(recover(parts.setting, CONNECTION, Context()))

    assert (["spill:unreadable"], Absent()) == (told(hands), parts.ports.spill.find(CONNECTION))
    assert (1, w.Unknown) == (len(hands.of(t.SetSpillAside)), type(held.state.work))


def test_a_spill_whose_key_is_missing_waits_for_its_key(parts):
    """Nothing is decided over tokens that a key would open: the caller is told, and the spill stays where it is."""
    parts.put(scene.expired(work=w.InFlight(intent=scene.intent())))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    sealed = seal_received(CONNECTION, received, parts.setting.cipher)
    parts.ports.spill.keep(CONNECTION, sealed)
    with pytest.raises(KeyUnavailable):
        parts.hands().play(recover(attrs.evolve(parts.setting, cipher=Keyless()), CONNECTION, Context()))

    assert sealed == parts.ports.spill.find(CONNECTION)


class Keyless:
    """A cipher whose key ring is empty."""

    def unseal(self, sealed, *, context):  # noqa: ARG002  # whatever it is
        """Fail."""
        raise KeyUnavailable("no such key")


def test_a_spill_that_cannot_be_stored_goes_on_waiting(parts):
    """A merge that the store does not take leaves the spill as it was, and the caller is told."""
    parts.put(scene.expired(work=w.InFlight(intent=scene.intent())))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    hands = parts.hands()
    hands.plan(t.Save, away)
    with pytest.raises(StoreUnavailable):
        hands.play(recover(parts.setting, CONNECTION, Context()))

    assert received == open_received(CONNECTION, parts.ports.spill.find(CONNECTION), parts.setting.cipher)


def test_a_disconnection_erases_the_spill_too(parts):
    """What is erased is erased in every place where it is held, by a flight that has the guard."""
    parts.put(scene.expired(work=w.InFlight(intent=scene.intent())))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    parts.hands().play(disconnect(parts.setting, CONNECTION, Context()))
    kept, hands = parts.ports.spill.find(CONNECTION), parts.hands()
    outcome = hands.play(tidy(parts.setting, CONNECTION, Context()))

    assert (bytes, s.Unregistered) == (type(kept), type(parts.state()))
    assert (Absent(), ["spill:outdated"]) == (parts.ports.spill.find(CONNECTION), told(hands))
    assert ((), s.Unregistered) == (outcome.decided, type(outcome.held.state))


def test_a_late_disconnection_takes_nothing_from_the_next_authorization(parts):
    """What was spilled for an authorization that came behind the disconnection is stored, and not erased."""
    parts.put(scene.expired(work=w.InFlight(intent=scene.intent())))
    received = RefreshReceived(intent=scene.intent(), answer=GRANTED)
    parts.ports.spill.keep(CONNECTION, seal_received(CONNECTION, received, parts.setting.cipher))
    hands = parts.hands()
    hands.play(tidy(parts.setting, CONNECTION, Context()))

    assert (s.Refreshed, ["spill:merged"]) == (type(parts.state()), told(hands))


def test_an_answer_without_tokens_is_not_spilled(parts):
    """What can be asked for again is not worth a file: after its patience, the flight says why, and ends."""
    parts.stage.connect()
    hands = parts.hands()
    hands.plan(t.Save, *[away] * 500)
    with pytest.raises(StoreUnavailable):
        hands.play(insisted(parts))

    assert [] == hands.of(t.KeepSpill) + hands.of(t.IsLastCall)


def test_the_interpreter_says_that_it_is_not_at_its_end(parts):
    """While the main thread runs, nothing is a last call."""
    assert t.IsLastCall().take(parts.ports) is False


@BROUGHT
def test_what_is_reported_is_what_was_received(received, stored, after):
    """The command carries the answer, the question and the chance as they are."""
    command = reporting(received, 0.5)(NOW)

    assert (NOW, 0.5, received.answer) == (command.now, command.chance, command.answer)
    assert getattr(received, "intent", None) == getattr(command, "intent", None)
    assert getattr(received, "attempt", None) == getattr(command, "attempt", None)
