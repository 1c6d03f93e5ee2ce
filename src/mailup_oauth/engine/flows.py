"""One generator a use case; each says what happens in which order, and none knows a thread, a socket or a file."""

from datetime import timedelta

from attrs import frozen

from ..domain import commands as c
from ..domain import refusals as r
from ..domain.attempts import AccountRule, AttemptId, Finished
from ..domain.decide import Decision, decide
from ..domain.decide.callback import named
from ..domain.errors import CallbackFault, CallbackRefused, StoreUnavailable, TemporarilyUnavailable
from ..domain.events import CallbackAccepted
from ..domain.instants import NO_TIME
from ..domain.patience import until_next_try
from ..domain.secret import Secret
from ..domain.wire.callback import CallbackUnreadable, Denied, Faulty, Returned, nonce_digest, read_callback
from ..domain.wire.requests import authorization_url, redirect_uri
from ..journal import INSTALLATION, Context, InstallationEvent, note
from ..ports import Absent, Commit, Notice
from .carry import identify, pursue, recover, revealed
from .setting import Setting
from .steps import DrawToken, Find, Flow, IsLastCall, Load, Now, Pause, Save, Tell, ask
from .transact import Asking, Outcome, load, transact


@frozen(kw_only=True)
class Start:
    """
    The beginning of an attempt.

    Attributes:
        url: Where to send the browser; it holds the attempt's nonce, so it is for that browser alone.
        binding: What to keep with that browser, in a cookie or session, and to give to ``complete``.
        attempt: The attempt's name, for cookies and logs: the SHA-256 of the nonce, which it does not tell.
    """

    url: Secret
    binding: Secret
    attempt: str


def begin(setting: Setting, connection: str, rule: AccountRule, context: Context) -> Flow[Start]:
    """Remember an attempt and say where to send the browser."""
    nonce = yield from ask(DrawToken())
    verifier = setting.credential((yield from ask(DrawToken())))
    binding = yield from ask(DrawToken())
    address = setting.credential(redirect_uri(setting.registration.redirect_uri, nonce, setting.provider))
    outcome = yield from transact(
        setting,
        connection,
        lambda now: c.BeginAuthorization(
            now=now,
            attempt=nonce_digest(nonce),
            binding=binding_digest(binding),
            rule=rule,
            verifier=verifier,
            redirect_uri=address,
        ),
        context,
    )
    if isinstance(outcome.decided, r.TooManyAttempts):
        raise TemporarilyUnavailable("too-many-attempts", setting.policy.request_deadline)
    url = authorization_url(
        setting.provider, setting.registration.client_id, revealed(address), nonce, revealed(verifier)
    )
    return Start(url=url, binding=binding, attempt=nonce_digest(nonce))


@frozen(kw_only=True)
class Arrival:
    """A callback that was read, and the connection that its nonce leads to."""

    connection: str
    attempt: AttemptId
    callback: Returned | Denied | Faulty
    binding: str


def arrive(setting: Setting, address: Secret, binding: Secret) -> Flow[Arrival]:
    """
    Read a callback and find its connection; nothing is sent and nothing is stored.

    Raises:
        CallbackRefused: it cannot be read, or no connection knows its nonce.
    """
    callback = read_callback(
        address.reveal(),
        redirect_uri=setting.registration.redirect_uri,
        provider=setting.provider,
        marking=setting.credential,
    )
    if isinstance(callback, CallbackUnreadable):
        raise (yield from _counted("", callback.fault))
    attempt = nonce_digest(callback.nonces[0])
    connection = yield from ask(Find(attempt))
    if isinstance(connection, Absent):
        raise (yield from _counted("", CallbackFault.NONCE_UNKNOWN))
    return Arrival(connection=connection, attempt=attempt, callback=callback, binding=binding_digest(binding))


@frozen
class NeedsFlight:
    """A token request, or the end of one, is needed to answer; only whoever holds the guard may see to it."""


