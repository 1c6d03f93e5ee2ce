"""How the command line ends: the exit codes, and what each error means to a person at a terminal."""

import enum
from datetime import timedelta
from typing import Final

from attrs import field, frozen

from ...domain import errors as er
from .again import Again

LOOK_UP: Final = 0.5
"""Seconds after which whoever waits looks up: Python sees no signal that comes in the instant before it begins to wait."""


@enum.unique
class Exit(enum.IntEnum):
    """Every exit code, for shells and for those who read scripts."""

    OK = 0
    FAILED = 1
    USAGE = 2
    LOGIN_NEEDED = 4
    TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h
    CANCELLED = 130  # 128 + SIGINT, as shells have it
    TERMINATED = 143  # 128 + SIGTERM


@frozen(kw_only=True)
class Trouble(Exception):
    """
    Why a command has no result.

    Attributes:
        code: Stable, for programs.
        message: What happened, in one sentence.
        remedy: What to do about it, in one sentence.
        retry_after: How long to wait first; zero where waiting does not help.
        besides: What else is wrong with the same thing, each in one sentence.
    """

    code: str
    message: str
    remedy: str
    exit: Exit = Exit.FAILED
    retry_after: timedelta = field(factory=timedelta)
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.message, *self.besides, self.remedy))

    @property
    def lines(self) -> tuple[str, ...]:
        """What a person reads: one line, or one for each thing that is wrong and one for what to do."""
        return (self.message, *self.besides, self.remedy) if self.besides else (str(self),)


EXITS: dict[type[er.MailUpOAuthError], Exit] = {
    er.BadConnection: Exit.USAGE,
    er.ReauthorizationRequired: Exit.LOGIN_NEEDED,
    er.TryLater: Exit.TRY_LATER,
}
"""The exit code of an error and of all below it; of all others it is 1."""

_REMEDIES: dict[type[er.MailUpOAuthError], str] = {
    er.ReauthorizationRequired: "Run: {login}",
    er.CallbackRefused: "Run once more: {login}",
    er.AccountMismatch: "Log in as the connected user, or let another one take the place: {login} --allow-account-change",
    er.ClientRejected: "Correct client_id and client_secret; the connection then goes on, nobody has to log in.",
    er.StoreCorrupted: "Restore the database from a backup, or name another with --database.",
    er.StillRefreshing: "Run the command again.",
    er.BadRegistration: "Give another redirect_uri.",  # its other settings are looked at before
}
"""What to do at a terminal, where that is something else than in a program."""

_PLAIN: Final = Again()

_NO_SECRET = "client-secret-unavailable"  # noqa: S105  # the engine's word
SECRET_MISSING = Trouble(
    code="client_secret_missing",
    message="The client secret is not set.",
    remedy="Set MAILUP_OAUTH_CLIENT_SECRET, or client_secret_file in the configuration file.",
)


def trouble_of(error: er.MailUpOAuthError, again: Again = _PLAIN) -> Trouble:
    """Return what *error* means at a terminal, at which *again* has the commands that help."""
    if isinstance(error, er.TemporarilyUnavailable) and error.cause == _NO_SECRET:
        return SECRET_MISSING
    wait = timedelta()
    if isinstance(error, er.TemporarilyUnavailable | er.StillRefreshing | er.ServerNotTrusted):
        wait = error.retry_after
    return Trouble(
        code=error.code,
        message=str(error).partition(error.remedy)[0].strip(),
        remedy=_remedy(error, again),
        exit=next((code for kind, code in EXITS.items() if isinstance(error, kind)), Exit.FAILED),
        retry_after=wait,
    )


def misused(problem: str, command: str) -> Trouble:
    """Return the trouble with a call that is not understood."""
    ended = problem if problem.endswith((".", "!", "?")) else f"{problem}."
    usage = " ".join(filter(None, ("mailup-oauth", command, "--help")))
    return Trouble(code="usage", message=f"Error: {ended}", remedy=f"See: {usage}", exit=Exit.USAGE)


def _remedy(error: er.MailUpOAuthError, again: Again) -> str:
    """Return what to do about *error*."""
    if isinstance(error, er.TemporarilyUnavailable):
        seconds = error.retry_after.total_seconds()
        return f"Try again in {seconds:.0f} s." if seconds else "Try again."
    told = next((words for kind, words in _REMEDIES.items() if isinstance(error, kind)), error.remedy)
    return told.format(login=again.command("login"))
