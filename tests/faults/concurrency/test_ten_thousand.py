"""Ten thousand connections that were made in one minute, and end in one: renewals are spread, and everybody has a token."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.concurrency.town import lived

TOWN = Path(__file__).with_name("town.py")
COUNT = 10_000
NO_LIMIT = 10**9
PATIENCE = 600
"""Seconds that a machine may need for it, which has other things to do; it is a minute where it has not."""


@pytest.mark.timeout(PATIENCE + 10)
def test_fault_K12_renewals_that_fall_due_together_are_spread_and_each_is_one_request():
    """Due over more than three minutes instead of one, in no crowd; used within one minute, each has T for one request."""
    words = [sys.executable, str(TOWN), str(COUNT), str(NO_LIMIT)]
    told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout)

    assert told["seconds over which renewals were due"] > 180
    assert told["most due in one second"] < 2 * COUNT / 180
    assert told["seconds until the last had a token"] < 60
    assert {"asked": COUNT, "sent": COUNT, "refused": 0, "rotations": COUNT, "reuses": 0}.items() <= told.items()


def test_fault_K12_and_N15_where_mailup_takes_fewer_than_ask_everybody_has_a_token_in_the_end():
    """
    MailUp takes one in a second where five ask in three: all have T in the end, and few are refused.

    One refusal is heard by all connections of the client.  When each had to hear its own, five of six requests were refused.
    """
    told = lived(100, 1)

    assert {"rotations": 100, "reuses": 0}.items() <= told.items()
    assert told["sent"] - told["refused"] == 100
    assert told["refused"] < 100
    assert told["seconds until the last had a token"] < 2 * 100
