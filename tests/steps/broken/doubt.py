"""A client that takes a request without an answer for one that was refused."""

from mailup_oauth.domain import resume as usual
from mailup_oauth.domain.wire.outcomes import GrantRefused

usual._DIED = GrantRefused(error="invalid_grant")
