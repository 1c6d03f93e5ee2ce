"""Crowds with one expired token: what the referee counted, and how long it took."""

from collections.abc import Callable

from cases import crowds, storms
from report import Row, Section, row

Run = Callable[[str], storms.Storm]

BEST_OF = 5
"""How often a wall time is taken, each time beside that of the crowd without auth."""


def storming(_: int) -> list[Section]:
    """What crowds with one expired token bring about."""
    with storms.referee() as base:
        threads = {name: storms.of_threads(base, name, make) for name, make in crowds.SYNC.items()}
        tasks = {name: storms.of_tasks(base, name, make) for name, make in crowds.ASYNC.items()}
        cancelled = {name: storms.of_cancelled_caller(base, name, make) for name, make in crowds.ASYNC.items()}
        many = {name: storms.of_processes(base, name, "threads") for name in crowds.SYNC}
        more = {name: storms.of_processes(base, name, "tasks") for name in crowds.ASYNC}
        walls = _walls(base)
    return [
        _storm("50 threads, one client", threads),
        _storm("200 tasks, one client", tasks),
        _storm("4 processes of 10 threads", many),
        _storm("4 processes of 50 tasks", more),
        _storm("20 tasks, the first cancelled", cancelled),
        walls,
    ]


def _storm(title: str, found: dict[str, storms.Storm]) -> Section:
    rows = [
        Row(
            what=name,
            value=storm.requests,
            unit="token requests",
            goal="1, all served, nothing revoked" if name == "mailup_oauth" else "",
            met=(storm.requests, storm.served, storm.revoked) == (1, storm.callers, False),
            note=f"{storm.served} of {storm.callers} served{', REVOKED' if storm.revoked else ''}, {storm.seconds:.2f} s",
        )
        for name, storm in found.items()
    ]
    return Section(title=title, rows=tuple(rows), picture=False)


def _walls(base: str) -> Section:
    def threads(name: str) -> storms.Storm:
        return storms.of_threads(base, name, {"bare": crowds.bare, "mailup_oauth": crowds.ours}[name])

    def tasks(name: str) -> storms.Storm:
        return storms.of_tasks(base, name, {"bare": crowds.bare_async, "mailup_oauth": crowds.ours_async}[name])

    rows = (
        _wall("50 threads", threads, 1.1),
        _wall("200 tasks", tasks, 1.1),
        _wall("4 processes of 10 threads", lambda name: storms.of_processes(base, name, "threads"), 1.25),
        _wall("4 processes of 50 tasks", lambda name: storms.of_processes(base, name, "tasks"), 1.25),
    )
    remark = (
        "Over one token round trip of 150 ms and the same crowd's API calls without auth; the best of "
        f"{BEST_OF} of each, in turn. The clocks of processes begin when all of them are ready."
    )
    return Section(title="Wall time of a storm", rows=rows, picture=False, remark=remark)


def _wall(what: str, run: Run, at_most: float) -> Row:
    pairs = [(run("bare").seconds, run("mailup_oauth").seconds) for _ in range(BEST_OF)]
    calm, storm = (min(seconds) for seconds in zip(*pairs, strict=True))
    note = f"{storm:.2f} s over {calm:.2f} s and 0.15 s"
    return row(what, storm / (calm + 0.15), "x", at_most=at_most, goal=f"at most {at_most}", note=note)
