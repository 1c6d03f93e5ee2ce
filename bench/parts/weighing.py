"""What imports and connections weigh."""

import tempfile
from pathlib import Path

from cases import accounts, footprint
from report import Section, row

RUNS = 7
"""Processes for each import, in turn; the best counts."""

USED, ALONE = "mailup_oauth, MailUpOAuth", "mailup_oauth, the package alone"
OURS_READY = "mailup_oauth, httpx and SQLite"


def weighing(_: int) -> list[Section]:
    """What imports and connections weigh."""
    with tempfile.TemporaryDirectory() as folder:
        imports = _best(footprint.IMPORTS, Path(folder))
        ready = _best(footprint.READY, Path(folder))
    return [_imports(imports), _ready({name: weight[0] for name, weight in ready.items()}), _more()]


def _best(programs: dict[str, str], folder: Path) -> dict[str, tuple[float, int, float]]:
    runs = [{name: footprint.weighed(code, folder) for name, code in programs.items()} for _ in range(RUNS)]
    return {name: min(run[name] for run in runs) for name in programs}


def _imports(found: dict[str, tuple[float, int, float]]) -> Section:
    httpx = found["httpx"][0]
    goals = {USED: {"at_most": httpx * 0.75, "goal": "0.75 of httpx"}}
    rows = tuple(
        row(
            name,
            cost,
            "ms",
            **goals.get(name, {}),
            note=f"{cost / httpx:.2f} of httpx, {modules} modules, {mib:.0f} MiB",
        )
        for name, (cost, modules, mib) in found.items()
    )
    remark = (
        "The goal is judged by what a program needs, `from mailup_oauth import MailUpOAuth`. `import mailup_oauth` alone "
        f"loads no name (ADR 0018); at {found[ALONE][0] / httpx:.2f} of httpx it would meet the goal, and says little."
    )
    return Section(title="CPU of an import", rows=rows, remark=remark)


def _ready(found: dict[str, float]) -> Section:
    rows = (
        row(OURS_READY, found[OURS_READY], "ms", at_most=found["authlib"] * 0.75, goal="0.75 of authlib"),
        row("httpx alone, no auth", found["httpx alone"], "ms"),
        row("authlib", found["authlib"], "ms"),
    )
    return Section(title="CPU until ready to send", rows=rows, picture=False)


def _more() -> Section:
    found = {name: accounts.one_more(name) for name in accounts.ACCOUNTS}
    held = found.pop("mailup_oauth, with its token from the store")
    goals = {"mailup_oauth": {"at_most": 10, "goal": "at most 10 us"}}
    rows = [row(name, cost.spent, "us", **goals.get(name, {}), note=_memory(cost)) for name, cost in found.items()]
    ours = (
        row("mailup_oauth, and its first token, from a store in memory", held.spent, "us", note=_memory(held)),
        row("mailup_oauth, memory with that token", held.traced, "KiB", at_most=2, goal="at most 2 KiB"),
    )
    remark = (
        "What one more account costs, as each library keeps several. Those of the peers have their token in hand; ours "
        "reads it when it is first asked for, in the row after. TLS contexts are outside of what Python allocates."
    )
    return Section(title="One more connection", rows=(*rows[:1], *ours, *rows[1:]), picture=False, remark=remark)


def _memory(cost: accounts.Cost) -> str:
    return f"{cost.traced:.1f} KiB of Python's, {cost.resident:.0f} KiB resident"
