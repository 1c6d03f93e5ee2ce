"""Flask: an extension with a blueprint, a client for the signed-in person's connection, signals and commands."""

try:
    import flask as _  # noqa: F401  # asked for only to say what is missing
except ModuleNotFoundError as missing:
    problem = 'this adapter needs Flask. Run: pip install "mailup-oauth[flask]"'
    raise ModuleNotFoundError(problem, name=missing.name) from None

from ..visit import Who
from .extension import ConnectionRequired, MailUp
from .signals import Signals, connected, disconnected, needs_login, token_refreshed

__all__ = [
    "ConnectionRequired",
    "MailUp",
    "Signals",
    "Who",
    "connected",
    "disconnected",
    "needs_login",
    "token_refreshed",
]
