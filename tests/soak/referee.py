"""What a soak must not show, judged from what a relay saw, what was killed and what the journals say; nothing is run here."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

from attrs import field, frozen
from facts import EXCHANGE, GRACE, REFRESH, SERVERS, Entry, Facts, Passage
from hearsay import untrue

OUTCOME_LOST = "rotation-outcome-lost"
EXCHANGE_LOST = "exchange-outcome-lost"
REPLACED = "replaced"
"""The user authorized anew while the authorization was not known to be dead."""


@frozen(kw_only=True)
class Verdict:
    """
    What was found.

    Attributes:
        windows: For each server, the refreshes that it granted and whose sender was killed before the new token was stored.
        early: Those of them whose sender was killed before the server had decided, but after the request had left.
        lost: For each server, the authorizations that ended.
        replaced: For each server, those that had to end as well, but that a new one took the place of before.
        unclaimed: For each server, the exchanges that it granted and whose sender was killed before the tokens were stored.
        broken: For each promise, what breaks it.
    """

    windows: dict[str, int]
    early: dict[str, int]
    lost: dict[str, int]
    replaced: dict[str, int]
    unclaimed: dict[str, int]
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

    def unstored(self, grant: str) -> list[Passage]:
        """Return the passages of one kind whose answer brought a refresh token that they were not the ones to store."""
        return [p for passages in self.by_token.values() for p in _unstored(self, passages) if p.grant == grant]


def judged(facts: Facts) -> Verdict:
    """Return what was found."""
    case = _ordered(facts)
    windows, unclaimed = case.unstored(REFRESH), case.unstored(EXCHANGE)
    orphans = {passage.spent for passage in windows if passage.born not in case.owners}
    ends = [(name, *end) for name, entries in facts.journals.items() for end in _ends(entries)]
    deaths = [end for end in ends if end[2] != REPLACED]
    replaced = [(name, token) for name, token, cause in ends if cause == REPLACED and token in orphans]
    return Verdict(
        windows=_by_server(passage.server for passage in windows),
        early=_by_server(passage.server for passage in windows if _is_early(case, passage)),
        lost=_by_server(name for name, _, _ in deaths),
        replaced=_by_server(name for name, _ in replaced),
        unclaimed=_by_server(passage.server for passage in unclaimed),
        broken={
            **_broken_on_the_way(case, [*windows, *unclaimed]),
            "refused without a lost answer": [p.spent for p in _refused(facts) if p.spent not in orphans],
            "false reauthorize": [f"{n} ({c})" for n, token, c in deaths if token not in orphans or c != OUTCOME_LOST],
            "false reauthorize told to a caller": untrue(facts),
            "authorizations lost in spite of a grace": [name for name, _, _ in deaths if name.startswith(GRACE)],
            "lost answers and lost authorizations that do not match": _unbalanced(
                orphans - {token for _, token in replaced}, [token for _, token, _ in deaths]
            ),
            "exchanges that failed without need": _needless(case),
            "journals that fail to verify": [*facts.unverified],
            "unexpected errors": [*facts.complaints],
            "connections not served at the end": [*facts.unserved],
        },
    )


def _broken_on_the_way(case: _Case, unstored: list[Passage]) -> dict[str, list[str]]:
    """Return what breaks the promises about what is sent and what is received."""
    return {
        "tokens and codes sent before they were stored": [
            p.spent for p in case.facts.passages if p.spent not in case.owners
        ],
        "double sends": _double_sends(case),
        "received tokens lost": [p.born for p in unstored if not _is_explained(case, p)],
    }


def _by_server(names: Iterable[str]) -> dict[str, int]:
    """Count names by the server that they begin with."""
    found = [*names]
    return {server: sum(name.startswith(server) for name in found) for server in SERVERS}


def _ordered(facts: Facts) -> _Case:
    """Find out whose each token and code is, by the journals, and put the passages of each, and of each connection, in order."""
    case = _Case(facts)
    for name, entries in facts.journals.items():
        case.owners.update({sent: name for entry in entries for sent in (entry.refresh, entry.code) if sent})
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
    """
    Return what was sent twice and must not have been: a code whenever that was.

    A refresh token may be sent again when the first sender is dead or got no answer, and the server is not at it any more.
    """
    found = []
    for passages in case.by_token.values():
        for first, second in pairwise(passages):
            is_orphan = case.facts.killed.get(first.incarnation, float("inf")) <= second.asked or not first.status
            if first.grant == EXCHANGE or second.asked < first.answered or not is_orphan:
                found.append(first.spent)
    return found


def _refused(facts: Facts) -> list[Passage]:
    """Return the passages that the server refused."""
    return [passage for passage in facts.passages if passage.status and not passage.born]


def _ends(entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    """Return for each authorization that is over the refresh token that was its newest, and why it is."""
    newest, is_alive, found = "", False, []
    for entry in entries:
        if entry.event == "GrantDied":
            found.append((newest, entry.cause))
            is_alive = False
        elif entry.event == "TokensIssued":
            found += [(newest, REPLACED)] * is_alive
            newest, is_alive = entry.refresh, True
        elif entry.event == "TokensRefreshed":
            newest = entry.refresh
    return found


def _unbalanced(orphans: set[str], dead: list[str]) -> list[str]:
    """Return where the authorizations that were lost are not exactly those that had to be."""
    never = [f"a lost answer cost nothing: {token}" for token in sorted(orphans - {*dead})]
    return never + [f"a lost answer cost more than one: {token}" for token in sorted({*dead}) if dead.count(token) > 1]


def _needless(case: _Case) -> list[str]:
    """Return the attempts whose exchange failed though its process was not killed and its request not dropped."""
    found = []
    for entries in case.facts.journals.values():
        intents = {entry.attempt: entry for entry in entries if entry.code}
        for entry in (entry for entry in entries if entry.event == "ExchangeFailed"):
            intent = intents[entry.attempt]
            is_killed = intent.actor in {str(incarnation) for incarnation in case.facts.killed}
            is_dropped = any(not passage.status for passage in case.by_token[intent.code])
            if entry.cause != EXCHANGE_LOST or not (is_killed or is_dropped):
                found.append(entry.attempt)
    return found
