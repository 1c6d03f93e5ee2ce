"""Every call of every deed fails in every way its port may fail: typed for the caller, and nothing is lost by it."""

import pytest
from tests.steps import referee as r
from tests.steps.recovery import EVERY, completed, refreshed
from tests.steps.test_killed import ENDS, KINDS, SERVERS, STAGES, undisturbed

WAYS = {
    "store.load": ("unavailable", "corrupted", "unavailable-for-good"),
    "store.find": ("unavailable", "corrupted"),
    "store.commit": ("unavailable", "unavailable-after", "corrupted", "unavailable-for-good"),
    "transport.send": ("not-sent", "unanswered", "unanswered-after"),
    "guard.take": ("busy", "unavailable"),
    "spill.find": ("unavailable",),
    "spill.drop": ("ignored",),
    "secret.read": ("raising",),
    "cipher.unseal": ("keyless", "corrupted"),
    "observer.notice": ("raising",),
}
"""How each call may fail, by the words of ``ports.py``; clock and entropy never do."""

NEVER = ("spill.obstacle", "clock.now", "entropy.token", "entropy.chance", "cipher.seal", "marker.mark", "guard.give")

TYPED = {
    "T",
    "store_unavailable",
    "store_corrupted",
    "key_unavailable",
    "temporarily_unavailable",
    "reauthorization_required",
}
"""What a caller may meet; that a death was true is for the referee to say."""

CASES = [(deed, server) for deed in STAGES for server in SERVERS.get(deed, ("strict",)) if EVERY or deed != "reject"]
"""What follows a rejected token is a refresh like any other, which CI need not break in every way once more."""


def failures(calls):
    """Return every number and way in which one of these calls may fail."""
    return [(number, way) for number, call in enumerate(calls, start=1) for way in WAYS.get(call, ())]


@pytest.mark.parametrize(("deed", "server"), CASES)
def test_every_call_fails_in_every_way(lab, deed, server):
    """The caller meets a token or one of the library's own errors, and a fresh process goes on as after a death."""
    calls = undisturbed(lab, deed, server)
    ends = set()
    for number, way in failures(calls):
        case = lab.case(KINDS[deed], server)
        ended = lab.live(case, deed, number=number, way=way)
        assert (0, []) == (ended.code, case.complaints)
        assert number <= len(ended.calls)
        assert ended.said["end"] in TYPED
        ends.add(ENDS[deed](lab, case))

    assert set(calls) <= {*WAYS, *NEVER}
    assert ends <= {"T", "again", r.LOST["end"]}
    assert "T" in ends


@pytest.mark.parametrize("server", ["strict", "grace"])
def test_the_process_that_met_a_failure_goes_on_itself(lab, server):
    """Once the fault is over, the same process gets what a fresh one would get: nothing of a failure stays in memory."""
    for number, way in failures(undisturbed(lab, "use", server)):
        if not way.endswith("for-good"):
            case = lab.case("expired", server)
            ended = lab.live(case, "use_in_spite_of_all", number=number, way=way)
            must = r.must_end(r.look(case))
            assert (0, [], must) == (ended.code, case.complaints, {name: ended.said[name] for name in must})


@pytest.mark.parametrize("way", ["unavailable-for-good", "made-then-away"])
def test_fault_P19_a_store_that_goes_away_for_good_in_a_refresh(lab, way):
    """Whatever call of a refresh is the last that the store takes, what was received waits in the spill: T, on any server."""
    calls = undisturbed(lab, "use", "strict")
    first = calls.index("transport.send") + 1
    for number, call in enumerate(calls, start=1):
        if call.startswith("store.") and number > first - (way == "made-then-away"):
            case = lab.case("expired", "strict")
            said = lab.live(case, "use", number=number, way=way).said
            found, end = refreshed(lab, case)
            assert "T" == end
            assert said["end"] in {"T", "store_unavailable"}
            assert found.is_spilled or found.generation > (1, 0)


def test_fault_P09_a_store_that_goes_away_for_good_in_an_exchange(lab):
    """Whatever call of an exchange is the last that the store takes, tokens that were received connect the user later."""
    calls = undisturbed(lab, "complete", "strict")
    first = calls.index("transport.send") + 1
    for number, call in enumerate(calls, start=1):
        if call.startswith("store.") and number > first:
            case = lab.case("begun")
            lab.live(case, "complete", number=number, way="unavailable-for-good")
            assert "T" == completed(lab, case)[1]
