"""What a soak must not show, judged from what a relay saw, what was killed and what the journals say; nothing is run here."""

from collections import defaultdict
from itertools import pairwise

from attrs import field, frozen

STRICT, GRACE = "strict", "grace"
SERVERS = (STRICT, GRACE)
OUTCOME_LOST = "rotation-outcome-lost"


@frozen(kw_only=True)
class Passage:
    """
    One refresh request, as it went through the relay; tokens are told by their marks, moments by one monotonic clock.

    Attributes:
        server: Which of the two it went to.
        incarnation: The worker process that sent it.
        spent: The refresh token that it carried.
        asked: When it had come to the relay whole.
        status: What the server answered; 0 if nothing.
        born: The refresh token in the answer, if there is one.
        answered: When the server's answer had come to the relay, and so was decided.
    """

    server: str
    incarnation: int
    spent: str
    asked: float
    status: int
    born: str = ""
    answered: float


@frozen(kw_only=True)
class Entry:
    """One record of a connection's journal: the name of its event, the refresh token it brings, why a grant died."""

    event: str
    refresh: str = ""
    cause: str = ""


@frozen(kw_only=True)
class Facts:
    """
    Everything that a soak left.

    Attributes:
        passages: Of both servers.
        killed: The incarnations that were killed, and the moment just before each was.
        journals: Every connection's entries, oldest first; a name begins with its server's.
        unverified: What was wrong with a journal, whenever it was looked at.
        complaints: What else workers met that they should not have.
        unserved: The connections that had no usable token when all was over.
    """

    passages: tuple[Passage, ...]
    killed: dict[int, float]
    journals: dict[str, tuple[Entry, ...]]
    unverified: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    unserved: tuple[str, ...] = ()


@frozen(kw_only=True)
class Verdict:
    """
    What was found.

    Attributes:
        windows: For each server, the refreshes that it granted and whose sender was killed before the new token was stored.
        early: Those of them whose sender was killed before the server had decided, but after the request had left.
        lost: For each server, the authorizations that ended.
        broken: For each promise, what breaks it.
    """

    windows: dict[str, int]
    early: dict[str, int]
    lost: dict[str, int]
    broken: dict[str, list[str]]

    @property
    def is_kept(self) -> bool:
        """Say whether every promise was kept."""
        return not any(self.broken.values())


@frozen
class _Case:
    """The facts in the order in which they are asked for."""

    facts: Facts
    owners: dict[str, str] = field(factory=dict)
    by_token: dict[str, list[Passage]] = field(factory=lambda: defaultdict(list))
    by_owner: dict[str, list[Passage]] = field(factory=lambda: defaultdict(list))


def judged(facts: Facts) -> Verdict:
    """Return what was found."""
    case = _ordered(facts)
    windows = [passage for passages in case.by_token.values() for passage in _unstored(case, passages)]
    orphans = {passage.spent for passage in windows if passage.born not in case.owners}
    deaths = [(name, *death) for name, entries in facts.journals.items() for death in _deaths(entries)]
    return Verdict(
        windows={server: sum(passage.server == server for passage in windows) for server in SERVERS},
        early={server: sum(p.server == server and _is_early(case, p) for p in windows) for server in SERVERS},
        lost={server: sum(name.startswith(server) for name, _, _ in deaths) for server in SERVERS},
        broken={
            "refresh tokens sent before they were stored": [
                p.spent for p in facts.passages if p.spent not in case.owners
            ],
            "double sends": _double_sends(case),
            "received tokens lost": [p.born for p in windows if not _is_explained(case, p)],
            "refused without a lost answer": [p.spent for p in _refused(facts) if p.spent not in orphans],
            "false reauthorize": [f"{n} ({c})" for n, token, c in deaths if token not in orphans or c != OUTCOME_LOST],
            "authorizations lost in spite of a grace": [name for name, _, _ in deaths if name.startswith(GRACE)],
            "lost answers and lost authorizations that do not match": _unbalanced(orphans, [t for _, t, _ in deaths]),
            "journals that fail to verify": [*facts.unverified],
            "unexpected errors": [*facts.complaints],
            "connections not served at the end": [*facts.unserved],
        },
    )


def _ordered(facts: Facts) -> _Case:
    """Find out whose each token is, by the journals, and put the passages of each token and connection in order."""
    case = _Case(facts)
    for name, entries in facts.journals.items():
        case.owners.update({entry.refresh: name for entry in entries if entry.refresh})
    for passage in sorted(facts.passages, key=lambda passage: passage.asked):
        case.by_token[passage.spent].append(passage)
        case.by_owner[case.owners.get(passage.spent, "")].append(passage)
    return case


def _unstored(case: _Case, passages: list[Passage]) -> list[Passage]:
    """Return the passages of one token whose answer brought a new one that they were not the ones to store."""
    granted = [passage for passage in passages if passage.born]
    return [p for p in granted if p.born not in case.owners or p is not granted[-1]]


def _is_explained(case: _Case, passage: Passage) -> bool:
    """Say whether its sender was killed before anything else was sent for the connection, so that it was at it still."""
    struck = case.facts.killed.get(passage.incarnation)
    owner = case.owners.get(passage.spent, "")
    return struck is not None and not any(passage.asked < other.asked < struck for other in case.by_owner[owner])


def _is_early(case: _Case, passage: Passage) -> bool:
    """Say whether its sender was killed before the server had decided."""
    return case.facts.killed.get(passage.incarnation, float("inf")) < passage.answered


def _double_sends(case: _Case) -> list[str]:
    """Return the refresh tokens that were sent again while the server was at it, or though the first sender was alive."""
    found = []
    for passages in case.by_token.values():
        for first, second in pairwise(passages):
            is_orphan = case.facts.killed.get(first.incarnation, float("inf")) <= second.asked or first.status == 0
            if second.asked < first.answered or not is_orphan:
                found.append(first.spent)
    return found


def _refused(facts: Facts) -> list[Passage]:
    """Return the passages that the server refused."""
    return [passage for passage in facts.passages if passage.status and not passage.born]


def _deaths(entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    """Return for each death of a grant the refresh token that was the newest, and the cause."""
    newest, found = "", []
    for entry in entries:
        newest = entry.refresh or newest
        if entry.event == "GrantDied":
            found.append((newest, entry.cause))
    return found


def _unbalanced(orphans: set[str], dead: list[str]) -> list[str]:
    """Return where the authorizations that were lost are not exactly those that had to be."""
    never = [f"a lost answer cost nothing: {token}" for token in sorted(orphans - {*dead})]
    return never + [f"a lost answer cost more than one: {token}" for token in sorted({*dead}) if dead.count(token) > 1]
