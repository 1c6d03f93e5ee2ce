"""Releases side by side: what an earlier one stored is read and gone on with; what a later one stored is left alone."""

import gzip
import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import attrs
import pytest
from tests.faults.concurrency.founding import CONNECTIONS, summary

from mailup_oauth import MailUpOAuth, MailUpOAuthError, StoreCorrupted, StoreUnavailable
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.redact import redact
from mailup_oauth.domain.wire.http import HttpResponse
from mailup_oauth.journal import Broken, Verified, open_row, verify
from mailup_oauth.journal.codec import encode_state
from mailup_oauth.testing.clock import FakeClock
from mailup_oauth.testing.stage import Stage

RELEASES = sorted(Path(__file__).with_name("releases").glob("*.json"))
GONE = {"waiting", "denied", "dead", "disconnected"}
"""Connections that hold nothing to go on with."""


class Obliging:
    """A MailUp that gives new tokens to whoever asks, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def send(self, request, *, deadline):  # noqa: ARG002  # it takes no time
        """Give tokens, or a user."""
        self.asked.append(request)
        number = len(self.asked)
        members = {"access_token": f"a{number}", "refresh_token": f"r{number}", "expires_in": 3600}
        members |= {"UID": "1", "Username": "m1"}
        return HttpResponse(
            status=200, headers=(("content-type", "application/json"),), body=json.dumps(members).encode()
        )

    def close(self):
        """There is nothing to close."""


class Kept:
    """A copy of what a release stored, with a client of this release over it."""

    def __init__(self, release, folder):
        told = json.loads(release.read_text())
        self.told = told["connections"]
        self.database = folder / "mailup.db"
        self.database.write_bytes(gzip.decompress(release.with_suffix(".db.gz").read_bytes()))
        self.store = SqliteStore(self.database)
        self.mailup = Obliging()
        stage = Stage()
        ports = stage.ports | {"transport": self.mailup, "clock": FakeClock(datetime.fromisoformat(told["now"]))}
        self.cipher = ports["cipher"]
        self.oauth = MailUpOAuth(stage.registration, store=self.store, **ports)

    def proof(self, name):
        """Return what an audit says of a connection."""
        return verify(name, self.store.records(name), self.store.load(name))


@pytest.fixture(params=RELEASES, ids=[release.stem for release in RELEASES])
def kept(request, tmp_path):
    """Give what a release stored; closed at the end."""
    one = Kept(request.param, tmp_path)
    yield one
    one.oauth.close()


def test_every_kind_of_connection_is_kept(kept):
    """The files of a release hold a connection of each kind that there was, and no kind that says nothing."""
    assert set(kept.told) == set(CONNECTIONS)
    assert 9 == len({(one["state"], one["owed"], one["reason"]) for one in kept.told.values()})


def test_fault_K11_what_an_earlier_release_stored_says_what_it_said_then(kept):
    """Each connection has its state, each journal is proved record by record, and nothing is written by looking."""
    before = kept.database.read_bytes()

    assert kept.told == {name: summary(kept.oauth, name) for name in kept.told}
    for name, one in kept.told.items():
        assert Verified(records=one["records"], head=one["head"]) == kept.proof(name)
    kept.oauth.close()
    assert before == kept.database.read_bytes()


def test_fault_K11_an_earlier_row_is_opened_and_written_as_it_was(kept):
    """The tokens of each row are unsealed, and its state, written again, is the same to the byte while the format is."""
    for name in kept.told:
        row = kept.store.load(name)

        assert row.clear == encode_state(redact(open_row(name, row, kept.cipher)))


@pytest.mark.parametrize("name", CONNECTIONS)
def test_fault_K11_an_earlier_connection_goes_on(kept, name):
    """What can go on does, behind the records that were there; what cannot, says so and sends nothing."""
    records, clock = kept.store.records(name), kept.oauth._core.ports.clock
    clock.move(timedelta(hours=1))
    try:
        token = kept.oauth.refresh(name)
    except MailUpOAuthError as error:
        came = error.code
    else:
        came = token.value.reveal()[0]

    assert ({"not_connected", "reauthorization_required"} if name in GONE else {"a"}) >= {came}
    assert (name in GONE) == (not kept.mailup.asked)
    assert records == kept.store.records(name)[: len(records)]
    assert isinstance(kept.proof(name), Verified)


def changed(kept, old, new):
    """Change the last record of a journal, as a later release may have written it."""
    with closing(sqlite3.connect(kept.database)) as database:
        ((record, sequence),) = database.execute(
            "SELECT record, sequence FROM journal WHERE connection = 'refreshed' ORDER BY sequence DESC LIMIT 1"
        ).fetchall()
        assert old in record
        database.execute(
            "UPDATE journal SET record = ? WHERE connection = 'refreshed' AND sequence = ?",
            (record.replace(old, new), sequence),
        )
        database.commit()
    return sequence


@pytest.mark.parametrize(("old", "new"), [(b'"format":1', b'"format":2'), (b"TokensRefreshed", b"TokensForetold")])
def test_fault_K11_a_record_of_a_later_release_is_told_with_its_place(kept, old, new):
    """A journal is read up to the record that this release does not know; the audit names it; the connection is intact."""
    sequence = changed(kept, old, new)
    read = []
    with pytest.raises(StoreCorrupted):
        read.extend(kept.oauth.journal("refreshed"))
    broken = kept.proof("refreshed")

    assert isinstance(broken, Broken)
    assert (sequence, []) == (broken.sequence, kept.mailup.asked)
    assert kept.told["refreshed"]["state"] == kept.oauth.status("refreshed").state


def test_fault_K11_tokens_that_a_later_release_spilled_are_left_to_it(kept):
    """Where a later release could not store what it received, this one sends nothing and leaves the spill as it is."""
    spill = kept.oauth._core.ports.spill
    spill.keep("in-flight", text := b'{"format":2,"tokens":["..."]}\n...')
    with pytest.raises(StoreUnavailable, match="only it can store"):
        kept.oauth.refresh("in-flight")

    assert (text, []) == (spill.find("in-flight"), kept.mailup.asked)


def test_fault_K11_two_clients_of_two_policies_share_a_connection(kept):
    """What is decided under other numbers is another release's too: both read it, and the journal says whose it was."""
    other = MailUpOAuth(
        Stage().registration,
        store=SqliteStore(kept.database),
        policy=attrs.evolve(kept.oauth._core.setting.policy, refresh_share=0.5),
        **(Stage().ports | {"transport": kept.mailup, "clock": kept.oauth._core.ports.clock}),
    )
    mine, theirs = kept.oauth.refresh("authorized"), other.refresh("authorized")
    records = list(kept.oauth.journal("authorized"))
    other.close()

    assert (2, theirs.mark) == (len({mine.mark, theirs.mark}), kept.oauth.report_rejected("authorized", mine).mark)
    assert [2, 2] == [
        len(group)
        for group in (
            {record.policy_hash for record in records},
            [record for record in records if record.policy_hash != records[0].policy_hash],
        )
    ]
    assert isinstance(kept.proof("authorized"), Verified)
