"""Scenes of a connection's life, for tests of the core: given a state, when a command comes, then this is decided."""

from datetime import UTC, datetime, timedelta

import attrs

from ..domain import attempts as a
from ..domain import states as s
from ..domain import work as w
from ..domain.commands import Command
from ..domain.credential import Credential
from ..domain.decide import Decision, decide
from ..domain.evolve import fold
from ..domain.instants import Wait
from ..domain.policy import PRODUCTION, Policy
from ..domain.provider import MAILUP, Provider
from ..domain.secret import Secret
from ..domain.tokens import Access, Grant, Identity, NoRefreshToken, access_from
from ..domain.wire.callback import nonce_digest
from ..domain.wire.outcomes import User
from .canary import CANARY, marked

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""When the tokens of every scene were asked for, and when its attempts began."""

HOUR = timedelta(hours=1)
"""How long the access token of every scene lives."""

ALICE = User(uid="1", username="m1")
BOB = User(uid="2", username="m2")


@attrs.frozen(kw_only=True)
class Scene:
    """
    A connection in the middle of its life.

    Attributes:
        state: What is true now.
        decided: What the latest command led to: events, which *state* has already seen, or a refusal.
        policy: The numbers it lives by.
        provider: The server it lives with.
    """

    state: s.State
    decided: Decision = ()
    policy: Policy = PRODUCTION
    provider: Provider = MAILUP

    def when(self, command: Command) -> "Scene":
        """Return the scene after *command*."""
        decided = decide(self.state, command, self.policy, self.provider)
        state = fold(self.state, decided) if isinstance(decided, tuple) else self.state
        return attrs.evolve(self, state=state, decided=decided)


def given(state: s.State, *, policy: Policy = PRODUCTION, provider: Provider = MAILUP) -> Scene:
    """Set a scene."""
    return Scene(state=state, policy=policy, provider=provider)


def secret(name: str) -> Secret:
    """Return a secret that can be told apart from others, and searched for where it must not be."""
    return Secret(f"{CANARY}-{name}")


def credential(name: str) -> Credential:
    """Return that secret with its mark."""
    return Credential(secret(name), marked(secret(name)))


def nonce(number: int) -> Secret:
    """Return the nonce of the attempt with this number."""
    return secret(f"nonce-{number}")


def attempt_id(number: int) -> a.AttemptId:
    """Return the name of the attempt with this number."""
    return nonce_digest(nonce(number))


def binding(number: int) -> str:
    """Return the digest of what the browser of this attempt keeps."""
    return nonce_digest(secret(f"binding-{number}"))


def browser(
    number: int = 1,
    *,
    rule: a.AccountRule = a.AccountRule.SAME_USER,
    since: datetime = NOW,
    refusals: int = 0,
    policy: Policy = PRODUCTION,
) -> a.Browser:
    """Return what an attempt knows of its browser."""
    life = Wait(since=since, span=policy.attempt_life)
    return a.Browser(id=attempt_id(number), binding=binding(number), rule=rule, life=life, refusals=refusals)


def awaiting(number: int = 1, *, since: datetime = NOW, refusals: int = 0) -> a.AwaitingCallback:
    """Return an attempt whose browser is on its way."""
    return a.AwaitingCallback(
        browser=browser(number, since=since, refusals=refusals),
        verifier=credential(f"verifier-{number}"),
        redirect_uri=credential(f"redirect-uri-{number}"),
    )


def exchanging(number: int = 1, *, rule: a.AccountRule = a.AccountRule.SAME_USER) -> a.Exchanging:
    """Return an attempt whose code is on its way."""
    return a.Exchanging(
        browser=browser(number, rule=rule),
        verifier=credential(f"verifier-{number}"),
        redirect_uri=credential(f"redirect-uri-{number}"),
        code=credential(f"code-{number}").mark,
        sent=Wait(since=NOW, span=PRODUCTION.request_deadline),
    )


AT_ONCE = a.ToBeAsked(number=0, again=Wait(since=NOW, span=timedelta()))
"""Nobody has asked yet, and whoever comes first may."""


def identifying(
    number: int = 1, *, refresh: Credential | NoRefreshToken | None = None, inquiry: a.Inquiry = AT_ONCE
) -> a.Identifying:
    """Return an attempt whose tokens wait until it is known whose they are."""
    return a.Identifying(
        browser=browser(number),
        access=access(f"held-access-{number}"),
        refresh=credential(f"held-refresh-{number}") if refresh is None else refresh,
        notes=(),
        inquiry=inquiry,
    )


def finished(number: int = 1, end: a.AttemptEnd = a.AttemptEnd.CONNECTED, *, since: datetime = NOW) -> a.Finished:
    """Return an attempt that is over."""
    return a.Finished(browser=browser(number, since=since), end=end)


def access(name: str = "access", *, life: timedelta = HOUR, asked_at: datetime = NOW) -> Access:
    """Return an access token with the windows it has without chance."""
    return access_from(credential(name), life=life, asked_at=asked_at, policy=PRODUCTION, chance=0.0)


def grant(
    *,
    generation: int = 0,
    refresh: Credential | NoRefreshToken | None = None,
    user: Identity = ALICE,
    born_at: datetime = NOW,
) -> Grant:
    """Return an authorization of Alice's."""
    return Grant(
        generation=generation,
        refresh=credential("refresh") if refresh is None else refresh,
        user=user,
        authorized_at=NOW,
        born_at=born_at,
    )


_IDLE = w.Idle()
_GRANT = grant()


def awaiting_code(*attempts: a.Attempt) -> s.AwaitingCode:
    """Return a connection that is being made."""
    return s.AwaitingCode(epoch=0, attempts=attempts)


def authorized(*attempts: a.Attempt, work: w.Work = _IDLE, grant: Grant = _GRANT) -> s.Authorized:
    """Return a connection with tokens from a code."""
    return s.Authorized(epoch=1, attempts=attempts, grant=grant, work=work, access=access())


def refreshed(*attempts: a.Attempt, work: w.Work = _IDLE, generation: int = 1) -> s.Refreshed:
    """Return a connection with tokens from a refresh."""
    later = grant(generation=generation)
    return s.Refreshed(epoch=1, attempts=attempts, grant=later, work=work, access=access())


def expired(*attempts: a.Attempt, work: w.Work = _IDLE, grant: Grant = _GRANT) -> s.Expired:
    """Return a connection whose access token is over."""
    return s.Expired(epoch=1, attempts=attempts, grant=grant, work=work, cause=s.ExpiryCause.CLOCK)


def intent(*, number: int = 1, sent: datetime = NOW, epoch: int = 1, generation: int = 0) -> w.Intent:
    """Return the intent to send the refresh token of these scenes."""
    span = PRODUCTION.request_deadline
    mark = credential("refresh").mark
    return w.Intent(epoch=epoch, generation=generation, number=number, mark=mark, sent=Wait(since=sent, span=span))
