"""``flask mailup …``: how connections stand, refreshing, verifying journals, disconnecting; thin, and prints no secret."""

from collections.abc import Iterable
from typing import Final, TypedDict

import click
from flask import Blueprint

from ....client import MailUpOAuth, Status
from ....client.proof import told, verified
from ....domain.errors import MailUpOAuthError
from ....journal import Verified
from .installed import installed

_INSTALLATION: Final = "@"


class _About(TypedDict):
    """What the journal is told of a command."""

    actor: str
    reason: str


def add_to(blueprint: Blueprint) -> None:
    """Add the commands to the group of *blueprint*."""
    for command in (status, refresh, audit, disconnect):
        blueprint.cli.command(command.__name__)(command)


@click.argument("connections", nargs=-1)
def status(connections: tuple[str, ...]) -> None:
    """Tell how CONNECTIONS stand, or all; sends nothing."""
    oauth = installed().oauth
    with _Complaining():
        for name in connections or _known(oauth):
            click.echo(_sentence(oauth.status(name)))


@click.argument("connection")
def refresh(connection: str) -> None:
    """Refresh CONNECTION's tokens now, whatever the clock says."""
    with _Complaining():
        token = installed().oauth.refresh(connection, **_about("refresh"))
    click.echo(f"{connection}: refreshed; the new access token ends at {token.expires_at:%Y-%m-%d %H:%M:%S} UTC.")


@click.argument("connections", nargs=-1)
def audit(connections: tuple[str, ...]) -> None:
    """Verify the journals of CONNECTIONS, or all; ends with 1 if one is not what was written."""
    store = installed().oauth.core.ports.store
    with _Complaining():
        verdicts = {name: verified(store, name) for name in connections or store.connections()}
    for name, verdict in verdicts.items():
        click.echo(f"{name}: {told(verdict)}.")
    if not all(isinstance(verdict, Verified) for verdict in verdicts.values()):
        raise click.exceptions.Exit(1)


@click.argument("connection")
@click.confirmation_option(prompt="Erase the tokens of this connection?")
def disconnect(connection: str) -> None:
    """Erase CONNECTION's tokens here."""
    with _Complaining():
        farewell = installed().oauth.disconnect(connection, **_about("disconnect"))
    was = "disconnected" if farewell.was_connected else "was not connected"
    click.echo(f"{connection}: {was}. At MailUp the authorization is ended in {farewell.revoke_at}.")


class _Complaining:
    """Turns the library's errors into the sentence and the exit code 1 that click has for them."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, MailUpOAuthError):
            raise click.ClickException(str(error)) from None


def _about(command: str) -> _About:
    """Return what the journal is told."""
    return _About(actor="command line", reason=f"flask mailup {command}")


def _known(oauth: MailUpOAuth) -> Iterable[str]:
    """Return the names of all connections."""
    return (name for name in oauth.core.ports.store.connections() if not name.startswith(_INSTALLATION))


def _sentence(one: Status) -> str:
    """Return how a connection stands, in a line; what came from MailUp cannot move the cursor."""
    user = "".join(letter if letter.isprintable() else "?" for letter in one.user)
    whose = f", MailUp user {user}" if user else ""
    ends = f", access token until {one.expires_at:%Y-%m-%d %H:%M:%S} UTC" if one.expires_at else ""
    return f"{one.connection}: {one.state}{whose}{ends}. {one.advice}"
