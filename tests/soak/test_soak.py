"""A taste of the soak, and proof that its ledger and its callers tell what a long one would be run for."""

import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from mailup_oauth import DeathCause, ReauthorizationRequired
from mailup_oauth.testing.stage import CONNECTION, Stage

HERE = Path(__file__).parent
HANDED_OUT = tuple(f"tokens handed out to {style}, at least" for style in ("threads", "tasks"))


@pytest.fixture
def ledger(names):
    """Give the kind of ledger."""
    return names["Ledger"]


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


class Lying:
    """A client that tells its caller to reauthorize, whatever the journal says."""

    def access_token(self, connection):  # noqa: ARG002  # as the client has it
        """Say that the authorization is lost."""
        raise ReauthorizationRequired(DeathCause.REFRESH_TOKEN_REFUSED)


def untruths(names, stage, oauth):
    """Let a worker's caller ask *oauth* for a token, and return what of the things it was told the journal does not bear out."""
    said = []
    caller = names["Caller"](CONNECTION, stage.store, lambda **what: said.append(what))
    with caller.hearing():
        oauth.access_token(CONNECTION)
    book = names["Ledger"](stage.store, CONNECTION)
    assert book.check() == ""
    told = tuple(names["Told"](**one["told"]) for one in said if "told" in one)
    assert len(told) == 1
    facts = names["Facts"](passages=(), killed={}, journals={CONNECTION: tuple(book.entries)}, told=told)
    return names["judged"](facts).broken["false reauthorize told to a caller"]


def test_a_caller_that_is_told_the_truth(names):
    """A caller tells that the user must come back, and the journal bears it out, at the death and ever after."""
    stage = Stage()
    stage.oauth.begin(CONNECTION)
    never = untruths(names, stage, stage.oauth)
    stage.connect()
    stage.revoke()
    stage.expire()

    assert [[]] * 3 == [never, *(untruths(names, stage, stage.oauth) for _ in range(2))]


def test_a_caller_that_is_told_a_lie(names):
    """A caller that is told to reauthorize while the user is connected is noticed."""
    stage = Stage()
    stage.connect()

    assert ["acme (refresh-token-refused), records 5 to 5"] == untruths(names, stage, Lying())


def test_a_taste_of_the_soak():
    """Ten seconds of killed processes break no promise, at a strict server and at one with a grace."""
    words = [sys.executable, str(HERE / "run.py"), "--minutes", "0.17"]
    soak = subprocess.run(words, capture_output=True, text=True, check=False, timeout=110)
    told = {line[:56].strip(): line[56:].split() for line in soak.stdout.splitlines()}

    assert (0, "") == (soak.returncode, soak.stderr), soak.stdout
    busy = ("processes killed", "refreshes granted", *HANDED_OUT)
    assert all(int(count) > 0 for what in busy for count in told[what])
    assert any(int(count) > 0 for count in told["codes granted to processes"])
