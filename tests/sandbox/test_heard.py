"""What is remembered of requests: enough to see who asked for what, and nothing that could be a secret."""

import pytest

from mailup_oauth.adapters.transport.sandbox import MOST_HEARD
from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.commands import PlanFault
from mailup_oauth.sandbox.faults import LOST_ANSWER, Target
from mailup_oauth.sandbox.heard import LONGEST
from mailup_oauth.sandbox.messages import HungUp, Request
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH

LOG_ON = Door.LOG_ON.value


def last(play):
    """Return what was heard last."""
    return play.service.sight.heard[0]


def test_a_whole_life_is_heard(play):
    """Each request is there with its method, path, status and application, the newest first."""
    told = play.connect()
    play.info(told["access_token"])
    play.refresh(told["refresh_token"])
    heard = [(one.method, one.path, one.answered) for one in play.service.sight.heard]

    assert heard[::-1] == [
        ("GET", LOG_ON, 200),
        ("POST", LOG_ON, 200),
        ("POST", LOG_ON, 302),
        ("POST", TOKEN_PATH, 200),
        ("GET", INFO_PATH, 200),
        ("POST", TOKEN_PATH, 200),
    ]
    assert {play.client["client_id"]} == {one.client_id for one in play.service.sight.heard}
    assert {play.clock()} == {one.at for one in play.service.sight.heard}


def test_a_code_alone_tells_whose_it_is(play):
    """An exchange without client credentials is known by its code, and a guess is nobody's."""
    play.get(TOKEN_PATH, f"grant_type=authorization_code&code={play.code()}")

    assert play.client["client_id"] == last(play).client_id
    play.get(TOKEN_PATH, "grant_type=authorization_code&code=guess")
    assert "" == last(play).client_id


def test_a_client_that_is_named_is_heard(play):
    """The password grant and a client that only gives its name are known by it."""
    play.token(grant_type="password", username="m4321", password="canary-wrong", **play.client)

    assert play.client["client_id"] == last(play).client_id
    play.token(grant_type="refresh_token", refresh_token="guess", client_id="other")
    assert "other" == last(play).client_id


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LOG_ON, "client_id=canary-secret-in-the-wrong-place"),
        (TOKEN_PATH, "grant_type=refresh_token&refresh_token=x&client_id=canary-secret&client_secret=canary"),
        (TOKEN_PATH, "grant_type=refresh_token&refresh_token=x"),
        (INFO_PATH, "access_token=canary"),
        ("/elsewhere", "code=canary"),
    ],
)
def test_only_known_applications_are_named(play, path, query):
    """Whatever stands in the place of an id, and every query, is forgotten."""
    play.get(path, query)

    assert ("", path) == (last(play).client_id, last(play).path)
    assert "canary" not in repr(last(play))


def test_a_lost_answer_is_heard_as_one(play):
    """Where nothing was answered, that is what is remembered."""
    play.service.order(PlanFault(Target.TOKEN, LOST_ANSWER))
    play.token()

    assert HungUp() == last(play).answered


def test_a_long_path_is_cut(play):
    """Neither a long path nor a long method fills the memory."""
    play.service.handle(Request(method="M" * 1000, path="/" * 1000))

    assert (LONGEST, LONGEST) == (len(last(play).method), len(last(play).path))


def test_a_flood_is_forgotten(play):
    """No more than a thousand requests are remembered, and the newest are among them."""
    for _ in range(MOST_HEARD + 1):
        play.get("/elsewhere")
    play.get("/last")

    assert (MOST_HEARD, "/last") == (len(play.service.sight.heard), last(play).path)
