"""What must be true of an installation after a process died in it, whoever looks; it decides by what MailUp knows."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import define
from filelock import FileLock, Timeout
from tests.steps.life import CONNECTION

from mailup_oauth import ReauthorizationRequired, Secret
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import states as s
from mailup_oauth.journal import Verified, open_received, open_row, verify
from mailup_oauth.ports import Absent, Busy
from mailup_oauth.sandbox import events as e
from mailup_oauth.sandbox.coin import key_of
from mailup_oauth.sandbox.switches import Grace
from mailup_oauth.sandbox.world import FamilyStanding, Live

HOLDING = s.Authorized | s.Expired | s.Refreshed
LOST = {"end": "reauthorization_required", "reason": "rotation-outcome-lost"}
"""R: the one reason that a death may lead to."""
AGAIN = {"end": "reauthorization_required", "reason": "exchange-outcome-lost"}
"""S: the user begins again."""


@define
class Found:
    """
    What is on the disk.

    Attributes:
        state: The stored one, with its tokens; None if nothing is stored.
        version: Of the row.
        is_refreshable: Whether MailUp takes the newest refresh token that is stored or spilled.
        is_spilled: Whether tokens wait that MailUp still takes and that are not stored.
    """

    state: object
    version: int
    is_refreshable: bool
    is_spilled: bool

    @property
    def generation(self):
        """How new the stored tokens are; what is not connected is older than everything."""
        return (self.state.epoch, self.state.grant.generation) if isinstance(self.state, HOLDING) else (-1, -1)

    @property
    def attempt(self):
        """What the last attempt is doing; None if there is none."""
        attempts = () if self.state is None else self.state.attempts
        return type(attempts[-1]) if attempts else None


def look(case):
    """Return what is on the disk of *case*; a copy is opened, so that nobody is spared the recovery of the file."""
    with TemporaryDirectory(dir=case.folder) as aside:
        for file in case.folder.glob("mailup.db*"):
            if file.is_file() and not file.name.endswith("-shm"):
                shutil.copyfile(file, Path(aside) / file.name)
        with closing(SqliteStore(Path(aside) / case.database.name)) as store:
            return _seen(case, store)


def _seen(case, store):
    """Return what is in a store, as the MailUp of *case* sees it."""
    row = store.load(CONNECTION)
    if isinstance(row, Absent):
        return Found(None, 0, is_refreshable=False, is_spilled=False)
    verdict = verify(CONNECTION, store.records(CONNECTION), row)
    assert isinstance(verdict, Verified), verdict
    state = open_row(CONNECTION, row, case.cipher)
    stored, spilled = _stored(state), _spilled(case)
    is_spilled = spilled is not None and spilled != stored and _is_taken(case, spilled)
    is_taken = stored is not None and _is_taken(case, stored)
    return Found(state, row.version, is_refreshable=is_taken or is_spilled, is_spilled=is_spilled)


def _stored(state):
    """Return the newest refresh token in the store, if there is one."""
    return state.grant.refresh.value if isinstance(state, HOLDING) else None


def _spilled(case):
    """Return the refresh token in the spill, if there is a whole one."""
    text = case.spill.find(CONNECTION)
    return None if isinstance(text, Absent) else open_received(CONNECTION, text, case.cipher).answer.refresh.value


def _is_taken(case, token):
    """Say whether MailUp gives tokens for *token* now, or did so short enough ago to do it again."""
    world, now = case.service.world, case.clock.now()
    known = world.refreshes.get(key_of(token))
    if known is None or world.families[known.family].standing is not FamilyStanding.ALIVE:
        return False
    if isinstance(known.standing, Live):
        return True
    grace = world.switches.old_refresh
    return isinstance(grace, Grace) and now - known.standing.at <= grace.span


def check_locks(case):
    """Nothing is locked: the guard, the lock around every write, and the database are to be had at once."""
    store = SqliteStore(case.database)
    with HostGuard(store.lock_folder).hold(CONNECTION, patience=timedelta()):
        pass
    lock = FileLock(store.lock_folder / "write.lock", timeout=0)
    with lock:
        pass
    with closing(sqlite3.connect(case.database, timeout=0, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")


LOCKED = (Busy, Timeout, sqlite3.OperationalError)
"""What ``check_locks`` raises where something is locked."""


def check_record(case, said):
    """MailUp's own record shows no code twice, and a reuse only where the authorization was lost anyway."""
    kinds = [type(event) for event in case.service.events]
    assert [] == case.complaints
    assert 0 == kinds.count(e.CodeReplayed)
    if said["end"] == "T":
        assert (0, 0) == (kinds.count(e.ReuseDetected), kinds.count(e.FamilyRevoked))


def check_stderr(case):
    """Nobody complained on the way."""
    path = case.folder / "stderr"
    assert "" == (path.read_text() if path.exists() else "")


def check_token(case, said):
    """The token that was handed out is one that MailUp takes now."""
    world, now = case.service.world, case.clock.now()
    good = {
        str(mark)
        for access in world.accesses.values()
        for mark in case.marks(access.value)
        if now < access.issued_at + access.life and world.families[access.family].standing is FamilyStanding.ALIVE
    }
    assert said["mark"] in good


def check_repetition(case, said):
    """Whoever asks next, in another process, is told the same; nothing is sent and nothing is stored for it."""
    with case.client() as oauth:
        before, happened = oauth._core.held(CONNECTION).version, len(case.service.events)
        again = asked(oauth)
        after = oauth._core.held(CONNECTION).version
    assert (said, before, happened) == (again, after, len(case.service.events))


def check_reload(case, said):
    """Whoever loads the page again, in another process, is told the same; nothing is sent and nothing is stored for it."""
    with case.client() as oauth:
        before, happened = oauth._core.held(CONNECTION).version, len(case.service.events)
        try:
            connected = oauth.complete(case.callback, binding=Secret(case.binding)).connected
            again = {"end": "T" if connected else "not connected"}
        except ReauthorizationRequired as error:
            again = {"end": error.code, "reason": error.reason.value}
        after = oauth._core.held(CONNECTION).version
    assert (said, before, happened) == (again, after, len(case.service.events))


def asked(oauth):
    """Return what a caller is told who wants a token."""
    try:
        return {"end": "T", "mark": str(oauth.access_token(CONNECTION).mark)}
    except ReauthorizationRequired as error:
        return {"end": error.code, "reason": error.reason.value}


def begin_again(case):
    """The user begins anew, in a process of today, and is connected."""
    with case.client() as oauth:
        start = oauth.begin(CONNECTION)
        assert oauth.complete(case.visit(start.url.reveal()), binding=Secret(start.binding.reveal())).connected


def must_end(found):
    """Return how a refresh must end for whoever finds this, judged by what MailUp would take."""
    return {"end": "T"} if found.is_refreshable else LOST


def must_come_to(found):
    """Return what the browser that comes back must be told, by what is stored and spilled."""
    if isinstance(found.state, HOLDING) or found.is_spilled:
        return {"end": "T"}
    return AGAIN if found.attempt in {a.Exchanging, a.Finished} else {"end": "T"}
