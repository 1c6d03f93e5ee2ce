"""
The bench: every figure beside those of released peers and baselines, interleaved in one run; ``./dev bench`` runs it.

    python bench/run.py [--to FOLDER] [--quick] [PART ...]

PARTS are attaching, instructions, machine, pieces, storms, footprint, sealing and window; all of them by default.  Only ratios within one run are
goals: what is measured in microseconds differs from machine to machine, and from minute to minute on a busy one.
"""

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import timing
from cases import crowds, footprint, instructions, machines, ours, peers, pieces, sealing, storms, window
from report import Row, Section, write

BENCH = Path(__file__).resolve().parent
LIBRARIES = (
    "mailup-oauth",
    "httpx",
    "authlib",
    "oauthlib",
    "requests-oauthlib",
    "requests-oauth2client",
    "httpx-auth",
    "google-auth",
    "msal",
    "transitions",
    "python-statemachine",
    "automat",
)


def row(what: str, value: float, unit: str, *, at_most: float | None = None, **words: str) -> Row:
    """Return a row whose goal is met if its value is at most so much."""
    return Row(what=what, value=value, unit=unit, met=at_most is None or value <= at_most, **words)


def attaching(rounds: int) -> list[Section]:
    """What it costs to put a valid token on a request, and to know that it is valid."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ("sync", "async", "decide")]
        for place in places:
            place.mkdir()
        found = timing.best(
            {
                "bare": peers.bare(),
                "trivial": peers.trivial(),
                "mailup_oauth": ours.attaching(places[0]),
                "httpx-auth": peers.of_httpx_auth(),
                "authlib": peers.of_authlib(),
                "bare requests": peers.bare_requests(),
                "requests-oauthlib": peers.of_requests_oauthlib(),
                "requests-oauth2client": peers.of_requests_oauth2client(),
                "google-auth": peers.of_google_auth(),
                "msal": peers.of_msal(),
            },
            number=100,
            rounds=rounds,
        )
        awaited = timing.best_of_async(
            {
                "bare": peers.bare_async(),
                "trivial": peers.trivial_async(),
                "mailup_oauth": ours.attaching_async(places[1]),
                "authlib": peers.of_authlib_async(),
            },
            number=100,
            rounds=rounds,
        )
        decided = timing.best({"mailup_oauth": ours.deciding(places[2])}, number=10_000, rounds=rounds)
    return [_attached(found), _awaited(awaited), _decided(decided["mailup_oauth"])]


def _attached(found: dict[str, float]) -> Section:
    on_httpx = {name: found[name] - found["bare"] for name in ("trivial", "mailup_oauth", "httpx-auth", "authlib")}
    names = ("requests-oauthlib", "requests-oauth2client", "google-auth")
    on_requests = {name: found[name] - found["bare requests"] for name in names}
    at_most = on_httpx["trivial"] + 1
    rows = [
        row("trivial httpx.Auth", on_httpx["trivial"], "us"),
        row("mailup_oauth", on_httpx["mailup_oauth"], "us", at_most=at_most, goal="trivial + 1 us"),
        *(row(name, on_httpx[name], "us") for name in ("httpx-auth", "authlib")),
        *(row(f"{name} (on requests)", cost, "us") for name, cost in on_requests.items()),
        row("msal acquire_token_silent", found["msal"], "us"),
    ]
    remark = f"Overhead over the bare client: httpx {found['bare']:.0f} us, requests {found['bare requests']:.0f} us."
    return Section(title="Attaching a valid token", rows=tuple(rows), remark=remark)


def _awaited(found: dict[str, float]) -> Section:
    costs = {name: found[name] - found["bare"] for name in ("trivial", "mailup_oauth", "authlib")}
    rows = (
        row("trivial httpx.Auth", costs["trivial"], "us"),
        row("mailup_oauth", costs["mailup_oauth"], "us", at_most=costs["trivial"] + 1, goal="trivial + 1 us"),
        row("authlib async", costs["authlib"], "us"),
    )
    return Section(title="Attaching a valid token, async", rows=rows, remark=f"Over {found['bare']:.0f} us of httpx.")


def _decided(cost: float) -> Section:
    rows = (row("mailup_oauth access_token()", cost, "us", at_most=0.25, goal="at most 0.25 us"),)
    return Section(title="The decision alone", rows=rows, picture=False)


def counting(_: int) -> list[Section]:
    """What a request costs in instructions, where the machine can count them."""
    if not instructions.is_possible():
        return []
    found = instructions.counted(BENCH)
    over = {name: found[name] - found["bare"] for name in found if name != "bare"}
    rows = [
        row("mailup_oauth" if name == "ours" else name, count, "instructions", **_goal_of(name))
        for name, count in over.items()
    ]
    return [Section(title="Instructions over the bare client", rows=tuple(rows), remark="Counted by callgrind.")]


def _goal_of(name: str) -> dict[str, object]:
    return {"at_most": 25_000, "goal": "at most 25,000"} if name == "ours" else {}


def machine(rounds: int) -> list[Section]:
    """What a move of the state machine costs."""
    folding, folded = machines.folding()
    moving, moved = machines.moving()
    found = timing.best(
        {
            "fold": folding,
            "move": moving,
            "transitions": machines.of_transitions(),
            "python-statemachine": machines.of_python_statemachine(),
            "automat": machines.of_automat(),
        },
        number=200,
        rounds=rounds,
    )
    fold, move = found["fold"] / folded, found["move"] / moved
    others = {name: found[name] / 2 for name in ("automat", "transitions", "python-statemachine")}
    rows = (
        row("mailup_oauth, evolve", fold, "us", at_most=2.5, goal="400,000 events/s", note=f"{1e6 / fold:,.0f}/s"),
        row("mailup_oauth, decide and evolve", move, "us", at_most=5, goal="at most 5 us"),
        *(row(name, cost, "us") for name, cost in others.items()),
    )
    ratios = (
        _times("transitions", others["transitions"] / move, 2),
        _times("python-statemachine", others["python-statemachine"] / move, 20),
    )
    return [
        Section(title="One move of the machine", rows=rows),
        Section(title="How many times faster", rows=ratios, picture=False),
    ]


def _times(than: str, ratio: float, at_least: float) -> Row:
    return Row(what=f"than {than}", value=ratio, unit="x", goal=f"at least {at_least}", met=ratio >= at_least)


def parts(rounds: int) -> list[Section]:
    """What the pieces of the protocol cost."""
    sections = []
    for title, (mine, others) in pieces.PIECES.items():
        found = timing.best(
            {"mailup_oauth": mine(), **{name: make() for name, make in others.items()}}, number=300, rounds=rounds
        )
        fastest = min(cost for name, cost in found.items() if not name.startswith(("mailup_oauth", "stdlib")))
        lax = "answer" in title
        goal = "within 2x of the fastest" if lax else "faster than every peer"
        rows = [
            row("mailup_oauth", found["mailup_oauth"], "us", at_most=fastest * (2 if lax else 1), goal=goal),
            *(row(name, found[name], "us") for name in others),
        ]
        sections.append(Section(title=title[0].upper() + title[1:], rows=tuple(rows)))
    return sections


def storming(_: int) -> list[Section]:
    """What crowds with one expired token bring about."""
    with storms.referee() as base:
        threads = {name: storms.of_threads(base, name, make) for name, make in crowds.SYNC.items()}
        tasks = {name: storms.of_tasks(base, name, make) for name, make in crowds.ASYNC.items()}
        cancelled = {name: storms.of_cancelled_caller(base, name, make) for name, make in crowds.ASYNC.items()}
        many = {name: storms.of_processes(base, name, "threads") for name in crowds.SYNC}
        more = {name: storms.of_processes(base, name, "tasks") for name in crowds.ASYNC}
        calm = min(storms.of_threads(base, "bare", crowds.bare).seconds for _ in range(3))
        calm_tasks = min(storms.of_tasks(base, "bare", crowds.bare_async).seconds for _ in range(3))
        best = min(storms.of_threads(base, "mailup_oauth", crowds.ours).seconds for _ in range(3))
        best_tasks = min(storms.of_tasks(base, "mailup_oauth", crowds.ours_async).seconds for _ in range(3))
    return [
        _storm("50 threads, one client", threads),
        _storm("200 tasks, one client", tasks),
        _storm("4 processes of 10 threads", many),
        _storm("4 processes of 50 tasks", more),
        _storm("20 tasks, the first cancelled", cancelled),
        _walls(best, calm, best_tasks, calm_tasks),
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


def _walls(threads: float, calm: float, tasks: float, calm_tasks: float) -> Section:
    rows = (
        _wall("50 threads", threads, calm),
        _wall("200 tasks", tasks, calm_tasks),
    )
    remark = "Over one token round trip of 150 ms and the same crowd's API calls without auth, best of three."
    return Section(title="Wall time of a storm", rows=rows, picture=False, remark=remark)


def _wall(what: str, storm: float, calm: float) -> Row:
    return row(
        what, storm / (calm + 0.15), "x", at_most=1.1, goal="at most 1.1", note=f"{storm:.2f} s over {calm:.2f} s"
    )


def weighing(_: int) -> list[Section]:
    """What imports and connections weigh."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            {name: footprint.weighed(code, Path(folder)) for name, code in footprint.IMPORTS.items()} for _ in range(5)
        ]
        ready = [
            {name: footprint.weighed(code, Path(folder)) for name, code in footprint.READY.items()} for _ in range(5)
        ]
    cpu = {name: min(run[name][0] for run in runs) for name in footprint.IMPORTS}
    up = {name: min(run[name][0] for run in ready) for name in footprint.READY}
    ours_ready = "mailup_oauth, httpx and SQLite"
    each, kib = footprint.one_more(BENCH)
    goals = {"mailup_oauth": {"at_most": cpu["httpx"] * 0.75, "goal": "0.75 of httpx"}}
    imports = [
        row(name, cost, "ms", **goals.get(name, {}), note=f"{runs[0][name][1]} modules, {runs[0][name][2]:.0f} MiB")
        for name, cost in cpu.items()
    ]
    readiness = [
        row(ours_ready, up[ours_ready], "ms", at_most=up["authlib"] * 0.75, goal="0.75 of authlib"),
        row("authlib", up["authlib"], "ms"),
    ]
    more = (
        row("one more connection", each, "us", at_most=10, goal="at most 10 us"),
        row("and its memory", kib, "KiB", at_most=2, goal="at most 2 KiB"),
    )
    return [
        Section(title="CPU of an import", rows=tuple(imports)),
        Section(title="CPU until ready to send", rows=tuple(readiness), picture=False),
        Section(title="One more connection", rows=more, picture=False),
    ]


