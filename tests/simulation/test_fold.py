"""The judge of journals goes its own way: it agrees with the client's ``evolve``, and sees where that is wrong."""

import ast
import json
from collections import Counter
from itertools import chain, product
from pathlib import Path

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import tokens as t
from mailup_oauth.domain import work as w
from mailup_oauth.domain.errors import CallbackFault
from mailup_oauth.domain.evolve import ImpossibleEvent, evolve, fold
from mailup_oauth.domain.evolve import state as deeds
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.transitions import EVENTS, STATES
from mailup_oauth.journal import InstallationEvent, encode_event, encode_state
from mailup_oauth.journal.names import EVENTS as NAMED
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.clock import EPOCH
from mailup_oauth.testing.simulation import facts as f
from mailup_oauth.testing.simulation import referee
from mailup_oauth.testing.simulation.referee.chronicle import Chronicle
from mailup_oauth.testing.simulation.referee.copying import copied
from mailup_oauth.testing.simulation.referee.fold import BEGINNING, MOST_SETBACKS, state_after
from mailup_oauth.testing.simulation.referee.journals import Journals
from mailup_oauth.testing.simulation.referee.violation import Violation
from mailup_oauth.testing.simulation.seeded.dawns import DAWNS, dawn
from mailup_oauth.testing.simulation.seeded.drawing import drawn
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import Broken, Kept, played
from mailup_oauth.testing.simulation.town import Town
from mailup_oauth.testing.strategies import meetings

SEEDS = 500
MOST_SEEDS = 1_000
"""A mistake is found in the first of these, or it is not found."""

ELSEWHERE = "I3: the journal leads to another state than the row's"

OF_THE_INSTALLATION = {name for name, kind in NAMED.items() if issubclass(kind, InstallationEvent)}
"""What no simulation can tell: its towns have connections, and nobody who changes keys or moves tokens by hand."""

RARE = {
    "AccountRefused": "Authorize process=one connection=acme user=m2 moves=-1",
    "AuthorizationSalvaged": "TakeHabit habit=type-MailUp ; Part process=one connection=acme moves=-1 ; "
    "Authorize process=one connection=acme user=m1 moves=-1",
    "RefreshTokenSalvaged": "MeetTrouble target=token trouble=cut-behind-all ; "
    "WantRefresh process=one connection=acme moves=-1",
}
"""What one seed in a hundred tells, or one in a thousand, and how it comes about."""

RARELY = {kind: read_plan(f"Plan seed=1 dawn=connected-1 ending=safety ; {actions}") for kind, actions in RARE.items()}


def told_in(plan):
    """Return how often each kind of event was told to the judge of journals, who had nothing to complain of."""
    told = Counter()

    def watch(_, fact):
        told.update(json.loads(text)["event"]["type"] for text in getattr(fact, "records", ()))

    assert Kept() == played(plan, watch=watch)
    return told


def test_every_kind_of_event_is_judged():
    """In some hundred seeds, and a few plans for what is rare, a journal tells everything that one can tell."""
    plans = chain(map(drawn, range(SEEDS)), RARELY.values())

    assert NAMED.keys() - OF_THE_INSTALLATION == {kind for plan in plans for kind in told_in(plan)}


@pytest.mark.parametrize("kind", RARELY)
def test_what_is_rare_happens_in_its_plan(kind):
    """Each of these plans is what it is for."""
    assert told_in(RARELY[kind])[kind]


# -- the fold and the client's own -------------------------------------------------------------------------------------

IMPOSSIBLE = "impossible"


def in_json(state):
    """Return what a row says of a state."""
    return json.loads(encode_state(redact(state)))["state"]


def in_record(event):
    """Return what a record says of an event."""
    return json.loads(json.dumps(encode_event(redact(event))))


def deed_of_the_client(state, event):
    """Return what the client makes of a state, as a row says it."""
    try:
        return in_json(evolve(state, event))
    except ImpossibleEvent:
        return IMPOSSIBLE


def deed_of_the_judge(state, event):
    """Return what the judge makes of the same."""
    try:
        return state_after(in_json(state), in_record(event))
    except Violation:
        return IMPOSSIBLE


@pytest.mark.parametrize(("before", "met"), list(product(STATES, EVENTS)))
@settings(max_examples=8)
@given(data=st.data())
def test_judge_and_client_agree(before, met, data):
    """Every event leads every state to one and the same row, by the judge's fold and by the client's, or to none."""
    pair = data.draw(meetings(before, met))

    assert deed_of_the_client(*pair) == deed_of_the_judge(*pair)


