"""Everything that goes wrong in a simulation, by name; the rows of the table that shows what a run has met."""

import enum
from typing import Final

from ...domain.wire.http import Ending
from ...engine import Step
from ...engine.steps import DropSpill, Find, KeepSpill, Load, Pause, Save, Send, SetSpillAside
from ...sandbox.faults import CutBody, Done, Fault, GatewayPage, HangUp, Redirect, Slow, Throttle


@enum.unique
class Mishap(enum.Enum):
    """What went wrong, at the moment at which it did."""

    NEVER_LEFT = "request never left"
    BROKE_THERE = "connection broke before MailUp"
    BROKE_BACK = "connection broke behind MailUp"
    TIMED_OUT = "no answer in time"
    ARRIVED_LATE = "request came after it was given up"
    CAME_TWICE = "request came twice"
    ASKED_AGAIN = "request came twice, second answer"
    REPLICA = "replica refused a good token"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    THROTTLED = "429"
    PAGE_INSTEAD = "page with 200"
    SERVER_ERROR = "5xx, not obeyed"
    SERVER_ERROR_OBEYED = "5xx, obeyed"
    REDIRECTED = "redirect"
    TRUNCATED = "body truncated"
    CUT = "body cut by a reset"
    SLOW = "answer held back"
    LOAD_FAILED = "store failed to read"
    COMMIT_FAILED = "commit failed"
    COMMIT_UNKNOWN = "commit made, not told"
    COMMIT_LATE = "commit made later, not told"
    STORE_AWAY = "store away"
    SPILL_FAILED = "spill failed"
    KILLED_AT_GATE = "killed at the guard"
    KILLED_READING = "killed before reading"
    KILLED_STORING = "killed before storing"
    KILLED_SPILLING = "killed before spilling"
    KILLED_DROPPING = "killed before dropping a spill"
    KILLED_PAUSING = "killed in a pause"
    KILLED_SENDING = "killed before sending"
    KILLED_THERE = "killed, request on its way"
    KILLED_BACK = "killed, answer on its way"
    SET_FORWARD = "clock set forward"
    SET_BACK = "clock set back"
    RUNS_FAST = "clock runs fast"
    RUNS_SLOW = "clock runs slow"
    KEYS_GONE = "application's secret not had"
    KEYS_WRONG = "application's secret wrong"
    LEFT = "caller left"
    REVOKED = "permission taken back"
    UNSIGNED = "contract lapsed"


_SERVER_ERRORS: Final = 500


def of_fault(fault: Fault) -> Mishap:
    """Return the name of what a request met."""
    match fault:
        case HangUp(done=done):
            return Mishap.ANSWER_LOST if done is Done.COMMITTED else Mishap.REQUEST_LOST
        case Throttle():
            return Mishap.THROTTLED
        case GatewayPage(status=status, done=done):
            if status < _SERVER_ERRORS:
                return Mishap.PAGE_INSTEAD
            return Mishap.SERVER_ERROR_OBEYED if done is Done.COMMITTED else Mishap.SERVER_ERROR
        case Redirect():
            return Mishap.REDIRECTED
        case CutBody(ending=ending):
            return Mishap.CUT if ending is Ending.CUT else Mishap.TRUNCATED
        case Slow():
            return Mishap.SLOW


def of_death_before(step: Step[object]) -> Mishap:
    """Return the name of a death just before a step that others could notice."""
    match step:
        case Load() | Find():
            return Mishap.KILLED_READING
        case Save():
            return Mishap.KILLED_STORING
        case KeepSpill():
            return Mishap.KILLED_SPILLING
        case DropSpill() | SetSpillAside():
            return Mishap.KILLED_DROPPING
        case Pause():
            return Mishap.KILLED_PAUSING
        case Send():
            return Mishap.KILLED_SENDING
        case _:
            raise TypeError(step)
