"""What follows when MailUp's API says no: a renewal and a repeat if the token is to blame, and nothing otherwise."""

from datetime import timedelta

import httpx
import pytest

from mailup_oauth import NotConnected, ReauthorizationRequired, TemporarilyUnavailable
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.commands import SignContract, UnsignContract
from mailup_oauth.sandbox.events import TokensRotated
from mailup_oauth.sandbox.faults import Throttle
from mailup_oauth.testing.stage import CONNECTION, Stage

INFO = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"


def tried(wire, stage):
    """Return how many API requests left, and how often the tokens were renewed."""
    return len(wire.left), stage.happened(TokensRotated)


def test_a_good_token_is_sent_and_nothing_else_happens(program, wire, stage):
    """An API call with a token that works is one request."""

    assert ("m1", (1, 0)) == (program.ask().json()["Username"], tried(wire, stage))


def test_an_expired_token_is_renewed_before_it_is_sent(program, wire, stage):
    """A token that is over by the clock does not leave."""
    stage.expire()

    assert ("m1", (1, 1)) == (program.ask().json()["Username"], tried(wire, stage))


def test_a_token_that_was_refused_is_renewed_and_the_request_repeated(program, wire, stage, outlived):
    """When MailUp ends a token early the caller gets the answer, and no 401."""
    outlived(stage)
    before = program.held()
    answer = program.ask()

    assert ("m1", [401]) == (answer.json()["Username"], [one.status_code for one in answer.history])
    assert [before, program.held()] == wire.shown


def test_sec_41_an_api_that_always_says_401_gets_one_repeat(program, wire, stage):
    """A 401 leads to one refresh and one repeat; the second 401 is the caller's."""
    wire.answers += [httpx.Response(401, content=b"first"), httpx.Response(401, content=b"second")]
    answer = program.ask()

    assert (401, b"second", (2, 1)) == (answer.status_code, answer.content, tried(wire, stage))


def test_sec_41_a_400_that_blames_the_token_counts_as_one(program, wire, stage):
    """A token that MailUp does not know is refused with 400, in MailUp's own words, and renewed all the same."""
    wire.answers.append(Stage(seed="another MailUp").sandbox)
    answer = program.ask()

    assert ("m1", 400, (2, 1)) == (answer.json()["Username"], answer.history[0].status_code, tried(wire, stage))


def test_sec_41_a_400_that_blames_the_token_as_rfc_6750_has_it_counts_too(program, wire, stage):
    """So does a 400 whose challenge says ``invalid_token``."""
    challenge = {"WWW-Authenticate": 'Bearer realm="API", error="invalid_token"'}
    wire.answers.append(httpx.Response(400, headers=challenge))

    assert ("m1", (2, 1)) == (program.ask().json()["Username"], tried(wire, stage))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"json": {"ErrorDescription": "The list is not there"}}),
        (400, {"content": b"\xff\x00"}),
        (403, {"json": {"ErrorDescription": "Invalid or malformed token"}}),
        (403, {"headers": {"WWW-Authenticate": 'Bearer error="invalid_token"'}}),
        (404, {"json": {"ErrorDescription": "Invalid or malformed token"}}),
        (429, {"headers": {"Retry-After": "1"}}),
        (500, {"json": {"ErrorDescription": "Invalid or malformed token"}}),
    ],
)
def test_sec_41_any_other_refusal_is_the_callers(program, wire, stage, status, said):
    """What does not blame the token with 400 or 401 costs no token and is not repeated."""
    wire.answers.append(httpx.Response(status, **said))

    assert (status, (1, 0)) == (program.ask().status_code, tried(wire, stage))


def test_sec_41_what_the_user_may_not_do_is_not_about_the_token(program, wire, stage):
    """MailUp's 403 for terms that are not accepted is untouched, and the same token works afterwards."""
    stage.sandbox.order(UnsignContract("m1"))
    statuses = [program.ask().status_code]
    stage.sandbox.order(SignContract("m1"))
    statuses.append(program.ask().status_code)

    assert ([403, 200], (2, 0)) == (statuses, tried(wire, stage))


def test_too_many_requests_are_the_callers_business(program, wire, stage):
    """MailUp's 429 is passed on as it came."""
    stage.switch(sw.Switches(retry_after=sw.Told(timedelta(seconds=2)), calls_per_second=1))
    stage.clock.move(timedelta(seconds=1))
    answers = [program.ask() for _ in range(2)]

    assert [(200, None), (429, "2")] == [(one.status_code, one.headers.get("Retry-After")) for one in answers]
    assert (2, 0) == tried(wire, stage)


def test_a_newer_token_is_used_without_a_refresh(program, wire, stage):
    """Who is told 401 for a token that somebody else has renewed meanwhile repeats with the new one."""

    def answer(_):
        stage.oauth.refresh(CONNECTION)
        return httpx.Response(401)

    wire.answers.append(answer)

    assert ("m1", (2, 1)) == (program.ask().json()["Username"], tried(wire, stage))


@pytest.mark.parametrize("what", ["never-connected", "revoked", "throttled"])
def test_why_there_is_no_token_surfaces_from_the_request(program, wire, stage, what):
    """A request for which there is no token does not leave, and raises what ``access_token`` raises."""
    stage.expire()
    deed, error = {
        "never-connected": (lambda: stage.oauth.disconnect(CONNECTION), NotConnected),
        "revoked": (stage.revoke, ReauthorizationRequired),
        "throttled": (lambda: stage.plan(Throttle()), TemporarilyUnavailable),
    }[what]
    deed()
    with pytest.raises(error) as caught:
        program.ask()

    assert ([], None, None) == (wire.left, caught.value.__cause__, caught.value.__context__)


def test_why_there_is_no_newer_token_surfaces_from_the_request(program, wire, stage):
    """After a 401 that no refresh can mend the caller is told what to do, in place of the 401."""
    stage.revoke()
    with pytest.raises(ReauthorizationRequired) as caught:
        program.ask()

    assert ((1, 0), None, None) == (tried(wire, stage), caught.value.__cause__, caught.value.__context__)


def test_sec_48_no_token_request_is_seen_by_the_clients_own_eyes(program, wire, stage, outlived):
    """Hooks and history see the API's requests, and none of those that hold the client secret."""
    outlived(stage)
    seen = []
    answer = program.ask(settings=program.watching(seen))

    assert [INFO] * program.sights == seen
    assert ([INFO], 2) == ([str(one.url) for one in answer.history], stage.happened(TokensRotated))


@pytest.mark.parametrize(("sync", "other"), [("httpx", "async-httpx"), ("httpx2", "async-httpx2")])
def test_a_client_of_the_other_kind_is_told_so(stage, wire, ways, sync, other):
    """An auth that would block a loop, or has nothing to await with, says which one to take."""
    sync, other = (ways[name](stage, wire) for name in (sync, other))
    settings = [{"auth": one.auth()} for one in (sync, other)]

    with pytest.raises(TypeError, match="AsyncClient wants AsyncMailUpAuth, made with an AsyncMailUpOAuth"):
        other.ask(settings=settings[0])
    with pytest.raises(TypeError, match="Client wants MailUpAuth, made with a MailUpOAuth"):
        sync.ask(settings=settings[1])

    assert [] == wire.left
