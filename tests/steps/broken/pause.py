"""A client that gives a request in doubt no time to settle."""

from datetime import timedelta

import attrs
from tests.steps import life

life.POLICY = attrs.evolve(life.POLICY, settle=(timedelta(),) * 3)
