"""SIGKILL while a token request is on its way: what a fresh process makes of it (reliability.md P6 to P9, P14 to P19)."""

import signal
from datetime import timedelta
from threading import Event

import pytest
from tests.steps import referee as r
from tests.steps.recovery import completed, refreshed
from tests.steps.test_killed import KINDS

from mailup_oauth.sandbox import events as e

PHASES = (
    ("http11.receive_response_body.complete", "read"),
    ("http11.receive_response_headers.complete", "half read"),
    ("http11.send_request_body.complete", "sent"),
    ("http11.send_request_headers.complete", "partly sent"),
    ("", "connecting"),
)
"""From the last to the first: what has come to pass once the HTTP library tells of such an event."""

ROWS = {
    ("use", "connecting"): "P14",
    ("use", "partly sent"): "P15",
    ("use", "sent"): "P16",
    ("use", "half read"): "P18",
    ("use", "read"): "P19",
    ("complete", "connecting"): "P06",
    ("complete", "partly sent"): "P07",
    ("complete", "sent"): "P08",
    ("complete", "half read"): "P08",
    ("complete", "read"): "P09",
}
CASES = [
    pytest.param(deed, phase, server, id=f"{row}-{phase.replace(' ', '-')}-{server}")
    for (deed, phase), row in ROWS.items()
    for server in (("strict", "grace") if deed == "use" else ("strict",))
]
REFRESHED = ("strict", "grace")


def phase_of(told):
    """Return how far the request has come, by the events that were told."""
    return next(phase for event, phase in PHASES if not event or event in told)


def sending(lab, deed, server):
    """Return the number of the call that sends the token request, and all that is told inside of it."""
    case = lab.case(KINDS[deed], server)
    calls = lab.live(case, deed).outer
    number = calls.index("transport.send") + 1
    case = lab.case(KINDS[deed], server)
    ended = lab.live(case, deed, number=number, way="wire", inner=10**6)
    return number, [call.strip() for call in ended.calls if call.startswith(" ")]


def killed(lab, deed, server, number, inner):
    """Return an installation whose process was killed at an event of its request, once MailUp knows of that too."""
    case = lab.case(KINDS[deed], server)
    ended = lab.live(case, deed, number=number, way="wire", inner=inner)
    told = [call.strip() for call in ended.calls if call.startswith(" ")]
    assert (-signal.SIGKILL, inner) == (ended.code, len(told))
    while phase_of(told) != "connecting" and not case.arrived:
        Event().wait(0.002)
    return case


def killed_by_mailup(lab, deed, server, deadly):
    """Return an installation whose process was killed when MailUp had its request."""
    case = lab.case(KINDS[deed], server)
    case.deadly = deadly
    assert -signal.SIGKILL == lab.live(case, deed).code
    return case


@pytest.mark.parametrize(("deed", "phase", "server"), CASES)
def test_fault_killed_within_the_request(lab, deed, phase, server):
    """However far a request had come, a refresh ends in a token or a definite end, and a code is not sent again."""
    number, told = sending(lab, deed, server)
    here = [inner for inner in range(1, len(told) + 1) if phase_of(told[:inner]) == phase]
    go_on = refreshed if deed == "use" else completed
    ends = {go_on(lab, killed(lab, deed, server, number, inner))[1] for inner in here}

    assert here
    assert ends <= allowed(deed, phase, server)


def allowed(deed, phase, server):
    """Return how a death in this phase may end; whether MailUp read what was sent is for MailUp to say."""
    if deed == "complete":
        return {r.AGAIN["end"]}
    if server == "grace" or phase in {"connecting", "partly sent"}:
        return {"T"}
    return {"T", r.LOST["end"]} if phase == "sent" else {r.LOST["end"]}


def test_the_events_of_a_request_end_where_they_end(lab):
    """Event K + 1 kills nobody, and those up to K lead through every phase."""
    number, told = sending(lab, "use", "strict")
    case = lab.case("expired")
    ended = lab.live(case, "use", number=number, way="wire", inner=len(told) + 1)
    phases = [phase for _, phase in reversed(PHASES)]

    assert (0, "T") == (ended.code, ended.said["end"])
    assert phases == list(dict.fromkeys(phase_of(told[:inner]) for inner in range(1, len(told) + 1)))


@pytest.mark.parametrize("server", REFRESHED)
def test_fault_P16_never_read(lab, server):
    """A request that MailUp never reads costs nothing: after a pause the same token is sent again, on any server."""
    case = killed_by_mailup(lab, "use", server, "unread")

    assert "T" == refreshed(lab, case)[1]
    assert 2 == len(case.arrived)


@pytest.mark.parametrize("server", REFRESHED)
def test_fault_P16_read_within_the_pause(lab, server):
    """A request that MailUp reads late, but within the pause, is one that it obeyed: a grace gives the same pair again."""
    case = killed_by_mailup(lab, "use", server, "unread")
    case.clock.move(timedelta(seconds=1))
    case.service.handle(case.arrived[0])

    assert {"grace": "T", "strict": r.LOST["end"]}[server] == refreshed(lab, case)[1]


@pytest.mark.parametrize("server", REFRESHED)
def test_fault_P16_read_after_the_pause(lab, server):
    """A request that MailUp reads after the next one does no harm where there is a grace; else the end is definite."""
    case = killed_by_mailup(lab, "use", server, "unread")
    assert "T" == refreshed(lab, case)[1]
    case.service.handle(case.arrived[0])
    case.clock.move(timedelta(minutes=61))
    said = lab.live(case, "use_patiently").said

    assert {"grace": ("T", ""), "strict": ("reauthorization_required", "refresh-token-refused")}[server] == (
        said["end"],
        said.get("reason", ""),
    )
    assert [] == case.complaints


@pytest.mark.parametrize("server", REFRESHED)
def test_fault_P17_obeyed_and_not_heard(lab, server):
    """MailUp replaced the token and its answer was lost: a grace gives the same pair again, else the end is definite."""
    case = killed_by_mailup(lab, "use", server, "obeyed")

    assert {"grace": "T", "strict": r.LOST["end"]}[server] == refreshed(lab, case)[1]


@pytest.mark.parametrize("row", ["P07", "P08"])
def test_fault_a_code_that_nobody_heard_of(lab, row):
    """A code that MailUp has, read or unread, is never sent again: the user begins anew, and is connected."""
    case = killed_by_mailup(lab, "complete", "strict", {"P07": "unread", "P08": "obeyed"}[row])

    assert r.AGAIN["end"] == completed(lab, case)[1]
    assert {"P07": 1, "P08": 2}[row] == sum(isinstance(event, e.TokensIssued) for event in case.service.events)
