"""Cases of the fault matrix, done to the simulation on purpose, one by one; seeds meet them in company, and by chance."""

import pytest

from mailup_oauth.domain.wire.http import HttpRequest
from mailup_oauth.testing.simulation.facts import Answered, Befell, Departed
from mailup_oauth.testing.simulation.founding import PROCESSES
from mailup_oauth.testing.simulation.seeded.outcomes import outcome_of
from mailup_oauth.testing.simulation.seeded.plan import read_plan
from mailup_oauth.testing.simulation.seeded.playing import Kept, played


def want(process="one", moves=-1):
    """Return the words for somebody who wants a token, and is followed for so many moves, or to the end."""
    return f"WantToken process={process} connection=acme moves={moves}"


def come(process="two", place=0, binding="own", moves=-1):
    """Return the words for a browser that comes back."""
    return f"Complete process={process} place={place} binding={binding} moves={moves}"


def part(process="two", moves=-1):
    """Return the words for somebody who disconnects."""
    return f"Part process={process} connection=acme moves={moves}"


ALL = "TakeTurns turns=-1"
CROWD = " ; ".join((*(want(process, 2) for process in PROCESSES), ALL))
KILL = "Kill process=one"
BEGIN = "Begin process=one connection=acme rule=same-user moves="
VISIT = "Visit user=m1 answer=Allow place="
GONE = f"{BEGIN}-1 ; {VISIT}0"
LOGIN = "Authorize process=one connection=acme user=m1 moves="
MEET = "MeetTrouble target=token trouble="
HABIT = "TakeHabit habit="
REVOKE = "Revoke user=m1 effect=immediate"
LATER = "PassTime seconds=400"
LOST, REFUSED, NO_CODE = (
    f"reauthorize: {why}" for why in ("rotation-outcome-lost", "refresh-token-refused", "exchange-outcome-lost")
)
UNREAD = "try later: not-understood"
ENDED = "not connected: disconnected"

NEVER_LEFT = {
    "N01": ("name-not-found", "try later: name-not-found"),
    "N02-refused": ("connection-refused", "try later: connection-refused"),
    "N02-no-way": ("unreachable", "try later: unreachable"),
    "N03": ("connect-timeout", "try later: connect-timeout"),
    "N04-reset": ("tls", "try later: tls"),
    "N04-another-host": ("certificate-for-another-host", "server not trusted"),
    "N04-out-of-date": ("certificate-out-of-date", "server not trusted"),
    "N04-unknown": ("certificate-issuer-unknown", "server not trusted"),
    "N04-too-old": ("tls-too-old", "server not trusted"),
}
"""Why a request does not leave, and what the caller gets."""

TROUBLES = {
    "N13": ("500", "SERVER_ERROR, request, token"),
    "N13-obeyed": ("504-obeyed", f"SERVER_ERROR_OBEYED, request, {LOST}"),
    "N14": ("503-wait-20", "SERVER_ERROR, try later: unanswered"),
    "N15": ("429", "THROTTLED, try later: rate-limited"),
    "N15-told": ("429-wait-30", "THROTTLED, try later: rate-limited"),
}
"""What a request meets, and what comes of it."""

KILLED_IN_A_LOGIN = {
    "P04": (4, "KILLED_READING, request, connected"),
    "P05": (6, "KILLED_STORING, request, connected"),
    "P06": (7, f"KILLED_SENDING, {NO_CODE}"),
    "P07": (8, f"request, KILLED_THERE, {NO_CODE}"),
    "P08": (9, f"request, KILLED_BACK, {NO_CODE}"),
    "P09": (11, f"request, KILLED_STORING, {NO_CODE}"),
    "P11": (20, "request, connected"),
}
KILLED_IN_A_REFRESH = {
    "P12": (0, "KILLED_AT_GATE, request, token"),
    "P13": (3, "KILLED_STORING, request, token"),
    "P14": (4, "KILLED_SENDING, request, token"),
    "P16": (5, "request, KILLED_THERE, request, token"),
    "P17": (6, f"request, KILLED_BACK, request, {LOST}"),
    "P19": (8, f"request, KILLED_STORING, request, {LOST}"),
    "P21": (9, "request, KILLED_READING, token"),
    "P22": (10, "request, token"),
}
"""After how many moves somebody is killed, and what comes of it when the next one asks."""

