"""Every name that ``mailup_oauth`` offers, each from the room in which it is at home; no adapter is among them."""

from .client import AsyncMailUpOAuth, Farewell, MailUpOAuth, Status
from .domain.errors import (
    AccountMismatch,
    BadConnection,
    BadProvider,
    BadRegistration,
    CallbackFault,
    CallbackRefused,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    KeyUnavailable,
    MailUpOAuthError,
    NotConnected,
    PredictableEntropy,
    ProgramError,
    ReauthorizationRequired,
    StillRefreshing,
    StorageError,
    StoreCorrupted,
    StoreUnavailable,
    TemporarilyUnavailable,
    TryLater,
)
from .domain.policy import PRODUCTION, Policy
from .domain.provider import MAILUP, STANDARD, Provider
from .domain.registration import Registration
from .domain.secret import Secret
from .domain.tokens import AccessToken
from .engine import Start

__all__ = [
    "MAILUP",
    "PRODUCTION",
    "STANDARD",
    "AccessToken",
    "AccountMismatch",
    "AsyncMailUpOAuth",
    "BadConnection",
    "BadProvider",
    "BadRegistration",
    "CallbackFault",
    "CallbackRefused",
    "ClientRejected",
    "ContractNotSigned",
    "DeathCause",
    "Farewell",
    "KeyUnavailable",
    "MailUpOAuth",
    "MailUpOAuthError",
    "NotConnected",
    "Policy",
    "PredictableEntropy",
    "ProgramError",
    "Provider",
    "ReauthorizationRequired",
    "Registration",
    "Secret",
    "Start",
    "Status",
    "StillRefreshing",
    "StorageError",
    "StoreCorrupted",
    "StoreUnavailable",
    "TemporarilyUnavailable",
    "TryLater",
]
