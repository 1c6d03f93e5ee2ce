"""A client that leaves open what a dead process left open."""

from mailup_oauth.domain.resume import NothingOwed
from mailup_oauth.engine import carry

carry.resume = lambda *_: NothingOwed()
