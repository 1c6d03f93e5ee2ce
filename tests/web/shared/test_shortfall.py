"""Whoever asked for what MailUp was needed for is told why it could not be had, and what would help, and no more."""

from datetime import timedelta

import pytest
from tests.web.outline import Outline
from tests.web.shared.conftest import ADA, PLACES

from mailup_oauth.adapters.web.shortfall import SHORTFALLS, page_of, shortfall
from mailup_oauth.adapters.web.visit import Visit
from mailup_oauth.domain import errors as er
from mailup_oauth.domain.errors import DeathCause, TrustFault
from mailup_oauth.testing.stage import Stage

VISIT = Visit(method="GET", query="", headers={}, cookies={}, wanted="/lists", who=ADA, places=PLACES)
WAIT = timedelta(milliseconds=1500)
CASES = {
    "connect": (er.ReauthorizationRequired(DeathCause.DISCONNECTED), 409, True, {}),
    "never connected": (er.NotConnected(DeathCause.NEVER_CONNECTED), 409, True, {}),
    "terms": (er.ContractNotSigned(), 409, False, {}),
    "keys": (er.ClientRejected("invalid_client"), 503, False, {}),
    "trust": (er.ServerNotTrusted(TrustFault.TLS_TOO_OLD, WAIT), 503, False, {"Retry-After": "2"}),
    "store": (er.StoreUnavailable("disk-7 is out"), 503, False, {}),
    "later": (er.TemporarilyUnavailable("timeout", WAIT), 503, False, {"Retry-After": "2"}),
    "now": (er.TemporarilyUnavailable("timeout"), 503, False, {}),
    "still": (er.StillRefreshing(), 503, False, {"Retry-After": "1"}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_shortfall_says_what_would_help(case):
    """409 is for what a person can put right, 503 for what they cannot; the wait is told in whole seconds, if known."""
    error, status, connects, headers = CASES[case]
    short = shortfall(error)
    detail = short.detail(VISIT)

    assert isinstance(error, SHORTFALLS)
    assert (status, connects, headers) == (short.status, short.connects, short.headers())
    assert (error.code, VISIT.reference) == (detail["code"], detail["reference"])
    assert (PLACES.status if connects else None) == detail.get("connect")
    assert "disk-7" not in f"{detail}"


@pytest.mark.parametrize("case", CASES)
def test_people_get_a_page(case):
    """It is well-formed, has the connect button only where that helps, and tells nothing of what is behind it."""
    error, status, connects, _ = CASES[case]
    answer = page_of(shortfall(error), Stage().oauth.core, VISIT)
    page = Outline(answer.body)

    assert status == answer.status
    assert [] == page.problems
    assert connects == (PLACES.begin in page.addresses())
    assert "disk-7" not in answer.body
