"""What is known so far, put together from the facts: letters, rows, callers, and what really happened at MailUp."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, Never, cast

from attrs import define, field, frozen

from ....domain.instants import END_OF_TIME
from ....domain.wire.http import Exchange
from ....sandbox.events import AccessRenewed, CodeIssued, Event, FaultMet, PairRepeated, TokensIssued, TokensRotated
from ....sandbox.faults import CutBody, Slow
from ....sandbox.world import AccessToken, Family, RefreshToken, World
from ...stage import CLIENT_SECRET
from .. import facts as f
from .sight import NOTHING, Members, Seen, events_of, form_of, look_at

_SHOWING = (Slow, CutBody)
"""Faults that let MailUp's own answer through, late or in part."""

_GRANTS = (TokensIssued, TokensRotated, AccessRenewed, PairRepeated)


@define(kw_only=True, eq=False)
class Letter:
    """
    A request to the token endpoint, and what became of it.

    Attributes:
        refresh: The refresh token in it, if there is one.
        code: The code in it, if there is one.
        is_proved: Whether the application's own secret was with it.
        left_at: When it left, in true time.
        before: What was true at MailUp as it came there; nothing if it did not.
        events: What MailUp did.
        heard: What its sender learnt, and *heard_at* which moment.
        is_orphan: Whether its sender died.
        is_lost: Whether it vanished on its way.
    """

    flight: str
    connection: str
    refresh: str = field(repr=False)
    code: str = field(repr=False)
    is_proved: bool
    left_at: datetime
    before: World | None = None
    events: tuple[Event, ...] = ()
    heard: Exchange | None = None
    heard_at: datetime = END_OF_TIME
    is_orphan: bool = False
    is_lost: bool = False

    @property
    def is_granted(self) -> bool:
        """Whether MailUp gave tokens for it."""
        return any(isinstance(event, _GRANTS) for event in self.events)

    @property
    def is_refused(self) -> bool:
        """Whether MailUp said no to what was in it, and nothing else was said in MailUp's place."""
        is_hidden = any(isinstance(event, FaultMet) and not isinstance(event.fault, _SHOWING) for event in self.events)
        return self.before is not None and not self.is_granted and not is_hidden

    @property
    def is_in_flight(self) -> bool:
        """Whether it can still come to MailUp, or somebody still waits for its answer."""
        is_awaited = self.heard is None and not self.is_orphan
        return is_awaited or (self.before is None and not self.is_lost)


@frozen(kw_only=True)
class Turn:
    """One change of a row: what was seen before and after, and what its records tell."""

    connection: str
    before: Seen
    after: Seen
    told: tuple[Members, ...]


@frozen(kw_only=True)
class Calling:
    """
    Who asked, and how far history had come then.

    Attributes:
        rows: How many rows each connection had had.
        answers: How many callers had been answered.
    """

    process: str
    connection: str
    rows: dict[str, int]
    answers: int