def test_judge_and_client_begin_alike():
    """Nothing has happened, and both say it in the same words."""
    assert in_json(s.INITIAL) == BEGINNING


def setback(kind, hour):
    """Return a try, and what kept it from giving tokens at some hour."""
    wait = Wait(since=EPOCH + hour * scene.HOUR, span=scene.HOUR)
    yield e.RefreshStarted(intent=scene.intent(number=hour), refresh=scene.credential("refresh"))
    yield e.RefreshDeferred(kind=kind, detail="", wait=wait)


@settings(max_examples=30)
@example(kinds=[*w.SetbackKind, *w.SetbackKind])
@given(kinds=st.lists(st.sampled_from(w.SetbackKind), min_size=1, max_size=2 * MOST_SETBACKS))
def test_of_many_setbacks_judge_and_client_remember_the_same(kinds):
    """A town has hardly ever more than a few, and so they are counted here."""
    events = [event for hour, kind in enumerate(kinds, start=1) for event in setback(kind, hour)]
    judged = in_json(scene.expired())
    for event in events:
        judged = state_after(judged, in_record(event))

    assert in_json(fold(scene.expired(), events)) == judged
    assert min(len(kinds), MOST_SETBACKS) == len(judged["work"]["setbacks"])


def test_a_fold_changes_nothing_that_it_was_given():
    """What a record says is read once for all judges; so is what a row said before."""
    state = in_json(scene.authorized(scene.exchanging()))
    event = in_record(e.CallbackRefused(attempt=scene.attempt_id(1), fault=CallbackFault.ELSEWHERE))
    before = json.dumps([state, event])
    after = state_after(state, event)

    assert before == json.dumps([state, event])
    assert after != state


# -- mistakes in the client's ------------------------------------------------------------------------------------------


def put(whole, part, *path):
    """Return a value with another part somewhere inside."""
    name, *deeper = path
    return attrs.evolve(whole, **{name: put(getattr(whole, name), part, *deeper) if deeper else part})


def put_attempt(state, event, **parts):
    """Return a state in which the attempt that an event names has other parts."""
    name = event.attempt
    return attrs.evolve(
        state, attempts=tuple(attrs.evolve(one, **parts) if one.browser.id == name else one for one in state.attempts)
    )


def ends_no_attempt(before, _, after):
    """Leave the attempts as they were."""
    return put(after, before.attempts, "attempts")


def does_nothing(before, _, __):
    """Leave everything as it was."""
    return before


def forgets_a_setback(_, __, after):
    """Remember the latest setback no more than if it had not been."""
    return put(after, after.work.setbacks[:-1], "work", "setbacks")


def raises_no_epoch(before, _, after):
    """Call the new authorization what the old one was called."""
    return put(after, before.epoch, "epoch")


