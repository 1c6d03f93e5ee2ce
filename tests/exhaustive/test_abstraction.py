"""What was made simpler for the exploration loses nothing: legs for histories, phases for moments."""

from datetime import timedelta
from itertools import product

import attrs
import pytest
from tests.exhaustive import world as w
from tests.exhaustive.moments import LIFE, NOW, OLD, canonical, left, phases, rewritten, waited
from tests.exhaustive.replay import without_journal
from tests.exhaustive.search import Search

from mailup_oauth.client.verdicts import usable_token
from mailup_oauth.domain import commands as c
from mailup_oauth.domain.decide import decide
from mailup_oauth.domain.evolve import fold
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.patience import until_next_try
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.resume import NothingOwed, resume
from mailup_oauth.domain.tokens import Access
from mailup_oauth.domain.wire.outcomes import Defect, Granted, GrantRefused, OutcomeUnknown
from mailup_oauth.domain.work import InFlight, Intent, Retrying
from mailup_oauth.engine import steps as t

SECOND = timedelta(seconds=1)
PLAN = w.Plan(rounds=1, crashes=1, losses=1, timeouts=0)
YOUNG = (timedelta(), SECOND, 59 * SECOND)
AGES = (61 * SECOND, timedelta(hours=3))
SPANS = (SECOND, 2 * SECOND, 9 * SECOND, 61 * SECOND, LIFE - timedelta(minutes=2), 2 * LIFE)


@pytest.fixture(scope="module")
def explored():
    """The stored states of an exploration with every fault in it."""
    search = Search(attrs.evolve(PLAN, timeouts=1))
    search.run()
    return search.shelf.states


@pytest.fixture(scope="module")
def unmerged():
    """An exploration in which every history of a flow is a leg of its own."""
    search = Search(PLAN, merges=False)
    search.run()
    with without_journal():
        yield search


# -- legs --------------------------------------------------------------------------------------------------------------


def led(flows, number, came):
    """Return the key of where a result leads a leg."""
    ways = {
        t.Load: lambda: flows.read(number, came),
        t.Save: lambda: flows.wrote(number, done=came),
        t.Send: lambda: flows.heard(number, came),
        t.Pause: lambda: flows.slept(number),
    }
    return flows.key(flows.legs[ways[flows.legs[number].kind]()])


def quarrels(search, *, without=()):
    """Return how often the first of all histories with one key goes on otherwise than another does."""
    flows, first, apart = search.flows, {}, 0
    keys = [flows.key(leg) for leg in flows.legs]
    for way, target in [(way, target) for way, target in flows.ways.items() if isinstance(way, tuple)]:
        number, came = way
        blurred = tuple(part for place, part in enumerate(keys[number]) if place not in without)
        stand_in = first.setdefault(blurred, number)
        apart += stand_in != number and led(flows, stand_in, came) != keys[target]
    return apart


def test_histories_with_one_key_go_on_alike(unmerged):
    """Whatever is brought to a history, the one that stands for it does the same, and is again at one with it."""
    keys = {unmerged.flows.key(leg) for leg in unmerged.flows.legs}

    assert 0 == quarrels(unmerged)
    assert len(unmerged.flows.legs) > 5 * len(keys)


@pytest.mark.parametrize("part", [2, 3, 4])
def test_every_part_of_the_key_is_needed(unmerged, part):
    """Without what was read, meant or heard, flows that go on differently look alike."""
    assert 0 < quarrels(unmerged, without=(part,))


def test_merged_and_unmerged_reach_the_same(unmerged):
    """What is stored, what callers are told, and how it may end, is the same with legs and with histories."""
    merged = Search(PLAN)
    told = merged.run()

    assert {redact(one) for one in unmerged.shelf.states} == {redact(one) for one in merged.shelf.states}
    assert set(unmerged.report.verdicts) == set(told.verdicts)
    assert unmerged.report.ends == told.ends
    assert told.worlds < unmerged.report.worlds


# -- phases ------------------------------------------------------------------------------------------------------------


