"""Faults on demand: where they strike, what was done before, and that they strike once."""

from datetime import timedelta

import pytest

from mailup_oauth.domain.wire.http import Ending
from mailup_oauth.sandbox import events
from mailup_oauth.sandbox.commands import PlanFault
from mailup_oauth.sandbox.faults import (
    LOST_ANSWER,
    LOST_REQUEST,
    CutBody,
    Done,
    GatewayPage,
    Redirect,
    Slow,
    Target,
    Throttle,
)
from mailup_oauth.sandbox.messages import HungUp
from mailup_oauth.sandbox.switches import Told


def plan(play, fault, target=Target.TOKEN):
    """Order *fault* for the next request at *target*."""
    play.service.order(PlanFault(target, fault))


@pytest.mark.parametrize(("fault", "rotations"), [(LOST_ANSWER, 1), (LOST_REQUEST, 0)])
def test_a_lost_answer_and_a_lost_request_look_alike(play, fault, rotations):
    """Both end in silence; after one MailUp has rotated, after the other it has not."""
    token = play.connect()["refresh_token"]
    plan(play, fault)

    assert HungUp() == play.refresh(token)
    assert rotations == play.happened(events.TokensRotated)
    assert (400 if rotations else 200) == play.refresh(token).status


@pytest.mark.parametrize("status", [500, 502, 503, 504, 200])
@pytest.mark.parametrize("done", list(Done))
def test_a_gateway_answers_in_mailups_place(play, status, done):
    """A page of HTML comes with any status, whether or not the request was obeyed."""
    token = play.connect()["refresh_token"]
    plan(play, GatewayPage(status=status, done=done, wait=Told(timedelta(seconds=7))))
    answer = play.refresh(token)

    assert (status, "7") == (answer.status, dict(answer.headers)["retry-after"])
    assert answer.body.startswith(b"<html>")
    assert (done is Done.COMMITTED) == play.happened(events.TokensRotated)


@pytest.mark.parametrize(("fault", "header"), [(Throttle(), None), (Throttle(wait=Told(timedelta(seconds=30))), "30")])
def test_the_token_endpoint_may_be_throttled(play, fault, header):
    """429 comes with or without a ``Retry-After``, and nothing is obeyed."""
    token = play.connect()["refresh_token"]
    plan(play, fault)
    answer = play.refresh(token)

    assert (429, header) == (answer.status, dict(answer.headers).get("retry-after"))
    assert play.refresh(token).status == 200


def test_the_token_endpoint_may_redirect(play):
    """A 302 leads elsewhere."""
    plan(play, Redirect(location="https://elsewhere.example/"))
    answer = play.token()

    assert (answer.status, answer.headers) == (302, (("location", "https://elsewhere.example/"),))


@pytest.mark.parametrize("ending", [Ending.WHOLE, Ending.CUT])
def test_a_body_may_be_cut(play, ending):
    """The request is obeyed, and only the beginning of the answer comes."""
    token = play.connect()["refresh_token"]
    plan(play, CutBody(keep=20, ending=ending))
    answer = play.refresh(token)

    assert (200, 20, ending) == (answer.status, len(answer.body), answer.ending)
    assert play.happened(events.TokensRotated) == 1


def test_an_answer_may_be_slow(play):
    """The delay is told, not waited for."""
    plan(play, Slow(delay=timedelta(seconds=9)))

    assert timedelta(seconds=9) == play.token(grant_type="nonsense").delay


def test_faults_strike_in_order_and_where_they_were_planned(play):
    """A fault waits for its own target, and each strikes once."""
    told = play.connect()
    plan(play, Throttle(), Target.RESOURCE)
    plan(play, GatewayPage(status=502))
    plan(play, GatewayPage(status=503))

    assert [play.refresh(told["refresh_token"]).status for _ in range(3)] == [502, 503, 200]
    assert [play.info(told["access_token"]).status for _ in range(2)] == [429, 200]
    assert (play.happened(events.FaultPlanned), play.happened(events.FaultMet)) == (3, 3)
