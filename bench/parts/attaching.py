"""Attaching a valid token: microseconds and instructions over the bare client, and the decision alone."""

import tempfile
from pathlib import Path

import timing
from cases import decisions, instructions, ours, peers
from report import Section, row

ON = {
    "mailup_oauth": "bare",
    "httpx-auth": "bare",
    "httpx-auth, JSON file": "bare",
    "authlib (on httpx2)": "bare httpx2",
    "requests-oauthlib (on requests)": "bare requests",
    "requests-oauth2client (on requests)": "bare requests",
    "google-auth (on requests)": "bare requests",
}
"""Over which bare client each is counted."""


def attaching(rounds: int) -> list[Section]:
    """What it costs to put a valid token on a request, and to know that it is valid."""
    with tempfile.TemporaryDirectory() as folder:
        sync, awaited, alone = (Path(folder, name) for name in ("sync", "async", "decide"))
        for place in (sync, awaited, alone):
            place.mkdir()
        return [_attached(_sent(sync, rounds)), _awaited(_sent_async(awaited, rounds)), _decided(alone, rounds)]


def _sent(folder: Path, rounds: int) -> dict[str, float]:
    cases = {
        "bare": peers.bare(),
        "bare httpx2": peers.bare2(),
        "bare requests": peers.bare_requests(),
        "trivial": peers.trivial(),
        "mailup_oauth": ours.attaching(folder),
        "httpx-auth": peers.of_httpx_auth(),
        "httpx-auth, JSON file": peers.of_httpx_auth_file(folder),
        "authlib (on httpx2)": peers.of_authlib(),
        "requests-oauthlib (on requests)": peers.of_requests_oauthlib(),
        "requests-oauth2client (on requests)": peers.of_requests_oauth2client(),
        "google-auth (on requests)": peers.of_google_auth(),
        "msal": peers.of_msal(),
    }
    return timing.best(cases, number=25, rounds=rounds * 4)


def _sent_async(folder: Path, rounds: int) -> dict[str, float]:
    cases = {
        "bare": peers.bare_async(),
        "bare httpx2": peers.bare2_async(),
        "trivial": peers.trivial_async(),
        "mailup_oauth": ours.attaching_async(folder),
        "authlib (on httpx2)": peers.of_authlib_async(),
    }
    return timing.best_of_async(cases, number=25, rounds=rounds * 4)


def _attached(found: dict[str, float]) -> Section:
    trivial = found["trivial"] - found["bare"]
    over = {name: found[name] - found[bare] for name, bare in ON.items()}
    ours = over.pop("mailup_oauth")
    rows = (
        row("trivial httpx.Auth", trivial, "us"),
        row("mailup_oauth", ours, "us", at_most=trivial + 1, goal="trivial + 1 us"),
        *(row(name, cost, "us") for name, cost in over.items()),
        row("msal acquire_token_silent", found["msal"], "us"),
    )
    bare = (
        f"httpx {found['bare']:.0f} us, httpx2 {found['bare httpx2']:.0f} us, requests {found['bare requests']:.0f} us"
    )
    return Section(title="Attaching a valid token", rows=rows, remark=f"Overhead over the bare client: {bare}.")


def _awaited(found: dict[str, float]) -> Section:
    trivial = found["trivial"] - found["bare"]
    rows = (
        row("trivial httpx.Auth", trivial, "us"),
        row("mailup_oauth", found["mailup_oauth"] - found["bare"], "us", at_most=trivial + 1, goal="trivial + 1 us"),
        row("authlib async (on httpx2)", found["authlib (on httpx2)"] - found["bare httpx2"], "us"),
    )
    remark = f"Overhead over the bare client: httpx {found['bare']:.0f} us, httpx2 {found['bare httpx2']:.0f} us."
    return Section(title="Attaching a valid token, async", rows=rows, remark=remark)


def _decided(folder: Path, rounds: int) -> Section:
    found = timing.best(decisions.decisions(folder), number=500, rounds=rounds * 2)
    goals = {"mailup_oauth access_token()": {"at_most": 0.25, "goal": "at most 0.25 us"}}
    rows = tuple(row(name, cost, "us", **goals.get(name, {})) for name, cost in found.items())
    remark = (
        "The narrowest call of each library that says whether the held token is usable now. Those of oauthlib and "
        "google-auth set the header as well; the trivial auth decides nothing."
    )
    return Section(title="The decision alone", rows=rows, picture=False, remark=remark)


def counting(_: int) -> list[Section]:
    """What a request costs in instructions, where the machine can count them."""
    if not instructions.is_possible():
        return []
    found = instructions.counted()
    pieces = {name: found.pop(name) for name in instructions.PIECES}
    bare, bare2 = found.pop("bare"), found.pop("bare httpx2")
    over = {name: count - (bare2 if "httpx2" in name else bare) for name, count in found.items()}
    goals = {"mailup_oauth": {"at_most": 25_000, "goal": "at most 25,000"}}
    remark = f"Counted by callgrind, the least of three layouts of memory; httpx itself takes {bare:,.0f}, httpx2 {bare2:,.0f}."
    return [
        _counts("Instructions over the bare client", over, remark, goals),
        _counts("What they are spent on", pieces, "Each called by itself, without a client around it.", {}),
    ]


def _counts(title: str, found: dict[str, float], remark: str, goals: dict[str, dict[str, object]]) -> Section:
    rows = tuple(row(name, count, "instructions", **goals.get(name, {})) for name, count in found.items())
    return Section(title=title, rows=rows, remark=remark, picture=bool(goals))