ENDS = {
    **{case: (f"CutOff fault={fault} ; {want()}", f"NEVER_LEFT, {told}") for case, (fault, told) in NEVER_LEFT.items()},
    **{case: (f"{MEET}{what} ; {want()}", f"request, {told}") for case, (what, told) in TROUBLES.items()},
    **{
        case: (f"{LOGIN}{moves} ; {KILL} ; {come()}", f"sent to MailUp, {told}")
        for case, (moves, told) in KILLED_IN_A_LOGIN.items()
    },
    **{
        case: (f"{want(moves=moves)} ; {KILL} ; {want('two')}", told)
        for case, (moves, told) in KILLED_IN_A_REFRESH.items()
    },
    "P01": (f"{BEGIN}1 ; {KILL} ; {BEGIN}-1", "KILLED_STORING, sent to MailUp"),
    "P02": (f"{BEGIN}2 ; {KILL} ; {BEGIN}-1", "sent to MailUp"),
    "P03": (f"{GONE} ; {KILL} ; {come('one')}", "sent to MailUp, request, connected"),
    "P16-late": (
        f"{want(moves=5)} ; {KILL} ; Stray ; {want('two')}",
        f"request, KILLED_THERE, ARRIVED_LATE, request, {LOST}",
    ),
    "P17-grace": (
        f"{HABIT}grace-60 ; {want(moves=6)} ; {KILL} ; {want('two')}",
        "request, KILLED_BACK, request, token",
    ),
    "P23-before": (f"{part('one', 1)} ; {KILL} ; {part()}", "KILLED_STORING, disconnected"),
    "P23-after": (f"{part('one', 2)} ; {KILL} ; {part()} ; {want()}", f"disconnected, {ENDED}"),
    "P24": (
        f"{want(moves=5)} ; {KILL} ; {want('two', 6)} ; Kill process=two ; {want('three')}",
        "request, KILLED_THERE, KILLED_PAUSING, request, token",
    ),
    "N06": (f"{want(moves=1)} ; Sever place=0 moves=0 ; {ALL}", "request, BROKE_THERE, request, token"),
    "N07": (f"{want(moves=1)} ; Sever place=0 moves=1 ; {ALL}", f"request, BROKE_BACK, request, {LOST}"),
    "N10": (f"{MEET}slow-59 ; {want(moves=5)} ; Leave place=0 ; {ALL} ; {want('two')}", "request, LEFT, SLOW, token"),
    "N17": (f"{HABIT}errors-with-200 ; {REVOKE} ; {want()}", f"REVOKED, request, {REFUSED}"),
    "N26": (f"{REVOKE} ; {want()}", f"REVOKED, request, {REFUSED}"),
    "N28": (
        f"KeepSecret keeping=wrongly ; {want()} ; KeepSecret keeping=well ; {LATER} ; {want()}",
        "KEYS_WRONG, request, client rejected, request, token",
    ),
    "N29": (
        f"{HABIT}errors-html ; {REVOKE} ; {want()} ; {LATER} ; {want()} ; {LATER} ; {want()}",
        f"REVOKED, request, {UNREAD}, request, {UNREAD}, request, reauthorize: answers-not-understood",
    ),
    "N32": (f"{HABIT}grace-60 ; {MEET}answer-lost ; {want()}", "request, ANSWER_LOST, request, token"),
    "C01": (f"{want()} ; SetClock host=0 seconds=-3600 ; {want()}", "request, token, SET_BACK, request, token"),
    "C02": (
        f"{want()} ; SetClock host=0 seconds=86400 ; {want()} ; {want('two')}",
        "request, token, SET_FORWARD, request, token, token",
    ),
    "C06-none-left": (f"{HABIT}access-born-expired ; {want()}", "request, try later: born-expired"),
    "C06-not-told": (f"{HABIT}life-missing ; {want()}", "request, token"),
    "S01": (f"FailStore failing=before after=0 ; {want()}", "COMMIT_FAILED, store unavailable"),
    "S02": (f"FailStore failing=before after=1 ; {want()}", "request, COMMIT_FAILED, token"),
    "S03-before": (f"TakeStoreAway seconds=61 ; {want()}", "STORE_AWAY, store unavailable"),
    "S03-after": (f"{want(moves=6)} ; TakeStoreAway seconds=5 ; {ALL}", "request, STORE_AWAY, token"),
    "S08-intent": (f"FailStore failing=after after=0 ; {want()}", "COMMIT_UNKNOWN, store unavailable"),
    "S08-answer": (f"FailStore failing=after after=1 ; {want()}", "request, COMMIT_UNKNOWN, token"),
    "K01": (CROWD, "request, token, token, token"),
    "K02": (f"{REVOKE} ; {CROWD}", f"REVOKED, request, {REFUSED}, {REFUSED}, {REFUSED}"),
    "K04": (f"{want(moves=4)} ; {want('two', 0)} ; {KILL} ; {ALL}", "KILLED_SENDING, request, token"),
    "K05": (
        f"{GONE} ; {come('one', moves=6)} ; {come(moves=6)} ; {ALL}",
        "sent to MailUp, request, connected, connected",
    ),
    "K06": (
        f"{BEGIN}-1 ; {BEGIN}-1 ; {VISIT}0 ; {VISIT}1 ; {come()} ; {come(place=1)}",
        "sent to MailUp, sent to MailUp, request, connected, request, connected",
    ),
    "K07": (
        f"{want(moves=5)} ; {LOGIN}-1 ; {ALL} ; {want('two')}",
        "request, sent to MailUp, token, request, connected, token",
    ),
    "K08": (f"{want(moves=5)} ; {part()} ; {ALL} ; {want('two')}", f"request, disconnected, {ENDED}, {ENDED}"),
    "M08": (
        f"{GONE} ; {come(binding='strange')} ; {come()}",
        "sent to MailUp, callback refused: another-browser, request, connected",
    ),
    "M09": (f"{GONE} ; {come()} ; {come()}", "sent to MailUp, request, connected, connected"),
}
"""What is done in a case to somebody whose access token has ended, and what comes of it: mishaps, requests, answers."""


def come_of(actions):
    """Return what comes of a plan: mishaps, requests for tokens, and what callers got until peace is made."""
    plan = read_plan(f"Plan seed=1 dawn=connected-1 ending=liveness ; PassTime seconds=3660 ; {actions}")
    told, begun = [], []

    def watch(_, fact):
        match fact:
            case _ if begun[-1] == len(plan.actions):
                return
            case Befell(what=what):
                told.append(what.name)
            case Departed(request=HttpRequest(method="POST")):
                told.append("request")
            case Answered(answer=answer):
                told.append(outcome_of(answer))

    assert Kept() == played(plan, watch=watch, begin=begun.append)
    return ", ".join(told)


@pytest.mark.parametrize(("actions", "told"), ENDS.values(), ids=ENDS)
def test_fault_what_is_done_on_purpose_ends_as_the_matrix_says(actions, told):
    """The case strikes where it is said to, it ends so, and when peace comes everybody gets what is due to them."""
    assert told == come_of(actions)