MISTAKES = [
    (e.AuthorizationBegun, "other attempts are lost", lambda _, told, after: put(after, (told.attempt,), "attempts")),
    (e.CallbackRefused, "refusals are not counted", ends_no_attempt),
    (e.AuthorizationDenied, "nobody knows why", lambda _, told, after: put_attempt(after, told, detail="")),
    (
        e.CallbackAccepted,
        "another secret's mark is kept",
        lambda _, told, after: put_attempt(after, told, code=told.verifier.mark),
    ),
    (e.ExchangeNotSent, "the code counts as sent", ends_no_attempt),
    (
        e.ExchangeFailed,
        "it ends as if the user had said no",
        lambda _, told, after: put_attempt(after, told, end=a.AttemptEnd.DENIED),
    ),
    (e.TokensIssued, "the attempt is not ended", ends_no_attempt),
    (e.TokensIssued, "the epoch is not raised", raises_no_epoch),
    (e.TokensIssued, "the user is lost", lambda _, __, after: put(after, t.Anonymous(), "grant", "user")),
    (e.TokensHeld, "tokens are not held", ends_no_attempt),
    (
        e.AccountRefused,
        "another user counts as connected",
        lambda _, told, after: put_attempt(after, told, end=a.AttemptEnd.CONNECTED),
    ),
    (e.AuthorizationSalvaged, "the epoch is not raised", raises_no_epoch),
    (e.AttemptDropped, "the attempt is still there", ends_no_attempt),
    (e.ConnectionNotMade, "nobody knows why", lambda _, __, after: put(after, s.Absence.NEVER_CONNECTED, "reason")),
    (e.IdentityAsked, "nobody knows that it was asked", does_nothing),
    (e.UserIdentified, "the user is not learnt", does_nothing),
    (e.IdentityUnavailable, "the user is given up", lambda _, __, after: put(after, t.Anonymous(), "grant", "user")),
    (e.AccessTokenExpired, "MailUp is blamed", lambda _, __, after: put(after, s.ExpiryCause.REJECTED, "cause")),
    (e.AccessTokenRejected, "the clock is blamed", lambda _, __, after: put(after, s.ExpiryCause.CLOCK, "cause")),
    (e.RefreshStarted, "earlier setbacks are lost", lambda _, __, after: put(after, (), "work", "setbacks")),
    (
        e.TokensRefreshed,
        "the consent is dated anew",
        lambda _, told, after: put(after, told.access.asked_at, "grant", "authorized_at"),
    ),
    (
        e.TokensRefreshed,
        "the generation is not dated",
        lambda before, _, after: put(after, before.grant.born_at, "grant", "born_at"),
    ),
    (
        e.TokensRefreshed,
        "the generation is not counted",
        lambda before, _, after: put(after, before.grant.generation, "grant", "generation"),
    ),
    (
        e.TokensRefreshed,
        "the spent refresh token goes on",
        lambda before, _, after: put(after, before.grant.refresh, "grant", "refresh"),
    ),
    (e.TokensRefreshed, "the user is lost", lambda _, __, after: put(after, t.Anonymous(), "grant", "user")),
    (e.RefreshTokenSalvaged, "the clock is blamed", lambda _, __, after: put(after, s.ExpiryCause.CLOCK, "cause")),
    (e.RefreshDeferred, "the setback is forgotten", forgets_a_setback),
    (e.RefreshDeferred, "the try is not counted", lambda _, __, after: put(after, 0, "work", "number")),
    (e.RefreshOutcomeUnknown, "the setback is forgotten", forgets_a_setback),
    (
        e.GrantDied,
        "it died with its birth",
        lambda before, _, after: put(after, before.grant.born_at, "work", "at"),
    ),
    (e.Disconnected, "nobody knows why", lambda _, __, after: put(after, s.Absence.LAPSED, "reason")),
]
"""What ``evolve`` could do wrong: with which event, in words, and made from before, the event and what is right."""


def complaint(fact, judge=None):
    """Return what a judge of journals says; nothing if all is well."""
    try:
        (judge or Journals()).hear(fact, Chronicle(lambda: EPOCH))
    except Violation as violation:
        return str(violation)
    return ""


@pytest.fixture
def plant(monkeypatch):
    """Return what plants a mistake; every town begins with what was stored before that."""
    for name in DAWNS:
        dawn(name)

    def planted(kind, mistake):
        right = deeds._DEEDS[kind]
        monkeypatch.setitem(deeds._DEEDS, kind, lambda state, event: mistake(state, event, right(state, event)))

    return planted


def is_seen(plan):
    """Say whether a promise is broken in this plan, by a row to which its journal does not lead."""
    said = []

    def watch(town, fact):
        """Ask the judge of journals too, for another may have been quicker to complain."""
        if town.referee.has_spoken:
            (judge,) = (one for one in town.referee._judges if isinstance(one, Journals))
            said.append(complaint(fact, judge))

    return isinstance(played(plan, watch=watch), Broken) and ELSEWHERE in said


@pytest.mark.parametrize(
    ("kind", "mistake"), [pytest.param(kind, deed, id=f"{kind.__name__}: {what}") for kind, what, deed in MISTAKES]
)
def test_a_mistake_in_evolve_is_found(plant, kind, mistake):
    """One of the plans for what is rare, or one of the first seeds, finds a client that goes wrong with one event."""
    plant(kind, mistake)
    plans = chain(RARELY.values(), map(drawn, range(MOST_SEEDS)))

    assert any(map(is_seen, plans))


def test_a_mistake_is_found_with_every_event():
    """There is one in the list for each."""
    assert set(EVENTS) == {kind for kind, _, _ in MISTAKES}


# -- what a judge of journals complains of -----------------------------------------------------------------------------


@pytest.fixture
def stored():
    """Return what was stored when a user connected."""
    store = dawn("connected-1").store
    return f.Stored(connection="acme", row=store.load("acme"), records=store.records("acme"))


def ending_with(fact, **parts):
    """Return a fact whose last record says something else, and would be chained well enough."""
    last = {**json.loads(fact.records[-1]), **parts}
    return attrs.evolve(fact, records=(*fact.records[:-1], json.dumps(last).encode()))


def test_a_journal_that_leads_to_its_row_is_praised(stored):
    """The judge worked out for itself where the chain begins, and has nothing to say."""
    assert "" == complaint(stored)


