"""
Client and MailUp against each other, in whatever order steps, deaths, faults and settings of the clock can come.

By default so many lives are tried as fit into a few seconds.  For a night, let it try more and longer ones:
``MAILUP_OAUTH_LIVES=100000 MAILUP_OAUTH_STEPS=100 ./dev test tests/properties/test_client_and_mailup.py --timeout=0``
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from mailup_oauth.testing.simulation.machine import ClientAndMailUp

LIVES = int(os.environ.get("MAILUP_OAUTH_LIVES", "80"))
STEPS = int(os.environ.get("MAILUP_OAUTH_STEPS", "40"))


def test_no_order_of_events_breaks_a_promise():
    """I1 to I9 of docs/reliability.md hold at every step, and when peace comes everybody gets what is due to them."""
    run_state_machine_as_test(
        ClientAndMailUp,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