def sealed(rounds: int) -> list[Section]:
    """What sealing and proving cost."""
    with tempfile.TemporaryDirectory() as folder:
        proofs, records = sealing.proving(Path(folder))
        cost = timing.best({"seal": sealing.sealing()}, number=200, rounds=rounds)["seal"]
        spent = timing.best(proofs, number=1, rounds=max(5, rounds // 4))
    rates = {name: records / took * 1e6 for name, took in spent.items()}
    rows = (
        row("seal and unseal 900 bytes", cost, "us", at_most=30, goal="below 30 us"),
        Row(
            what="verify the chain",
            value=rates["chain"],
            unit="records/s",
            goal="at least 100,000",
            met=rates["chain"] >= 100_000,
        ),
        Row(what="verify the chain and replay it", value=rates["chain and replay"], unit="records/s"),
    )
    return [Section(title="Sealing and proving", rows=rows, picture=False)]


def exposed(_: int) -> list[Section]:
    """For how long received tokens are not yet durable."""
    with tempfile.TemporaryDirectory() as folder:
        whole, commits = window.windows(Path(folder))
    middle, late = window.middle_and_late(whole)
    writing, _ = window.middle_and_late(commits)
    rows = (
        row("from the answer's last octet to the end of the commit", middle, "ms", note=f"99 of 100: {late:.2f} ms"),
        row("of which the commit, with fsync", writing, "ms"),
        row("and all else", middle - writing, "ms", at_most=1, goal="below 1 ms"),
    )
    remark = "Tokens are in memory only. What a kill in this window means: docs/what-can-still-go-wrong.md."
    return [Section(title="The window", rows=rows, picture=False, remark=remark)]


PARTS: dict[str, Callable[[int], list[Section]]] = {
    "attaching": attaching,
    "instructions": counting,
    "machine": machine,
    "pieces": parts,
    "storms": storming,
    "footprint": weighing,
    "sealing": sealed,
    "window": exposed,
}


def about() -> str:
    """Say where and with what this was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    where = f"Python {platform.python_version()}, {platform.system()} on {platform.machine()}"
    return (
        f"{where}. {versions}. Minima of many interleaved rounds on a machine that others use as well; only ratios "
        "within this run are goals. Made by `./dev bench`; `figures.json` has the same for programs."
    )


def main() -> int:
    """Measure what was asked for, write it down, and say which goals were missed."""
    parser = argparse.ArgumentParser(description="Measure this library beside its peers.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--to", type=Path, default=BENCH / "results")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: to see that it runs, not to believe it")
    asked = parser.parse_args()
    sections: list[Section] = []
    for name in asked.parts or PARTS:
        print(f"bench: {name}", file=sys.stderr, flush=True)
        sections += PARTS[name](8 if asked.quick else timing.ROUNDS)
    write(asked.to, tuple(sections), about())
    missed = [
        f"{section.title}: {one.what}" for section in sections for one in section.rows if one.goal and not one.met
    ]
    print((asked.to / "README.md").read_text())
    print("every goal is met" if not missed else "missed: " + "; ".join(missed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
