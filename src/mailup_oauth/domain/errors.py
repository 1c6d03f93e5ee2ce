"""
Every exception of this library, sorted by what the person who meets it can do.

    MailUpOAuthError
    ├── ProgramError                the program asks for what cannot be: change it
    │   ├── BadRegistration         the application's own settings
    │   ├── BadProvider             another server's settings
    │   ├── BadConnection           a connection's name
    │   ├── ForeignAddress          a token for a place that may not see it
    │   └── PredictableEntropy      chance that repeats, where a real server is reached
    ├── CallbackRefused             a browser came back with something that is not ours to accept
    ├── ReauthorizationRequired     only the user can help: send them through ``begin`` again
    │   └── NotConnected            nothing was ever connected under this name, or it was disconnected
    ├── ClientRejected              the application's keys are wrong: fix them, nothing is lost
    ├── ServerNotTrusted            whoever answers cannot prove to be MailUp: mend name, clock or roots
    ├── ContractNotSigned           the user must accept MailUp's terms in the console
    ├── AccountMismatch             another MailUp user logged in than the one who is connected
    ├── StorageError
    │   ├── StoreUnavailable        full, locked, read-only or gone: mend it, nothing was sent
    │   ├── StoreCorrupted          what is stored is not what was stored
    │   └── KeyUnavailable          sealed with a key that is not in the key ring
    └── TryLater                    nothing is wrong that waiting does not cure
        ├── TemporarilyUnavailable  MailUp, or the way to it
        └── StillRefreshing         the caller's own deadline passed; the flight goes on
"""

import enum
from datetime import timedelta
from typing import ClassVar

from attrs import field, frozen


@enum.unique
class CallbackFault(enum.Enum):
    """Why a callback was refused; the closed set."""

    TOO_LARGE = "too-large"
    NOT_TEXT = "not-text"
    REPEATED_PARAMETER = "repeated-parameter"
    ELSEWHERE = "elsewhere"
    NONCE_MISSING = "nonce-missing"
    NONCE_UNKNOWN = "nonce-unknown"
    NONCE_MISMATCH = "nonce-mismatch"
    ANOTHER_BROWSER = "another-browser"
    LAPSED = "lapsed"
    ALREADY_USED = "already-used"
    ISSUER_MISMATCH = "issuer-mismatch"
    CODE_MISSING = "code-missing"
    CODE_MALFORMED = "code-malformed"
    CODE_AND_ERROR = "code-and-error"
    DENIED = "denied"
    SERVER_ERROR = "server-error"
    APPLICATION_REFUSED = "application-refused"


@enum.unique
class DeathCause(enum.Enum):
    """Why only the user can help now; the closed set."""

    NEVER_CONNECTED = "never-connected"
    DENIED = "denied"
    EXCHANGE_FAILED = "exchange-failed"
    LAPSED = "lapsed"
    DISCONNECTED = "disconnected"
    REFRESH_TOKEN_REFUSED = "refresh-token-refused"
    ROTATION_OUTCOME_LOST = "rotation-outcome-lost"
    ANSWERS_NOT_UNDERSTOOD = "answers-not-understood"
    EXCHANGE_REFUSED = "exchange-refused"
    EXCHANGE_OUTCOME_LOST = "exchange-outcome-lost"
    NO_REFRESH_TOKEN = "no-refresh-token"


@enum.unique
class TrustFault(enum.Enum):
    """Why whoever answers at the server's address is not believed to be the server; the closed set."""

    CERTIFICATE_FOR_ANOTHER_HOST = "certificate-for-another-host"
    CERTIFICATE_OUT_OF_DATE = "certificate-out-of-date"
    CERTIFICATE_ISSUER_UNKNOWN = "certificate-issuer-unknown"
    TLS_TOO_OLD = "tls-too-old"
    TRUSTED_ROOTS_UNREADABLE = "trusted-roots-unreadable"


TRUST_FAULTS = {fault.value: fault for fault in TrustFault}
"""By the word that a journal has for each."""


class MailUpOAuthError(Exception):
    """
    The root; every failure of this library is one of those below that have a code of their own.

    ``str(error)`` says what happened, ``error.remedy`` what to do, ``error.code`` is stable for programs.  No exception
    of this library holds a secret, and none is chained to one of another library.
    """

    code: ClassVar[str] = "mailup_oauth_error"
    remedy: ClassVar[str] = "Read the error's own class."


class ProgramError(MailUpOAuthError):
    """The program asks for what cannot be; repeating it unchanged never helps."""


