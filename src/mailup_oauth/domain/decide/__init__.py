"""The decision: a state and a command give events or a refusal; every command has an answer in every state."""

from collections.abc import Callable
from typing import Never, cast

from .. import commands as c
from ..events import Event
from ..policy import Policy
from ..provider import Provider
from ..refusals import Refusal
from ..states import State
from .begin import begin, disconnect
from .callback import accept
from .exchange import report_exchange
from .identity import ask_identity, report_identity
from .refresh import refresh_now, report_rejected, use_access
from .refreshed import report_refresh

Decision = tuple[Event, ...] | Refusal
"""No events at all means that everything already is as the command wants it."""

__all__ = ["Decision", "decide"]


def decide(state: State, command: c.Command, policy: Policy, provider: Provider) -> Decision:
    """
    Return what *command* makes happen in *state*.

    Total: there is no state and no command for which it raises.  Deciding the same command again, after its events,
    changes nothing more, with two exceptions: refused callbacks are counted each time, up to
    ``policy.refusals_listed``, and ``AskIdentity`` goes on to the next whose user is unknown.
    """
    chosen = cast("Callable[[State, c.Command, Policy, Provider], Decision]", _DECISIONS[type(command)])
    return chosen(state, command, policy, provider)


_DECISIONS: dict[type[c.Command], Callable[[State, Never, Policy, Provider], Decision]] = {
    c.BeginAuthorization: begin,
    c.AcceptCallback: accept,
    c.ReportExchange: report_exchange,
    c.AskIdentity: ask_identity,
    c.ReportIdentity: report_identity,
    c.UseAccess: use_access,
    c.RefreshNow: refresh_now,
    c.ReportRejected: report_rejected,
    c.ReportRefresh: report_refresh,
    c.Disconnect: disconnect,
}