def judge(setting: Setting, arrival: Arrival, context: Context) -> Flow[Outcome | NeedsFlight]:
    """
    Deal with a callback that needs no token request, without a guard.

    A stranger's callback thus never waits for a connection's guard, and never keeps anybody else from it.
    """
    held = yield from load(setting, arrival.connection)
    now = yield from ask(Now())
    decided = decide(held.state, accepting(arrival)(now), setting.policy, setting.provider)
    unfinished = decided == () and not isinstance(named(held.state.attempts, arrival.attempt), Finished)
    if unfinished or isinstance(decided, r.InProgress) or _is_accepted(decided):
        return NeedsFlight()
    outcome = yield from transact(setting, arrival.connection, accepting(arrival), context)
    if isinstance(outcome.decided, r.CallbackUnacceptable):
        yield from _counted(arrival.connection, outcome.decided.fault)
    return outcome


def exchange(setting: Setting, arrival: Arrival, context: Context) -> Flow[Outcome]:
    """Accept a callback and swap its code for tokens; to be run under the connection's guard."""
    yield from recover(setting, arrival.connection, context)
    outcome = yield from pursue(setting, arrival.connection, accepting(arrival), context)
    held = yield from identify(setting, arrival.connection, outcome, context)
    return Outcome(decided=outcome.decided, held=held)


def renew(setting: Setting, connection: str, asking: Asking, context: Context) -> Flow[Outcome]:
    """
    See to a usable access token; to be run under the connection's guard.

    What goes unanswered is tried again in the same flight, as long as the waits are short enough to sit out and the
    program is not at its end.  What was salvaged is used at once; a server whose answers are never better is given time
    as one that does not answer.
    """
    yield from recover(setting, connection, context)
    outcome = yield from pursue(setting, connection, asking, context)
    for least in (NO_TIME, *setting.policy.settle[:-1]):
        now = yield from ask(Now())
        pause = until_next_try(outcome.held.state, now, setting.policy)
        if not isinstance(pause, timedelta) or (yield from ask(IsLastCall())):
            break
        yield from ask(Pause(max(pause, least)))
        outcome = yield from pursue(setting, connection, lambda now: c.RefreshNow(now=now), context)
    held = yield from identify(setting, connection, outcome, context)
    return Outcome(decided=outcome.decided, held=held)


def disconnect(setting: Setting, connection: str, context: Context) -> Flow[Outcome]:
    """Erase what is stored; it waits for no guard, because the end of a connection wins over whatever is under way."""
    return (yield from transact(setting, connection, lambda now: c.Disconnect(now=now), context))


def tidy(setting: Setting, connection: str, context: Context) -> Flow[Outcome]:
    """See to what waits in the spill, which only whoever holds the guard may: store it, or drop what is out of date."""
    held = yield from recover(setting, connection, context)
    return Outcome(decided=(), held=held)


def noted(setting: Setting, event: InstallationEvent, context: Context) -> Flow[None]:
    """
    Add what belongs to no connection to the installation's journal, behind whatever others add meanwhile.

    Raises:
        StoreUnavailable: the store cannot be used, or others were always faster; the event may not be acted upon.
    """
    for _ in range(setting.policy.commit_attempts):
        row = yield from ask(Load(INSTALLATION))
        now = yield from ask(Now())
        change = note(row, event, now=now, context=context, policy_hash=setting.policy_hash)
        if (yield from ask(Save(change))) is Commit.DONE:
            yield from ask(Tell((Notice(connection=INSTALLATION, what=type(event).__name__, at=now),)))
            return
    problem = "others wrote to the installation's journal first, time and again"
    raise StoreUnavailable(problem)


def accepting(arrival: Arrival) -> Asking:
    """Ask for the callback's acceptance."""
    return lambda now: c.AcceptCallback(
        now=now, attempt=arrival.attempt, binding=arrival.binding, callback=arrival.callback
    )


def binding_digest(binding: Secret) -> str:
    """Return what is stored of a binding: its SHA-256, as for a nonce."""
    return nonce_digest(binding)


def _is_accepted(decided: Decision) -> bool:
    """Say whether a code is about to be sent."""
    return isinstance(decided, tuple) and any(isinstance(event, CallbackAccepted) for event in decided)


def _counted(connection: str, fault: CallbackFault) -> Flow[CallbackRefused]:
    """Let the observer count a callback that no journal lists, and return its refusal."""
    now = yield from ask(Now())
    yield from ask(Tell((Notice(connection=connection, what=f"callback:{fault.value}", at=now),)))
    return CallbackRefused(fault)
