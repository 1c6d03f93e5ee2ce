"""I9: the token that is handed out belongs to the connection that was asked, and nobody is taken back to an older one."""

from typing import ClassVar

from attrs import define, field

from ....domain.tokens import AccessToken
from .. import facts as f
from .chronicle import Calling, Chronicle, Turn
from .violation import Violation

Standing = tuple[int, int]
"""Epoch and generation."""


@define(eq=False)
class Handing:
    """
    Watches what is handed out.

    Attributes:
        floors: Per process and connection: what no later call may go below, and how many answers there were by then.
        owners: The user of each connection, as far as one is known whom no other may replace.
    """

    floors: dict[tuple[str, str], list[tuple[int, Standing]]] = field(
        factory=dict[tuple[str, str], list[tuple[int, Standing]]]
    )
    owners: dict[str, str] = field(factory=dict[str, str])

    hears: ClassVar[frozenset[type[f.Fact]]] = frozenset({f.Stored, f.Answered})

    def hear(self, fact: f.Fact, known: Chronicle) -> None:
        """Complain of a token that is somebody else's, or too old."""
        match fact:
            case f.Stored(connection=connection):
                self._own(known.turns[connection][-1])
            case f.Answered(answer=AccessToken() as token):
                if known.is_clock_right and token.expires_at <= known.now():
                    raise Violation("I9", "a token was handed out after its end")
                self._hand_out(token.value.reveal(), known.callings[fact.caller], known)
            case f.Answered(answer=f.Parted()):
                self._part(known.callings[fact.caller], known)
            case _:
                pass

    def _own(self, turn: Turn) -> None:
        """Complain of a user who takes another's place uninvited."""
        for event in turn.told:
            owner = self.owners.get(turn.connection, "")
            match event["type"]:
                case "Disconnected":
                    owner = ""
                case "TokensIssued" | "AuthorizationSalvaged":
                    is_open = turn.before.rules[event["attempt"]] == "any-user"
                    owner = self._succeed("" if is_open else owner, event["user"].get("uid", ""))
                case "UserIdentified":
                    owner = self._succeed(owner, event["user"]["uid"])
                case _:
                    pass
            self.owners[turn.connection] = owner

    @staticmethod
    def _succeed(owner: str, arrived: str) -> str:
        if owner not in ("", arrived):
            raise Violation("I9", "another user took the place of the one who was connected")
        return arrived

    def _hand_out(self, token: str, calling: Calling, known: Chronicle) -> None:
        family = known.families[known.accesses[token]]
        if known.homes[family.name] != calling.connection:
            raise Violation("I9", "a token of another connection was handed out")
        turn = next((turn for turn in known.turns[calling.connection] if turn.after.access == token), None)
        if turn is None:
            raise Violation("I2", "a token was handed out that is not stored")
        if turn.after.user and family.username != f"m{turn.after.user}":
            raise Violation("I9", "a token of another user was handed out")
        standing = (turn.after.epoch, turn.after.generation)
        floors = self.floors.setdefault((calling.process, calling.connection), [])
        if any(standing < floor for answers, floor in floors if answers <= calling.answers):
            raise Violation("I9", "a caller was taken back to an older token")
        floors.append((known.answers, standing))

    def _part(self, calling: Calling, known: Chronicle) -> None:
        """From here on this process hands out nothing of what was disconnected."""
        since = calling.rows.get(calling.connection, 0)
        ended = [
            turn.before.epoch
            for turn in known.turns.get(calling.connection, ())[since:]
            if any(event["type"] == "Disconnected" for event in turn.told)
        ]
        if ended:
            floors = self.floors.setdefault((calling.process, calling.connection), [])
            floors.append((known.answers, (ended[-1] + 1, 0)))
