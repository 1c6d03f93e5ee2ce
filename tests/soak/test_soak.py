"""A taste of the soak, and proof that its referee and its ledger see what a long one would be run for."""

import runpy
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from mailup_oauth.testing.stage import CONNECTION, Stage

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def referee():
    """Give the referee's names."""
    return runpy.run_path(str(HERE / "referee.py"))


@pytest.fixture
def ledger(monkeypatch):
    """Give the kind of ledger."""
    monkeypatch.syspath_prepend(str(HERE))
    return runpy.run_path(str(HERE / "ledger.py"))["Ledger"]


class Story:
    """
    A soak in which everything went as promised, to be told otherwise.

    Two connections were refreshed twice.  At the second refresh the first sender was killed before it could store: at the
    strict server that ended the authorization, and the user logged on again; the one with a grace gave the same again.
    """

    def __init__(self, names):
        self.passage, self.entry = names["Passage"], names["Entry"]
        self.passages = [
            self.sent(1, "s0", 1.0, born="s1"),
            self.sent(1, "s1", 2.0, born="s2"),
            self.sent(2, "s1", 5.0, status=400),
            self.sent(3, "g0", 1.0, born="g1"),
            self.sent(3, "g1", 2.0, born="g2"),
            self.sent(4, "g1", 5.0, born="g2"),
        ]
        self.killed = {1: 2.5, 3: 2.5}
        self.strict = [
            self.entry(event="TokensIssued", refresh="s0"),
            self.entry(event="TokensRefreshed", refresh="s1"),
            self.entry(event="GrantDied", cause="rotation-outcome-lost"),
            self.entry(event="TokensIssued", refresh="s9"),
        ]
        self.grace = [self.entry(event="TokensRefreshed", refresh=f"g{number}") for number in range(3)]
        self.more = {}

    def sent(self, incarnation, spent, asked, *, status=200, born=""):
        """Return a passage; the first letter of a token tells its server."""
        server = {"s": "strict", "g": "grace"}[spent[0]]
        told = {"server": server, "incarnation": incarnation, "spent": spent, "asked": asked, "status": status}
        return self.passage(**told, born=born, answered=asked + 0.1)

    def facts(self, names):
        """Return it as facts."""
        journals = {"strict-1": tuple(self.strict), "grace-1": tuple(self.grace)}
        return names["Facts"](passages=tuple(self.passages), killed=self.killed, journals=journals, **self.more)


def test_the_referee_is_content_with_what_was_promised(referee):
    """One kill in the window costs one authorization at the strict server, none where there is a grace, and is counted."""
    verdict = referee["judged"](Story(referee).facts(referee))

    assert verdict.is_kept
    assert ({"strict": 1, "grace": 1}, {"strict": 1, "grace": 0}) == (verdict.windows, verdict.lost)
    assert {"strict": 0, "grace": 0} == verdict.early


def test_the_referee_tells_an_early_kill(referee):
    """A sender that was killed while its request was on the way is counted apart."""
    story = Story(referee)
    story.killed[1] = 2.05

    assert {"strict": 1, "grace": 0} == referee["judged"](story.facts(referee)).early


def never_stored(story):
    """A refresh token is sent that is in no journal."""
    story.passages.append(story.sent(4, "g7", 7.0, born="g8"))
    story.grace.append(story.entry(event="TokensRefreshed", refresh="g8"))


def sent_by_the_living(story):
    """The first sender of a token that comes twice was not killed."""
    story.passages += [story.sent(4, "g2", at, born="g3") for at in (7.0, 9.0)]
    story.grace.append(story.entry(event="TokensRefreshed", refresh="g3"))


def sent_too_early(story):
    """A token comes again while the server is still deciding."""
    story.passages[5] = attrs.evolve(story.passages[5], asked=2.05)
    story.killed[3] = 2.01


def dropped_by_the_living(story):
    """An answer came to somebody who lives, and was not stored."""
    story.passages.append(story.sent(9, "s9", 7.0, born="s10"))


def dropped_before_the_kill(story):
    """An answer was not stored, and its sender went on to other things before it was killed."""
    story.passages.append(story.sent(3, "g1", 2.3, born="g2"))


def refused(story):
    """A token is refused that was never granted before."""
    story.passages.append(story.sent(4, "g2", 7.0, status=400))


def ended_without_need(story):
    """An authorization ends though no answer was lost."""
    story.strict.append(story.entry(event="GrantDied", cause="rotation-outcome-lost"))


