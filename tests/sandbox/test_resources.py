"""The API side: who may call, how often, and in which bytes no is said."""

from datetime import timedelta

import pytest

from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.commands import SignContract, UnsignContract
from mailup_oauth.sandbox.messages import Request
from mailup_oauth.sandbox.resources import INFO_PATH, LISTS_PATH
from mailup_oauth.sandbox.router import TOKEN_PATH
from mailup_oauth.sandbox.switches import BadTokenStatus, OverLimit, Told

EXPIRED = (
    b'{"ErrorCode":"401","ErrorDescription":"Authorization error: Access token is expired",'
    b'"ErrorName":"Unauthorized","ErrorStack":null}'
)
UNSIGNED = (
    b'{"ErrorCode":"403","ErrorDescription":"Authorization error: Contract not signed, please login in console and'
    b' accept terms of service.","ErrorName":"Forbidden","ErrorStack":null}'
)
TOO_MANY = (
    b'{"ErrorCode":"429","ErrorDescription":"Authorization error (too_many_requests): Too many requests. Max:5 calls'
    b' per second , actual:7.","ErrorName":null,"ErrorStack":null}'
)
INFO = (
    b'{"AccountName":"","Company":"Example Srl","ExpiryDate":"2030-01-31 00:00:00.000","IsTrial":false,"UID":"321",'
    b'"Url":"https://a1b2.emailsp.example","Username":"m4321","Version":"9.0.0"}'
)


def test_info_tells_who_the_user_is(play):
    """The eight documented members come in MailUp's order and types."""
    answer = play.info(play.connect()["access_token"])

    assert (answer.status, answer.body) == (200, INFO)


@pytest.mark.parametrize("life", [timedelta(minutes=15), timedelta(hours=1)])
def test_an_access_token_ends_by_its_clock(play, life):
    """At the end of its life, to the microsecond, a token is expired, in MailUp's bytes."""
    token = play.switch(access_life=life).connect()["access_token"]
    play.clock.moment += life - timedelta(microseconds=1)
    assert play.info(token).status == 200
    play.clock.move(microseconds=1)
    answer = play.info(token)

    assert (answer.status, answer.body) == (401, EXPIRED)


@pytest.mark.parametrize("status", list(BadTokenStatus))
@pytest.mark.parametrize("header", ["", "Bearer guess", "MailUp {}", "bearer {}", "Basic {}"])
def test_only_a_bearer_is_heard(play, header, status):
    """Any other scheme, and any token nobody has, is malformed; with the status that is switched on."""
    token = play.switch(bad_token_status=status).connect()["access_token"]
    answer = play.get(INFO_PATH, authorization=header.format(token))

    assert (status.value, True) == (answer.status, b"Invalid or malformed token" in answer.body)


def test_five_calls_a_second_are_allowed(play):
    """The sixth call of a second is refused, refused ones count, and the next second is free."""
    token = play.connect()["access_token"]
    statuses = [play.info(token).status for _ in range(6)]
    seventh = play.info(token)

    assert statuses == [200] * 5 + [429]
    assert (seventh.body, "retry-after" in dict(seventh.headers)) == (TOO_MANY, False)
    play.clock.move(seconds=1)
    assert play.info(token).status == 200


def test_the_limit_may_speak_as_before_2018(play):
    """Under ``403-old`` too many calls are forbidden, and the text is the only difference from other 403s."""
    token = play.switch(over_limit=OverLimit.FORBIDDEN, calls_per_second=1).connect()["access_token"]
    play.info(token)
    answer = play.info(token)

    assert (answer.status, b'"ErrorName":"Forbidden"' in answer.body) == (403, True)


def test_the_limit_may_tell_when_to_come_again(play):
    """A span that is told is rounded up to whole seconds."""
    token = play.switch(retry_after=Told(timedelta(seconds=1.2)), calls_per_second=1).connect()["access_token"]
    play.info(token)

    assert dict(play.info(token).headers)["retry-after"] == "2"


def test_a_clock_that_was_set_back_shuts_nobody_out(play):
    """The limiter begins a new second when time runs backwards."""
    token = play.switch(calls_per_second=1).connect()["access_token"]
    play.info(token)
    play.clock.move(days=-1)

    assert play.info(token).status == 200


def test_an_unsigned_contract_forbids_until_it_is_signed(play):
    """Without accepted terms every call is 403, in MailUp's bytes; signing opens it again with the same token."""
    token = play.connect()["access_token"]
    play.service.order(UnsignContract("m4321"))
    answer = play.info(token)

    assert (answer.status, answer.body) == (403, UNSIGNED)
    play.service.order(SignContract("m4321"))
    assert play.info(token).status == 200


@pytest.mark.parametrize("order", [SignContract("nobody"), UnsignContract("nobody")])
def test_a_contract_with_nobody_changes_nothing(play, order):
    """An order about a user who does not exist is obeyed by doing nothing."""
    play.service.order(order)

    assert play.service.events == ()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", Door.LOG_ON.value, 405),
        ("PUT", TOKEN_PATH, 405),
        ("POST", INFO_PATH, 405),
        ("DELETE", LISTS_PATH, 405),
        ("GET", "/authorization/oauth/token", 404),
    ],
)
def test_other_paths_and_methods_are_not_there(play, method, path, status):
    """MailUp's paths are spelled as MailUp spells them, and take the methods they take."""
    assert status == play.service.handle(Request(method=method, path=path)).status
