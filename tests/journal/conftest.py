"""What the tests of the journal share: a life of a connection, a cipher without a key, and both as rows and records."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mailup_oauth.domain import attempts as a
from mailup_oauth.domain import events as e
from mailup_oauth.domain import states as s
from mailup_oauth.domain import work as w
from mailup_oauth.domain.credential import Credential
from mailup_oauth.domain.errors import CallbackFault, KeyUnavailable, StoreCorrupted
from mailup_oauth.domain.instants import Wait
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.tokens import Access, Anonymous
from mailup_oauth.domain.wire.outcomes import Defect, User
from mailup_oauth.journal import Context, prepare
from mailup_oauth.ports import Absent
from mailup_oauth.testing.canary import CANARY, marked

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ATTEMPT = "a" * 64


@attrs.frozen
class FakeCipher:
    """Turns every byte round and remembers key and context in the clear: enough to see what is sealed to what."""

    key: bytes = b"1"

    def seal(self, plain, *, context):
        """Seal."""
        return self.key + len(context).to_bytes(4, "big") + context + bytes(255 - byte for byte in plain)

    def unseal(self, sealed, *, context):
        """Unseal, unless the key or the context is another."""
        if not sealed.startswith(self.key):
            raise KeyUnavailable("another key")
        if not sealed[1:].startswith(len(context).to_bytes(4, "big") + context):
            raise StoreCorrupted("another context")
        return bytes(255 - byte for byte in sealed[5 + len(context) :])


def credential(name):
    """Make a credential whose secret would be found."""
    secret = Secret(f"{CANARY}-{name}")
    return Credential(secret, marked(secret))


def access(number, asked_at):
    """Make the access token of a generation."""
    return Access(
        credential=credential(f"access-{number}"),
        asked_at=asked_at,
        refresh_at=asked_at + 48 * MINUTE,
        expires_at=asked_at + HOUR,
    )


def started(number, generation, at):
    """Make the start of a refresh."""
    refresh = credential(f"refresh-{generation}")
    wait = Wait(since=at, span=MINUTE)
    intent = w.Intent(epoch=1, generation=generation, number=number, mark=refresh.mark, sent=wait)
    return e.RefreshStarted(intent=intent, refresh=refresh)


def connecting(at):
    """Return the commits that connect."""
    browser = a.Browser(
        id=ATTEMPT, binding="b" * 64, rule=a.AccountRule.SAME_USER, life=Wait(since=at, span=10 * MINUTE)
    )
    verifier, address = credential("verifier"), credential("address")
    awaiting = a.AwaitingCallback(browser=browser, verifier=verifier, redirect_uri=address)
    return [
        (at, (e.AuthorizationBegun(attempt=awaiting),)),
        (at + MINUTE, (e.CallbackRefused(attempt=ATTEMPT, fault=CallbackFault.ANOTHER_BROWSER),)),
        (
            at + 2 * MINUTE,
            (
                e.CallbackAccepted(
                    attempt=ATTEMPT,
                    code=credential("code"),
                    verifier=verifier,
                    redirect_uri=address,
                    sent=Wait(since=at + 2 * MINUTE, span=MINUTE),
                ),
            ),
        ),
        (
            at + 3 * MINUTE,
            (
                e.TokensIssued(
                    attempt=ATTEMPT,
                    epoch=1,
                    access=access(0, at + 2 * MINUTE),
                    refresh=credential("refresh-0"),
                    user=Anonymous(),
                    notes=(),
                ),
                e.UserIdentified(user=User(uid="1", username="m1")),
            ),
        ),
    ]


def living(at):
    """Return the commits of a connection that is renewed, and then runs into doubt."""
    renewed = e.TokensRefreshed(generation=1, access=access(1, at + HOUR), refresh=credential("refresh-1"), notes=())
    doubted = e.RefreshOutcomeUnknown(
        defect=Defect.TIMEOUT, at=at + 2 * HOUR, wait=Wait(since=at + 2 * HOUR, span=MINUTE)
    )
    deferred = e.RefreshDeferred(
        kind=w.SetbackKind.NOT_SENT, detail="refused", wait=Wait(since=at + 2 * HOUR, span=2 * MINUTE)
    )
    return [
        (at + HOUR, (started(1, 0, at + HOUR),)),
        (at + HOUR, (renewed,)),
        (at + 2 * HOUR, (started(1, 1, at + 2 * HOUR),)),
        (at + 2 * HOUR + MINUTE, (doubted,)),
        (at + 2 * HOUR - MINUTE, (started(2, 1, at + 2 * HOUR),)),
        (at + 2 * HOUR, (deferred, e.AccessTokenExpired(mark=access(1, at).credential.mark))),
    ]


@attrs.frozen
class Told:
    """A connection's journal, what it leads to, and how it went."""

    connection: str
    records: tuple
    row: object
    state: object
    rows: tuple


def tell(connection, commits, cipher):
    """Store commits, one after the other."""
    row, state, records, rows = Absent(), s.INITIAL, (), ()
    for now, events in commits:
        change, state = prepare(
            connection,
            row,
            state,
            events,
            now=now,
            context=Context(actor="tester", reason="because", correlation_id="c-1"),
            cipher=cipher,
            policy_hash="0123456789abcdef",
        )
        row, records, rows = change.row, (*records, *change.records), (*rows, change.row)
    return Told(connection, records, row, state, rows)


@pytest.fixture(scope="session")
def cipher():
    """Give a cipher."""
    return FakeCipher()


@pytest.fixture(scope="session")
def other_cipher():
    """Give a cipher with another key."""
    return FakeCipher(b"2")


@pytest.fixture(scope="session")
def noon():
    """Tell when every story begins."""
    return NOON


@pytest.fixture(scope="session")
def commits():
    """Give the commits of one story."""
    return [*connecting(NOON), *living(NOON)]


@pytest.fixture(scope="session")
def telling(cipher):
    """Give the way from commits to what is stored."""
    return lambda connection, commits: tell(connection, commits, cipher)


@pytest.fixture(scope="session")
def told(commits, telling):
    """Give one connection's stored story."""
    return telling("acme", commits)