@frozen
class BadRegistration(ProgramError):
    """The application's own settings cannot work."""

    code: ClassVar[str] = "bad_registration"
    remedy: ClassVar[str] = "Correct the settings as the sentence before says."
    problem: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}"


@frozen
class BadProvider(ProgramError):
    """A provider value names an endpoint that must not be used."""

    code: ClassVar[str] = "bad_provider"
    remedy: ClassVar[str] = "Give an absolute https address (http only for 127.0.0.1 and [::1])."
    setting: str

    def __str__(self) -> str:
        return f"The provider's {self.setting} cannot be used. {self.remedy}"


@frozen
class BadConnection(ProgramError):
    """A connection's name cannot be used."""

    code: ClassVar[str] = "bad_connection"
    remedy: ClassVar[str] = "Use 1 to 255 printable characters, not beginning with '@'."

    def __str__(self) -> str:
        return f"This connection name cannot be used. {self.remedy}"


@frozen
class ForeignAddress(ProgramError):
    """A token was asked for an address that may not see it, or that not everybody reads alike."""

    code: ClassVar[str] = "foreign_address"
    remedy: ClassVar[str] = "Give a plain https address of one of the provider's API hosts."
    place: str

    def __str__(self) -> str:
        return f"No token may be sent to {self.place!r}. {self.remedy}"


@frozen
class PredictableEntropy(ProgramError):
    """Chance that repeats was brought along with the transport that reaches real servers."""

    code: ClassVar[str] = "predictable_entropy"
    remedy: ClassVar[str] = "Leave entropy= away; in a test, bring a transport= of the test's own."

    def __str__(self) -> str:
        return f"What can be foretold must not protect anybody at a real server. {self.remedy}"


@frozen
class CallbackRefused(MailUpOAuthError):
    """What a browser brought back is not accepted; no pending attempt was harmed and nothing was sent."""

    code: ClassVar[str] = "callback_refused"
    remedy: ClassVar[str] = "Offer the user a fresh start with begin()."
    reason: CallbackFault

    def __str__(self) -> str:
        return f"The callback was refused ({self.reason.value}): {_CALLBACK_WORDS[self.reason]} {self.remedy}"


_CALLBACK_WORDS = {
    CallbackFault.TOO_LARGE: "the query is longer than 16 KiB.",
    CallbackFault.NOT_TEXT: "the query is not valid text.",
    CallbackFault.REPEATED_PARAMETER: "a parameter came twice.",
    CallbackFault.ELSEWHERE: "the address is not the registered redirect URI.",
    CallbackFault.NONCE_MISSING: "nothing came back that tells which attempt it belongs to.",
    CallbackFault.NONCE_UNKNOWN: "no attempt with this nonce is known; it may be old, or from another installation.",
    CallbackFault.NONCE_MISMATCH: "state and redirect URI name different attempts.",
    CallbackFault.ANOTHER_BROWSER: "it came from another browser than the one that began.",
    CallbackFault.LAPSED: "the attempt was begun too long ago.",
    CallbackFault.ALREADY_USED: "the attempt is already over.",
    CallbackFault.ISSUER_MISMATCH: "it came from another authorization server.",
    CallbackFault.CODE_MISSING: "it holds neither a code nor an error.",
    CallbackFault.CODE_MALFORMED: "the code holds characters no code may hold.",
    CallbackFault.CODE_AND_ERROR: "it holds both a code and an error.",
    CallbackFault.DENIED: "the user, or MailUp for them, said no.",
    CallbackFault.SERVER_ERROR: "the authorization server failed and said so.",
    CallbackFault.APPLICATION_REFUSED: "the authorization server does not accept this application's request.",
}


@frozen
class ReauthorizationRequired(MailUpOAuthError):
    """The authorization cannot be used any more, or never was; only the user can help."""

    code: ClassVar[str] = "reauthorization_required"
    remedy: ClassVar[str] = "Send the user through begin() again."
    reason: DeathCause

    def __str__(self) -> str:
        return f"The user must authorize again ({self.reason.value}). {self.remedy}"


@frozen
class NotConnected(ReauthorizationRequired):
    """Nothing is held under this name: it was never connected, was disconnected, or a first attempt came to nothing."""

    code: ClassVar[str] = "not_connected"

    def __str__(self) -> str:
        return f"No MailUp user is connected under this name ({self.reason.value}). {self.remedy}"


@frozen
class ClientRejected(MailUpOAuthError):
    """The server does not accept this application's client id, secret or grant; the user's tokens are kept."""

    code: ClassVar[str] = "client_rejected"
    remedy: ClassVar[str] = "Correct client_id and client_secret; the connection then goes on without the user."
    error: str

    def __str__(self) -> str:
        return f"The application was refused ({self.error}). {self.remedy}"


