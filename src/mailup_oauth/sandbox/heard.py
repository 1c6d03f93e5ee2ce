"""What is remembered of a request: who asked, for what, when, and with which status; nothing that could be a secret."""

from datetime import datetime
from typing import Final

from attrs import frozen

from .coin import key_of
from .commands import (
    AnswerConsent,
    AskResource,
    Client,
    Command,
    ExchangeCode,
    ExchangePassword,
    Nobody,
    OpenLogOn,
    PostCredentials,
    RefreshTokens,
)
from .messages import HungUp, Outcome, Request
from .world import World

LONGEST: Final = 120
"""Characters that are kept of a path or a method."""


@frozen(kw_only=True)
class Heard:
    """
    One request, and what it came to.

    Attributes:
        path: Without the query, and cut after ``LONGEST`` characters.
        client_id: Whose request it was, if an application of that id is known; empty if not.
        answered: The status that was sent, or that the connection was closed without one.
    """

    at: datetime
    method: str
    path: str
    client_id: str
    answered: int | HungUp


def heard(world: World, request: Request, command: Command, outcome: Outcome, *, at: datetime) -> Heard:
    """Return what to remember of *request*, which met *world* as *command* and came to *outcome*."""
    client_id = _client_id(world, command)
    return Heard(
        at=at,
        method=request.method[:LONGEST],
        path=request.path[:LONGEST],
        # What is not the id of an application may be anything, even a secret in the wrong place.
        client_id=client_id if client_id in world.applications else "",
        answered=outcome if isinstance(outcome, HungUp) else outcome.status,
    )


def _client_id(world: World, command: Command) -> str:
    match command:
        case OpenLogOn() | PostCredentials() | AnswerConsent():
            return command.asking.client_id
        case ExchangeCode(client=Nobody(), code=code):
            known = world.codes.get(key_of(code))
            return "" if known is None else known.asking.client_id
        case ExchangeCode() | ExchangePassword() | RefreshTokens():
            return _named(command.client)
        case AskResource(access_token=token):
            access = world.accesses.get(key_of(token))
            return "" if access is None else world.families[access.family].client_id
        case _:
            return ""


def _named(client: Client) -> str:
    return "" if isinstance(client, Nobody) else client.client_id
