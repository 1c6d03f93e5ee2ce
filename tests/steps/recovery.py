"""What a fresh process makes of an installation in which another one died, and whether that is as it must be."""

import os

from tests.steps import referee as r

EVERY = os.environ.get("MAILUP_OAUTH_EVERY_STEP") == "1"
"""Whether the deaths that CI only samples are tried at every step, and the loop in the recovery from every step."""

PURE = ("clock.now", "entropy.", "cipher.", "marker.")
"""Calls between which nothing can change that outlasts the process."""

AFTER = ("store.commit", "transport.send", "spill.keep", "spill.drop", "guard.take", "guard.give")
"""Calls that change something: a death after them is another one than before them."""


def points(calls, *, all_of_them):
    """Return where something can happen in a life of these calls: a number, and whether before that call or after it."""
    for number, call in enumerate(calls, start=1):
        if all_of_them or not call.startswith(PURE):
            yield number, "kill"
        if call in AFTER:
            yield number, "kill-after"


def refreshed(lab, case):
    """
    Let a fresh process see to a token in an installation where something has happened.

    Return what it found, and how that ended: with a token, or with a definite end where MailUp takes nothing that is held.
    """
    found = r.look(case)
    ended = lab.live(case, "use_patiently")
    assert 0 == ended.code
    said, must = ended.said, r.must_end(found)
    assert must == {name: said[name] for name in must}
    if said["end"] == "T":
        r.check_token(case, said)
    _settled(case, found, said)
    r.check_repetition(case, said)
    return found, said["end"]


def completed(lab, case):
    """
    Let a fresh process get the callback of an installation where something has happened; whoever must begin again, can.

    Return what it found, and how that ended.
    """
    found = r.look(case)
    ended = lab.live(case, "complete_patiently")
    assert 0 == ended.code
    assert r.must_come_to(found) == ended.said
    _settled(case, found, ended.said)
    r.check_reload(case, ended.said)
    if ended.said != {"end": "T"}:
        r.begin_again(case)
    with case.client() as oauth:
        r.check_token(case, r.asked(oauth))
    return found, ended.said["end"]


def _settled(case, found, said):
    """Check what must be true however it ended."""
    r.check_stderr(case)
    r.check_record(case, said)
    r.check_locks(case)
    after = r.look(case)
    assert found.generation <= after.generation
    assert not after.is_spilled