def ended_for_another_reason(story):
    """A lost answer is taken for something else."""
    story.strict[2] = story.entry(event="GrantDied", cause="refresh-token-refused")


def ended_in_spite_of_a_grace(story):
    """An authorization ends at the server with a grace."""
    story.grace.append(story.entry(event="GrantDied", cause="rotation-outcome-lost"))


def cost_nothing(story):
    """The end of an authorization is missing that must have ended."""
    del story.strict[2]


def cost_twice(story):
    """One lost answer ends an authorization twice."""
    story.strict.insert(2, story.strict[2])


BREACHES = {
    never_stored: "refresh tokens sent before they were stored",
    sent_by_the_living: "double sends",
    sent_too_early: "double sends",
    dropped_by_the_living: "received tokens lost",
    dropped_before_the_kill: "received tokens lost",
    refused: "refused without a lost answer",
    ended_without_need: "false reauthorize",
    ended_for_another_reason: "false reauthorize",
    ended_in_spite_of_a_grace: "authorizations lost in spite of a grace",
    cost_nothing: "lost answers and lost authorizations that do not match",
    cost_twice: "lost answers and lost authorizations that do not match",
}


@pytest.mark.parametrize(("breach", "promise"), BREACHES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_referee_sees_every_breach(referee, breach, promise):
    """Each way to break a promise is seen, and is told under its promise."""
    story = Story(referee)
    breach(story)

    assert referee["judged"](story.facts(referee)).broken[promise]


@pytest.mark.parametrize(
    ("told", "promise"),
    [
        ("unverified", "journals that fail to verify"),
        ("complaints", "unexpected errors"),
        ("unserved", "connections not served at the end"),
    ],
)
def test_the_referee_repeats_what_others_saw(referee, told, promise):
    """What the ledger, the workers and the end of the soak tell is a breach as well."""
    story = Story(referee)
    story.more = {told: ("grace-1",)}
    verdict = referee["judged"](story.facts(referee))

    assert ["grace-1"] == verdict.broken[promise]
    assert not verdict.is_kept


class Tampered:
    """A store in which one record, or the row, reads otherwise than it was written."""

    def __init__(self, store, *, record=None, row=None):
        self.store, self.record, self.row = store, record, row or {}

    def load(self, connection):
        """Return the row."""
        return attrs.evolve(self.store.load(connection), **self.row)

    def records(self, connection, *, after=0, limit=1000):
        """Return the records."""
        found = self.store.records(connection, after=after, limit=limit)
        return tuple(
            line if number != self.record else line.replace(b"2026", b"2027") for number, line in enumerate(found)
        )


def test_the_ledger_follows_a_journal(ledger):
    """A journal that grows between two looks is read on from where it was, and found whole each time."""
    stage = Stage()
    stage.connect()
    book = ledger(stage.store, CONNECTION)
    first, read = book.check(), book.sequence
    stage.expire()
    stage.oauth.access_token(CONNECTION)

    assert ("", "", "") == (first, book.check(), book.check_all())
    assert 0 < read < book.sequence == stage.store.load(CONNECTION).sequence
    assert {"TokensIssued", "TokensRefreshed"} <= {entry.event for entry in book.entries if entry.refresh}


@pytest.mark.parametrize(
    "change", [{"record": 1}, {"row": {"head": bytes(32)}}, {"row": {"clear": b"{}"}}], ids=["record", "head", "state"]
)
def test_the_ledger_sees_tampering(ledger, change):
    """A record that was changed, a row that ends elsewhere, and a row with another state are told, by both checks."""
    stage = Stage()
    stage.connect()
    book = ledger(Tampered(stage.store, **change), CONNECTION)

    assert (True, True) == (bool(book.check()), bool(book.check_all()))


def test_a_taste_of_the_soak():
    """Ten seconds of killed processes break no promise, at a strict server and at one with a grace."""
    words = [sys.executable, str(HERE / "run.py"), "--minutes", "0.17"]
    soak = subprocess.run(words, capture_output=True, text=True, check=False, timeout=110)
    told = {line[:56].strip(): line[56:].split() for line in soak.stdout.splitlines()}

    assert (0, "") == (soak.returncode, soak.stderr), soak.stdout
    assert all(int(count) > 0 for what in ("processes killed", "refreshes granted") for count in told[what])
