"""A plan told in plain words: step by step what was done, who asked, what was sent, what MailUp did, what was stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from ....domain.wire.http import Exchange, HttpResponse, NotSent
from ....sandbox import events as e
from .. import facts as f
from ..referee.sight import Seen, events_of, form_of, spilled_in
from ..town import Town
from .dawns import dawn
from .outcomes import outcome_of
from .plan import Plan
from .playing import OURS, Broken, Client, played


def story(plan: Plan, client: Client = OURS) -> Iterator[str]:
    """Yield what happens when a plan is played, and at the end which promise was broken, if one was."""
    teller = _Teller(dawn(plan.dawn).at)
    yield f"It begins where there is: {plan.dawn.rpartition('-')[0]} (machines: {plan.dawn[-1]})."
    verdict = played(plan, client, teller.hear, lambda place: teller.turn_page(_heading(plan, place)))
    for line, repeated in groupby(teller.lines):
        more = len([*repeated]) - 1
        yield f"{line} (and {more} times more)" if more else line
    if isinstance(verdict, Broken):
        yield f"Broken: {verdict.violation}"
    else:
        yield "Every promise was kept."


def _heading(plan: Plan, place: int) -> str:
    if place == len(plan.actions):
        return "Faults stop, and everybody asks again."
    return f"{place + 1}. {plan.actions[place].told()}."


class _Teller:
    """Tells facts in words, with a short name in place of each secret."""

    def __init__(self, began: datetime) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}
        self._began = began

    def turn_page(self, heading: str) -> None:
        """Begin the next action."""
        self.lines.append(heading)

    def hear(self, town: Town, fact: f.Fact) -> None:
        """Tell a fact, if there is anything to tell."""
        now = town.truth.now()
        words = self._words(town, fact)
        if words:
            self.lines.append(f"     {_clock(now - self._began):>12}  {words}")

    def _words(self, town: Town, fact: f.Fact) -> str:  # noqa: C901, PLR0912  # one flat match
        match fact:
            case f.Called():
                return f"caller {fact.caller} comes to {fact.process}" + (
                    f" for {fact.connection}" * bool(fact.connection)
                )
            case f.Departed():
                return f"{fact.flight} sends message {fact.message}: {self._sent(fact)}"
            case f.Reached(message=message, events=events):
                return f"MailUp gets message {message} and {self._done(events)}"
            case f.Repeated(message=message, events=events):
                return f"MailUp gets message {message} once more and {self._done(events)}"
            case f.Heard():
                return f"the answer to message {fact.message}: {_heard(fact.exchange)}"
            case f.Vanished():
                return f"message {fact.message} will never come to MailUp"
            case f.Visited(events=events):
                return f"at MailUp: {self._done(events)}" if events else ""
            case f.Stored():
                kinds = ", ".join(event["type"] for event in events_of(fact.records))
                return f"stored for {fact.connection}: {kinds}; {self._held(town.referee.known.row(fact.connection))}"
            case f.Spilled():
                return f"spilled for {fact.connection}: {', '.join(map(self._name, sorted(spilled_in(fact.sealed))))}"
            case f.Landed(how=f.Raised(problem=problem)):
                return f"{fact.flight} ends: {problem}"
            case f.Landed():
                return f"{fact.flight} ends well"
            case f.Died():
                return f"{fact.process} dies" + (f" with {', '.join(sorted(fact.flights))}" * bool(fact.flights))
            case f.Answered():
                return f"caller {fact.caller} gets: {outcome_of(fact.answer)}"
            case f.Befell():
                return f"! {fact.what.value} ({fact.connection})"
            case f.Told() | f.StoreFailed() | f.ClockSet():
                return ""

    def _name(self, secret: str, kind: str = "token") -> str:
        """Return the short name of a secret."""
        return self._names.setdefault(secret, f"{kind} {len(self._names) + 1}") if secret else "nothing"

    def _sent(self, fact: f.Departed) -> str:
        form = form_of(fact.request)
        if "refresh_token" in form:
            return f"refresh {self._name(form['refresh_token'])}"
        if "code" in form:
            return self._name(form["code"], "code")
        return "whose is this access token?"

    def _done(self, events: tuple[e.Event, ...]) -> str:
        return ", ".join(filter(None, map(self._deed, events))) or "gives nothing"

    def _deed(self, event: e.Event) -> str:
        match event:
            case e.TokensIssued(refresh=refresh) | e.TokensRotated(refresh=refresh):
                return f"gives refresh {self._name(refresh.value.reveal())}"
            case e.AccessRenewed():
                return "gives an access token alone"
            case e.PairRepeated():
                return "gives what it gave before"
            case e.ReuseDetected():
                return "sees a refresh token that is used up"
            case e.FamilyRevoked(effect=effect):
                return f"ends what belongs together ({effect.value})"
            case e.CodeIssued(code=code):
                return f"gives {self._name(code.value.reveal(), 'code')}"
            case e.FaultMet(fault=fault):
                return f"meets {type(fault).__name__}"
            case e.CodeReplayed() | e.SwitchesChanged() | e.ApplicationRevoked() | e.ContractLapsed():
                return type(event).__name__
            case _:
                return ""

    def _held(self, seen: Seen) -> str:
        work = f" with work {seen.work}{f' ({seen.cause})' * bool(seen.cause)}" * bool(seen.work)
        refresh = f", refresh {self._name(seen.refresh)}, generation {seen.generation}" * bool(seen.refresh)
        attempts = f", attempts {' '.join(seen.attempts.values())}" * bool(seen.attempts)
        return f"it is {seen.kind}{work}{refresh}{attempts}"


def _heard(exchange: Exchange) -> str:
    match exchange:
        case HttpResponse():
            return f"{exchange.status} with {len(exchange.body)} bytes ({exchange.ending.value})"
        case NotSent(fault=fault):
            return fault.value
        case _:
            return f"none ({exchange.silence.value})"


def _clock(span: timedelta) -> str:
    """Return a span as hours, minutes, seconds."""
    seconds = span.total_seconds()
    return f"{int(seconds // 3600)}:{int(seconds // 60 % 60):02}:{seconds % 60:06.3f}"
