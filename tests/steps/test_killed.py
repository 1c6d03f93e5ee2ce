"""SIGKILL at every call of every deed: what a fresh process finds (reliability.md P1 to P6, P9, P11 to P14, P19 to P23)."""

import signal
from datetime import timedelta

import pytest
from tests.steps import referee as r
from tests.steps.recovery import completed, points, refreshed

from mailup_oauth.sandbox import events as e

STAGES = {
    "begin": [("", "P01"), ("store.commit", "P02")],
    "complete": [
        ("", "P04"),
        ("guard.take", "P05"),
        ("store.commit", "P06"),
        ("transport.send", "P09"),
        ("store.commit", "P11"),
    ],
    "use": [
        ("", "P12"),
        ("guard.take", "P13"),
        ("store.commit", "P14"),
        ("transport.send", "P19"),
        ("store.commit", "P21"),
        ("guard.give", "P22"),
    ],
    "disconnect": [("", "P23")],
}
"""Which calls of a deed, once made, lead from one row of the matrix into the next."""
STAGES["reject"] = STAGES["use"]

KINDS = {"begin": "new", "complete": "begun", "use": "expired", "reject": "connected", "disconnect": "connected"}
SERVERS = {"use": ("strict", "grace"), "reject": ("strict",)}
CASES = [
    pytest.param(row, deed, server, id=f"{row}-{deed}-{server}")
    for deed, stages in STAGES.items()
    for server in SERVERS.get(deed, ("strict",))
    for _, row in stages
]
REAUTHORIZED = {("P19", "strict"): r.LOST["end"], ("P06", "strict"): "again", ("P09", "strict"): "again"}
"""The rows that may end in anything but a token: a strict server's answer was lost, or the code may have been used."""


def row_of(deed, calls, number, way):
    """Return the row of the matrix that a death before call *number*, or after it, belongs to."""
    made = calls[: number if way == "kill-after" else number - 1]
    stages = STAGES[deed]
    row, later = stages[0][1], stages[1:]
    for call in made:
        if later and call == later[0][0]:
            row, later = later[0][1], later[1:]
    return row


def undisturbed(lab, deed, server):
    """Return the calls of a life in which nothing happens."""
    ended = lab.live(lab.case(KINDS[deed], server), deed)
    assert (0, "T") == (ended.code, ended.said["end"])
    return ended.calls


def killed(lab, deed, server, number, way):
    """Return an installation in which a process was killed at its call *number*."""
    case = lab.case(KINDS[deed], server)
    ended = lab.live(case, deed, number=number, way=way)
    assert (-signal.SIGKILL, {}, number, []) == (ended.code, ended.said, len(ended.calls), case.complaints)
    return case


def ends(lab, deed, case):
    """Let a fresh process see to what the dead one did not finish, and return in a word how that ended."""
    return ENDS[deed](lab, case)


def _after_begin(lab, case):
    """An attempt that nobody goes on with is swept away by the next, once its time is over."""
    found = r.look(case)
    case.clock.move(timedelta(minutes=11))
    r.begin_again(case)
    after = r.look(case)
    r.check_locks(case)
    assert 1 == len(after.state.attempts)
    return "T" if found.state is None or len(found.state.attempts) == 1 else "more than one attempt"


def _after_disconnect(lab, case):
    """What is said is true, and saying it again ends the connection for good."""
    found = r.look(case)
    token = lab.live(case, "use").said["end"]
    assert ("T" if isinstance(found.state, r.HOLDING) else "not_connected") == token
    assert {"end": "T"} == lab.live(case, "disconnect").said == lab.live(case, "disconnect").said
    r.check_locks(case)
    assert (False, False) == (isinstance(r.look(case).state, r.HOLDING), case.has_spill())
    r.begin_again(case)
    return "T"


ENDS = {
    "begin": _after_begin,
    "complete": lambda lab, case: {r.AGAIN["end"]: "again"}.get(end := completed(lab, case)[1], end),
    "use": lambda lab, case: refreshed(lab, case)[1],
    "reject": lambda lab, case: refreshed(lab, case)[1],
    "disconnect": _after_disconnect,
}


@pytest.mark.parametrize(("row", "deed", "server"), CASES)
def test_fault_killed_at_every_call_of(lab, row, deed, server):
    """A process that is killed anywhere in this row leaves what the next one goes on from, or says must be begun anew."""
    calls = undisturbed(lab, deed, server)
    here = [point for point in points(calls, all_of_them=True) if row_of(deed, calls, *point) == row]
    ended = {ends(lab, deed, killed(lab, deed, server, number, way)) for number, way in here}

    assert {REAUTHORIZED.get((row, server), "T")} == ended


@pytest.mark.parametrize("deed", STAGES)
def test_the_numbers_end_where_the_calls_end(lab, deed):
    """Number N + 1 kills nobody, for there is no such call; and every call up to N belongs to a row that is tried."""
    calls = undisturbed(lab, deed, "strict")
    ended = lab.live(lab.case(KINDS[deed]), deed, number=len(calls) + 1, way="kill")
    rows = [row_of(deed, calls, number, way) for number, way in points(calls, all_of_them=True)]

    assert (0, "T", calls) == (ended.code, ended.said["end"], ended.calls)
    assert {row for _, row in STAGES[deed]} == set(rows)
    assert len(calls) <= len(rows)


def test_fault_P03_killed_while_the_user_is_at_mailup(lab):
    """Whoever began is dead when the browser comes back; another process completes, for nothing was in memory only."""
    case = lab.case("new")
    process = lab.live(case, "begin", number=10**6, way="kill")
    case.callback, case.binding = case.visit(process.said["url"]), process.said["binding"]

    assert "T" == completed(lab, case)[1]


def test_fault_P08_what_was_issued_to_nobody_is_in_the_journal(lab):
    """After a code whose answer was lost the journal says that it was sent, and that nobody knows what became of it."""
    calls = undisturbed(lab, "complete", "strict")
    case = killed(lab, "complete", "strict", calls.index("transport.send") + 1, "kill-after")
    said = lab.live(case, "complete").said
    with case.client() as oauth:
        told = [type(record.event).__name__ for record in oauth.journal("acme")]

    assert r.AGAIN == said
    assert ["AuthorizationBegun", "CallbackAccepted", "ExchangeFailed", "ConnectionNotMade"] == told
    assert 1 == sum(isinstance(event, e.TokensIssued) for event in case.service.events)
