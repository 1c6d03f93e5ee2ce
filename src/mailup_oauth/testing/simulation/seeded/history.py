"""A history as text, byte for byte, and its digest: the same for one plan, on every Python."""

from hashlib import sha256

from ....domain.tokens import AccessToken
from ....domain.wire.http import Exchange, HttpResponse, NotSent
from ....engine import Start
from .. import facts as f
from ..town import Town
from .outcomes import outcome_of
from .plan import Plan
from .playing import OURS, Client, played


def digest_of(plan: Plan, client: Client = OURS) -> str:
    """Return the SHA-256 of a plan's history: every fact, every row and every record of every journal."""
    told = sha256(str(plan).encode())

    def watch(town: Town, fact: f.Fact) -> None:
        told.update(f"\n{town.truth.now().isoformat()} ".encode() + told_of(fact))

    told.update(str(played(plan, client, watch)).encode())
    return told.hexdigest()


def told_of(fact: f.Fact) -> bytes:  # noqa: C901, PLR0912  # one flat match
    """Return a fact as text; whatever has no order is put in order."""
    name = type(fact).__name__
    match fact:
        case f.Departed():
            request = fact.request
            secrets = f"{request.authorization.reveal()} {request.body.reveal()}"
            text = f"{fact.message} {fact.flight} {fact.connection} {request.method} {request.url} {secrets}"
        case f.Reached(message=message, events=events) | f.Repeated(message=message, events=events):
            text = f"{message} {_names(events)}"
        case f.Heard():
            return f"{name} {fact.message} ".encode() + _exchange(fact.exchange)
        case f.Vanished():
            text = f"{fact.message}"
        case f.Visited(events=events):
            text = _names(events)
        case f.Stored():
            row = fact.row
            numbers = f"{name} {fact.connection} {row.version} {row.due_at.isoformat()} {row.head.hex()} "
            return numbers.encode() + b"\n".join((row.clear, row.sealed, *fact.records))
        case f.Spilled():
            return f"{name} {fact.connection} ".encode() + fact.sealed
        case f.Told(notices=notices):
            text = " ".join(f"{one.connection} {one.what} {one.at.isoformat()}" for one in notices)
        case f.Landed():
            text = f"{fact.flight} {outcome_of(fact.how)}"
        case f.Died():
            text = " ".join((fact.process, *sorted(fact.flights)))
        case f.Called():
            text = f"{fact.caller} {fact.process} {fact.connection}"
        case f.Answered():
            text = f"{fact.caller} {outcome_of(fact.answer)} {_held(fact.answer)}"
        case f.Befell():
            text = f"{fact.what.name} {fact.connection}"
        case _:
            text = ""
    return f"{name} {text}".encode()


def _names(events: tuple[object, ...]) -> str:
    return " ".join(type(event).__name__ for event in events)


def _exchange(exchange: Exchange) -> bytes:
    match exchange:
        case HttpResponse():
            head = f"{exchange.status} {exchange.ending.value} {exchange.headers} "
            return head.encode() + exchange.body
        case NotSent(fault=fault):
            return fault.value.encode()
        case _:
            return exchange.silence.value.encode()


def _held(answer: object) -> str:
    """Return the secrets of an answer."""
    match answer:
        case AccessToken():
            return f"{answer.value.reveal()} {answer.expires_at.isoformat()}"
        case Start():
            return f"{answer.url.reveal()} {answer.binding.reveal()}"
        case _:
            return ""
