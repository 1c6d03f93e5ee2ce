"""What is explored: every fault there is a budget for, and the four ways to lose an authorization that the flow shuts."""

from datetime import timedelta

import attrs
from tests.exhaustive.server import Server
from tests.exhaustive.world import Plan

from mailup_oauth.domain.policy import PRODUCTION

FULL = {
    "strict": Plan(server=Server.STRICT),
    "grace": Plan(server=Server.GRACE),
    "short grace": Plan(server=Server.SHORT_GRACE),
}
"""Two rounds of each caller, two crashes, two lost messages, one early time-out."""

DAILY = {
    "strict, one round each": attrs.evolve(FULL["strict"], rounds=1),
    "grace, one round each": attrs.evolve(FULL["grace"], rounds=1),
    "strict, one crash and one loss": attrs.evolve(FULL["strict"], crashes=1, losses=1, timeouts=0),
    "grace, one crash and one loss": attrs.evolve(FULL["grace"], crashes=1, losses=1, timeouts=0),
    "short grace, one round and one fault each": Plan(server=Server.SHORT_GRACE, rounds=1, crashes=1, losses=1),
}
"""What CI has the time for: all faults and one round each, both rounds and fewer faults."""

IMPATIENT = attrs.evolve(PRODUCTION, settle=(timedelta(),) * len(PRODUCTION.settle))
_ONE_CRASH = Plan(server=Server.GRACE, crashes=1, losses=0, timeouts=0)

LOSING = {
    "no guard": attrs.evolve(_ONE_CRASH, crashes=0, has_guard=False),
    "no settling": attrs.evolve(_ONE_CRASH, policy=IMPATIENT),
    "no intent": attrs.evolve(_ONE_CRASH, is_intent_stored=False),
    "used before stored": attrs.evolve(_ONE_CRASH, stores_first=False),
}
"""The four ways, each on the server on which the true flow loses nothing, and with no more faults than it needs."""
