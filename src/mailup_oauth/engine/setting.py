"""What every flow goes by and no flow changes: the application, the provider, the policy, the keys."""

from attrs import Factory, field, frozen

from ..domain.credential import Credential
from ..domain.policy import Policy
from ..domain.provider import Provider
from ..domain.registration import Registration
from ..domain.secret import Secret
from ..domain.states import INITIAL, State
from ..journal import open_row, policy_hash
from ..ports import Absent, Cipher, Marker, Row


def _hash_of(setting: "Setting") -> str:
    """Return what the journal remembers of the numbers and tolerances that everything is decided under."""
    return policy_hash(setting.policy, setting.provider)


@frozen(kw_only=True)
class Setting:
    """
    The constants of one facade.

    Attributes:
        policy_hash: What the journal remembers of *policy* and *provider*.
    """

    registration: Registration
    provider: Provider
    policy: Policy
    cipher: Cipher
    marker: Marker
    policy_hash: str = field(init=False, default=Factory(_hash_of, takes_self=True))

    def credential(self, secret: Secret) -> Credential:
        """Return a secret with its mark; the one place where marks are born."""
        return Credential(secret, self.marker.mark(secret))

    def opened(self, connection: str, row: Row) -> State:
        """
        Return the state that a row holds; the one place where rows are opened.

        Raises:
            StorageError: it cannot be opened.
        """
        return open_row(connection, row, self.cipher)


@frozen(kw_only=True)
class Held:
    """A connection as it was read or just stored: the row, and the state that was in it."""

    connection: str
    row: Row | Absent = field(factory=Absent)
    state: State = INITIAL

    @property
    def version(self) -> int:
        """Which commit of the connection it is; 0 where nothing is stored."""
        return 0 if isinstance(self.row, Absent) else self.row.version