UNKNOWN = "I3: a record tells what nobody understands"
NOT_WHOLE = "I3: a record tells too little of what happened, or too much"
IMPOSSIBLE_THERE = "I3: a record tells what cannot have happened there"
NOBODY_THERE = "I3: a record names an attempt that is not there"


@pytest.mark.parametrize(
    ("words", "event"),
    [
        (UNKNOWN, {"type": "TokensFound"}),
        (UNKNOWN, {"type": "TokensImported", "connection": "acme", "source": "elsewhere"}),
        (UNKNOWN, {}),
        (NOT_WHOLE, {"type": "CallbackRefused", "fault": "elsewhere"}),
        (NOT_WHOLE, {"type": "Disconnected", "why": "tired"}),
        (IMPOSSIBLE_THERE, {"type": "UserIdentified", "user": {}}),
        (NOBODY_THERE, {"type": "CallbackRefused", "attempt": scene.attempt_id(9), "fault": "elsewhere"}),
    ],
    ids=str,
)
def test_an_event_that_the_judge_does_not_know_is_no_silence(stored, words, event):
    """A kind of event without a meaning, one of another kind of journal, or one that says too little breaks I3."""
    begun = attrs.evolve(stored, records=stored.records[:2])

    assert words == complaint(ending_with(begun, event=event))


@pytest.mark.parametrize("parts", [{"format": 2}, {"connection": "bolt"}], ids=str)
def test_a_record_of_another_kind_of_journal_is_seen(stored, parts):
    """A record says its format and its connection, and both must be those of the journal that it stands in."""
    assert "I3: a record of another kind of journal" == complaint(ending_with(stored, **parts))


@pytest.mark.parametrize("name", ["bolt", "ACME", "acme "])
def test_a_journal_is_nobody_elses(stored, name):
    """Where a chain begins depends on the name."""
    assert "I3: a record is not chained to the one before" == complaint(attrs.evolve(stored, connection=name))


@pytest.mark.parametrize(
    "written",
    [
        lambda clear: json.dumps(json.loads(clear)).encode(),
        lambda clear: clear.replace(b'"format":1', b'"format":2'),
        lambda clear: clear.replace(b'"generation":0', b'"generation":false'),
    ],
    ids=["with blanks", "of another format", "with another kind of nothing"],
)
def test_a_row_that_says_the_same_in_another_form_is_seen(stored, written):
    """Format 1 has one way to write a state, and the judge knows it."""
    row = attrs.evolve(stored.row, clear=written(stored.row.clear))

    assert stored.row.clear != row.clear
    assert ELSEWHERE == complaint(attrs.evolve(stored, row=row))


def test_a_copy_of_the_judge_goes_on_alone():
    """Many histories go on from one dawn; what one of them tells its judge, no other judge knows."""
    town = Town()
    town.connect("acme", "m1")
    *before, last = (fact for fact in town.history if isinstance(fact, f.Stored))
    judge = Journals()
    heard = [complaint(fact, judge) for fact in before]
    copy = copied(judge, {})

    assert [""] * (len(before) + 2) == [*heard, complaint(last, copy), complaint(last, judge)]
    assert "I3: a record is not chained to the one before" == complaint(last, copy)


# -- what is shared ----------------------------------------------------------------------------------------------------

SHARED = {
    "domain": {"errors"},
    "domain.errors": None,
    "domain.instants": {"END_OF_TIME"},
    "domain.tokens": {"AccessToken"},
    "domain.transitions": None,
    "domain.wire.http": None,
    "journal": {"Verified", "verify"},
    "journal.names": {"EVENTS"},
    "ports": None,
}
"""What the referee may take from the library, as its docstring says; the sandbox is MailUp's side, not the client's."""


def taken():
    """Return which names each module of the referee takes from which module of the library."""
    trees = {path.stem: ast.parse(path.read_text()) for path in Path(referee.__file__).parent.glob("*.py")}
    return {
        (name, node.module, alias.name)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == OUTWARD and not node.module.startswith("sandbox.")
        for alias in node.names
    }


OUTWARD = 4
"""From a module of the referee to the library it is so many steps."""


def test_the_referee_shares_no_decision_and_no_deed_with_the_client():
    """It takes words, the law and the auditor's tool; none of its modules takes more."""
    allowed = {(module, name) for _, module, name in taken() if module in SHARED and name in (SHARED[module] or {name})}

    assert set() == {(module, name) for _, module, name in taken()} - allowed


def test_the_judge_of_journals_takes_nothing_from_the_library():
    """Neither the fold nor what compares it with rows."""
    assert set() == {what for what in taken() if what[0] in {"fold", "journals"}}
