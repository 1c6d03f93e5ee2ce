"""Which case of docs/faults.md a fault is, by where it strikes."""

from tests.exhaustive import world as w
from tests.exhaustive.replay import NONE, Landed

from mailup_oauth.engine import steps as t

CUT_OFF, UNHEARD = "is cut off", "hears nothing"
LOSSES = {
    (CUT_OFF, "request"): "N06",
    (CUT_OFF, "answer"): "N07",
    (UNHEARD, "request"): "N09",
    (UNHEARD, "answer"): "N09",
}


def of_death(caller, stored, shelf, flows):
    """Return the case of a process that dies now."""
    if caller.at == w.LANDED:
        return "P22"
    leg = flows.legs[caller.leg]
    if leg.kind is t.Send:
        return {w.NOTHING: "P14", w.ASKED: "P16"}.get(caller.wire[0], "P17")
    if leg.kind is Landed:
        return "P21"
    if leg.heard:
        return "P19"
    if leg.meant == NONE and shelf.intents[stored]:
        return "P24"
    return "P13" if leg.meant == NONE and leg.told == NONE else ""