@frozen
class ServerNotTrusted(MailUpOAuthError):
    """
    Whoever answers at the server's address cannot prove to be the server; nothing was sent and every token is kept.

    ``reason`` says why not; after ``retry_after`` it is tried for whoever asks then, but waiting alone seldom cures it.
    """

    code: ClassVar[str] = "server_not_trusted"
    remedy: ClassVar[str] = "Check the server's host name, this machine's clock and its CA bundle, then ask again."
    reason: TrustFault
    retry_after: timedelta = field(factory=timedelta)

    def __str__(self) -> str:
        return f"Nothing was sent, because {_TRUST_WORDS[self.reason]} ({self.reason.value}). {self.remedy}"


_TRUST_WORDS = {
    TrustFault.CERTIFICATE_FOR_ANOTHER_HOST: "the server's certificate is for another host name",
    TrustFault.CERTIFICATE_OUT_OF_DATE: "the server's certificate has ended or not begun yet, if this machine's clock is right",
    TrustFault.CERTIFICATE_ISSUER_UNKNOWN: "nobody whom this machine trusts vouches for the server's certificate",
    TrustFault.TLS_TOO_OLD: "the server speaks no TLS newer than 1.1",
    TrustFault.TRUSTED_ROOTS_UNREADABLE: "the file of trusted roots cannot be read",
}


@frozen
class ContractNotSigned(MailUpOAuthError):
    """MailUp wants the user to accept its terms before the API may be used; the tokens are kept."""

    code: ClassVar[str] = "contract_not_signed"
    remedy: ClassVar[str] = "Ask the user to log in to the MailUp console and accept the terms of service."

    def __str__(self) -> str:
        return f"MailUp's contract is not signed. {self.remedy}"


@frozen
class AccountMismatch(MailUpOAuthError):
    """Another MailUp user logged in than the one who is connected; the connection was left as it was."""

    code: ClassVar[str] = "account_mismatch"
    remedy: ClassVar[str] = "Log in as the connected user, disconnect() first, or begin(allow_account_change=True)."

    def __str__(self) -> str:
        return f"Another MailUp user logged in than the one who is connected. {self.remedy}"


class StorageError(MailUpOAuthError):
    """What was stored cannot be read, or nothing can be stored; whatever was not yet sent was not sent."""


@frozen
class StoreUnavailable(StorageError):
    """The store cannot be read or written now."""

    code: ClassVar[str] = "store_unavailable"
    remedy: ClassVar[str] = "Mend the storage (space, permissions, locks), then try again."
    problem: str

    def __str__(self) -> str:
        return f"The store cannot be used: {self.problem}. {self.remedy}"


@frozen
class StoreCorrupted(StorageError):
    """What is stored is not what this library stored; nothing was sent and the row was left untouched."""

    code: ClassVar[str] = "store_corrupted"
    remedy: ClassVar[str] = "Restore the store from a backup, or begin() under another name or over an empty store."
    problem: str

    def __str__(self) -> str:
        return f"The store is damaged or not ours: {self.problem}. {self.remedy}"


@frozen
class KeyUnavailable(StorageError):
    """The tokens are sealed with a key that is not in the key ring; the row was left untouched."""

    code: ClassVar[str] = "key_unavailable"
    remedy: ClassVar[str] = "Bring back the key file or the environment variable that this store was made with."
    problem: str

    def __str__(self) -> str:
        return f"The key cannot be used: {self.problem}. {self.remedy}"


class TryLater(MailUpOAuthError):
    """Nothing is lost and nothing is wrong that waiting does not cure."""


@frozen
class TemporarilyUnavailable(TryLater):
    """
    MailUp, or the way to it, is not there now.

    ``cause`` is a word for programs, such as ``connection-refused``; asking does no good before ``retry_after``.
    """

    code: ClassVar[str] = "temporarily_unavailable"
    remedy: ClassVar[str] = "Try again after retry_after."
    cause: str
    retry_after: timedelta = field(factory=timedelta)

    def __str__(self) -> str:
        return f"MailUp cannot be asked now ({self.cause}). {self.remedy} ({self.retry_after.total_seconds():.0f} s)"


@frozen
class StillRefreshing(TryLater):
    """The caller's own timeout passed; the flight goes on in the background and its outcome will be stored."""

    code: ClassVar[str] = "still_refreshing"
    remedy: ClassVar[str] = "Ask again, or give a longer timeout."
    retry_after: timedelta = timedelta(seconds=1)

    def __str__(self) -> str:
        return f"The token is still being renewed. {self.remedy}"