def real(state, young, age, ahead):
    """Return a real state of which *state* is the canonical one: its ages, windows and wait began at real moments."""

    def deed(value):
        match value:
            case Access(refresh_at=refresh_at, expires_at=expires_at):
                due = NOW - SECOND if refresh_at == NOW else NOW + ahead
                end = NOW - SECOND if expires_at == NOW else NOW + ahead
                return attrs.evolve(value, asked_at=NOW - age, refresh_at=due, expires_at=end)
            case Intent(sent=sent):
                return attrs.evolve(value, sent=attrs.evolve(sent, since=deed(sent.since)))
            case Wait(span=span):
                return Wait(since=NOW - young, span=span + young)
            case _ if value == NOW:
                return NOW - young
            case _ if value == OLD:
                return NOW - age
            case _:
                return None

    return rewritten(state, deed)


def reals(states):
    """Yield each state with real states that it stands for."""
    for state in states:
        for young, age, ahead in product(YOUNG, AGES, (SECOND, LIFE)):
            yield state, real(state, young, age, ahead)


def commands(state):
    """Return everything that a renewal can ask of *state*."""
    asked = [c.UseAccess(now=NOW), c.RefreshNow(now=NOW)]
    if isinstance(state.work, InFlight | Retrying):
        intent = state.work.intent
        tokens = Granted(access=state.grant.refresh, refresh=state.grant.refresh, life=LIFE)
        answers = [GrantRefused(error="invalid_grant"), OutcomeUnknown(defect=Defect.RESET)]
        answers += [tokens] if NOW - intent.sent.since < PRODUCTION.request_deadline else []
        asked += [c.ReportRefresh(now=NOW, chance=0.0, intent=intent, answer=answer) for answer in answers]
    return asked


def judged(state):
    """Return everything that the library makes of *state*, without the moments that nothing asks for."""
    decided = [decide(state, command, PRODUCTION, MAILUP) for command in commands(state)]
    after = [canonical(fold(state, events)) if isinstance(events, tuple) else events for events in decided]
    owed = isinstance(resume(state, NOW), NothingOwed)
    token = usable_token(state, NOW)
    return redact(tuple(after)), until_next_try(state, NOW, PRODUCTION), token and token.mark, owed


def test_a_state_and_its_phase_are_judged_alike(explored):
    """Whatever real moments a stored state has, the library makes the same of it as of the state that stands for it."""
    apart = [state for state, one in reals(explored) if judged(one) != judged(state) or canonical(one) != state]

    assert [] == apart


@pytest.mark.parametrize("name", ["a minute passes", "the renewal comes due", "the access token ends"])
def test_every_phase_is_needed(explored, name):
    """There are states of which the library makes something else when a phase is over."""
    changes = [(one, new) for one in explored for said, new in phases(one, is_flown=False) if said == name]

    assert any(judged(one)[:3] != judged(new)[:3] for one, new in changes)


def closure(state):
    """Return all states that time can make of *state* in the exploration."""
    found, open_ends = {redact(state)}, [state]
    while open_ends:
        one = open_ends.pop()
        nexts = [new for _, new in phases(one, is_flown=False)]
        nexts += [waited(one, ticks) for ticks in (1000, 2000, 9000, left(one)) if 0 < ticks <= left(one)]
        for new in nexts:
            if redact(new) not in found:
                found.add(redact(new))
                open_ends.append(new)
    return found


def test_time_leads_nowhere_else(explored):
    """However long a real state is left alone, what it becomes is one of those that time makes of its phase."""
    elsewhere = []
    for state in explored[::3]:
        reached = closure(state)
        aheads = (LIFE,) if state.grant.born_at == NOW else (SECOND, LIFE)  # nobody's tokens live for a minute
        for young, ahead, span in product(YOUNG[:2], aheads, SPANS):
            later = real(state, young, AGES[0], ahead)
            moved = rewritten(later, lambda value, span=span: value - span if hasattr(value, "tzinfo") else None)
            if redact(canonical(moved)) not in reached:
                elsewhere.append((state, span))

    assert [] == elsewhere
