"""I4 and I5: nothing that may be shown holds a secret, and every failure is one of the closed set."""

from collections.abc import Iterator
from typing import ClassVar, Final

from ....domain import errors as e
from ...canary import CANARY
from .. import facts as f
from .chronicle import Chronicle
from .violation import Violation

CLOSED_SET: Final = frozenset(
    {
        e.AccountMismatch,
        e.CallbackRefused,
        e.ClientRejected,
        e.ContractNotSigned,
        e.NotConnected,
        e.ReauthorizationRequired,
        e.ServerNotTrusted,
        e.StillRefreshing,
        e.StoreUnavailable,
        e.TemporarilyUnavailable,
    }
)
"""What can fail in a simulation, where programs, keys and rows are as they should be."""


class Secrecy:
    """Reads everything that others may read."""

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored, f.Told, f.Answered, f.Landed})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of a secret, or of a failure that nobody was told to expect."""
        match fact:
            case f.Stored():
                self._read("a row or a record", b"\n".join((fact.row.clear, *fact.records)).decode(), known)
            case f.Told(notices=notices):
                self._read("a notice", repr(notices), known)
            case f.Answered(answer=f.Raised(problem=problem)) | f.Landed(how=f.Raised(problem=problem)):
                self._read("a failure", "\n".join(_shown(problem)), known)
                if type(problem) not in CLOSED_SET:
                    raise Violation("I5", f"{type(problem).__name__} came out") from problem
            case _:
                pass

    @staticmethod
    def _read(what: str, text: str, known: Chronicle) -> None:
        if CANARY in text or any(secret in text for secret in known.secrets):
            raise Violation("I4", f"{what} holds a secret")


def _shown(problem: BaseException | None) -> Iterator[str]:
    """Yield everything that an exception and its chain show."""
    while problem is not None:
        yield from (str(problem), repr(problem), repr(problem.args), repr(vars(problem)))
        problem = problem.__cause__ or problem.__context__