@define(eq=False)
class Chronicle:
    """
    Everything that the judges may look up; it judges nothing.

    Attributes:
        letters: By the numbers of their messages.
        turns: Every change of every connection, in order.
        callings: By the numbers of the callers.
        families: MailUp's, by their names.
        accesses: The family of each access token.
        homes: For which connection a family was founded.
        errands: The attempt that each code was issued for.
        secrets: Every token and code that MailUp made.
        answers: How many callers were answered.
        calamities: How often a process died or the store failed.
        is_clock_right: Whether nobody has set the clock.
        now: Tells the true time.
    """

    now: Callable[[], datetime]
    letters: dict[int, Letter] = field(factory=dict[int, Letter])
    turns: dict[str, list[Turn]] = field(factory=dict[str, list[Turn]])
    callings: dict[int, Calling] = field(factory=dict[int, Calling])
    families: dict[str, Family] = field(factory=dict[str, Family])
    accesses: dict[str, str] = field(factory=dict[str, str])
    homes: dict[str, str] = field(factory=dict[str, str])
    errands: dict[str, str] = field(factory=dict[str, str])
    secrets: set[str] = field(factory=set[str])
    answers: int = 0
    calamities: int = 0
    is_clock_right: bool = True

    def row(self, connection: str) -> Seen:
        """Return what is stored now."""
        turns = self.turns.get(connection)
        return turns[-1].after if turns else NOTHING

    def rows_since(self, calling: Calling) -> Iterator[Seen]:
        """Yield what was stored when a caller began, and everything since."""
        for connection in (calling.connection,) if calling.connection else tuple(self.turns):
            turns, since = self.turns.get(connection, []), calling.rows.get(connection, 0)
            yield turns[since - 1].after if since else NOTHING
            yield from (turn.after for turn in turns[since:])

    def note(self, fact: f.Fact) -> None:
        """Take note of a fact."""
        noting = _NOTING.get(type(fact))
        if noting is not None:
            cast("Callable[[Chronicle, f.Fact], None]", noting)(self, fact)

    def reach(self, fact: f.Reached) -> None:
        """Follow a letter to MailUp."""
        letter = self.letters.get(fact.message)
        if letter is not None:
            letter.before, letter.events = fact.before, fact.events
            self._learn(fact.events, letter.connection)

    def repeat(self, fact: f.Repeated) -> None:
        """Learn what a second copy of a letter made happen."""
        letter = self.letters.get(fact.message)
        if letter is not None:
            self._learn(fact.events, letter.connection)

    def answer(self, fact: f.Heard) -> None:
        """Follow the answer to a letter back."""
        letter = self.letters.get(fact.message)
        if letter is not None:
            letter.heard, letter.heard_at = fact.exchange, self.now()

    def lose(self, fact: f.Vanished) -> None:
        """Follow a letter no further."""
        letter = self.letters.get(fact.message)
        if letter is not None:
            letter.is_lost = True

    def call(self, fact: f.Called) -> None:
        """Remember how far history has come when somebody asks."""
        rows = {name: len(turns) for name, turns in self.turns.items()}
        self.callings[fact.caller] = Calling(
            process=fact.process, connection=fact.connection, rows=rows, answers=self.answers
        )

    def depart(self, fact: f.Departed) -> None:
        """Remember a request, if it is one for tokens."""
        form = form_of(fact.request)
        if "grant_type" in form:
            self.letters[fact.message] = Letter(
                flight=fact.flight,
                connection=fact.connection,
                refresh=form.get("refresh_token", ""),
                code=form.get("code", ""),
                is_proved=form.get("client_secret") == CLIENT_SECRET.reveal(),
                left_at=self.now(),
            )

    def store(self, fact: f.Stored) -> None:
        """Look at a row, and at its records."""
        turn = Turn(
            connection=fact.connection,
            before=self.row(fact.connection),
            after=look_at(fact.row),
            told=events_of(fact.records),
        )
        self.turns.setdefault(fact.connection, []).append(turn)

    def die(self, fact: f.Died) -> None:
        """Remember whose letters are orphans."""
        self.calamities += 1
        for letter in self.letters.values():
            letter.is_orphan = letter.is_orphan or letter.flight in fact.flights

    def visit(self, fact: f.Visited) -> None:
        """Learn what a browser, or the owner of the sandbox, made happen."""
        self._learn(fact.events, "")

    def fail(self, _: f.StoreFailed) -> None:
        """Count a calamity."""
        self.calamities += 1

    def count(self, _: f.Answered) -> None:
        """Count an answer."""
        self.answers += 1

    def distrust(self, _: f.ClockSet) -> None:
        """Remember that a clock was wrong."""
        self.is_clock_right = False

    def _learn(self, events: tuple[Event, ...], connection: str) -> None:
        """Learn what MailUp made, and for whom."""
        for event in events:
            match event:
                case CodeIssued(code=code):
                    self.secrets.add(code.value.reveal())
                    self.errands[code.value.reveal()] = sha256(code.asking.state.encode()).hexdigest()
                case TokensIssued(family=family):
                    self.families[family.name] = family
                    self.homes[family.name] = connection
                case _:
                    pass
            for token in _tokens(event):
                self.secrets.add(token.value.reveal())
                if isinstance(token, AccessToken):
                    self.accesses[token.value.reveal()] = token.family


_NOTING: Final[Mapping[type[f.Fact], Callable[[Chronicle, Never], None]]] = {
    f.Departed: Chronicle.depart,
    f.Reached: Chronicle.reach,
    f.Repeated: Chronicle.repeat,
    f.Heard: Chronicle.answer,
    f.Vanished: Chronicle.lose,
    f.Visited: Chronicle.visit,
    f.Stored: Chronicle.store,
    f.Died: Chronicle.die,
    f.StoreFailed: Chronicle.fail,
    f.Called: Chronicle.call,
    f.Answered: Chronicle.count,
    f.ClockSet: Chronicle.distrust,
}


def _tokens(event: Event) -> tuple[AccessToken | RefreshToken, ...]:
    """Return the tokens that were made."""
    match event:
        case TokensIssued() | TokensRotated():
            return event.access, event.refresh
        case AccessRenewed(access=access):
            return (access,)
        case _:
            return ()
