"""What a token request brought and must not be lost: tokens, and the request that they answer."""

from attrs import frozen

from ..domain.attempts import AttemptId
from ..domain.wire.outcomes import Granted, Salvaged
from ..domain.work import Intent


@frozen(kw_only=True)
class ExchangeReceived:
    """The code of *attempt* brought tokens."""

    attempt: AttemptId
    answer: Granted | Salvaged


@frozen(kw_only=True)
class RefreshReceived:
    """The refresh token of *intent* brought its successor."""

    intent: Intent
    answer: Granted | Salvaged


Received = ExchangeReceived | RefreshReceived
