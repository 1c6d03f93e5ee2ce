"""Of all that callers see of a connection, in whatever order they come to tell it, the newest is the picture (I9)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth import AccessToken
from mailup_oauth.client.pictures import Picture, Pictures
from mailup_oauth.domain import commands as c
from mailup_oauth.journal import Context
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.clock import FakeClock
from mailup_oauth.testing.stage import CONNECTION

HOUR = timedelta(hours=1)
VERSIONS = st.integers(1, 5)
TELLINGS = st.lists(st.tuples(st.sampled_from(["take", "drop"]), st.sampled_from(["one", "other"]), VERSIONS))
"""Pictures that were taken, and tokens that were heard to be over, of two connections, out of order."""


def picture(version):
    """Return a picture of a row."""
    credential = scene.credential(f"access-{version}")
    token = AccessToken(value=credential.value, expires_at=scene.NOW + HOUR, mark=credential.mark)
    return Picture(token=token, version=version, seen_at=scene.NOW, good_until=scene.NOW + HOUR)


def told(tellings):
    """Return the pictures after all that was told."""
    pictures = Pictures(FakeClock(scene.NOW))
    for what, connection, version in tellings:
        if what == "take":
            pictures.take(connection, picture(version))
        else:
            pictures.drop(connection, version)
    return pictures


def newest(tellings, connection):
    """Return the token to go on using after all that was told of a connection, one by one; none after its end."""
    known, token = 0, None
    for what, name, version in tellings:
        if name == connection and what == "take" and version >= known:
            known, token = version, picture(version).token
        elif name == connection and what == "drop":
            known, token = max(known, version), None
    return token


@given(TELLINGS)
def test_nobody_is_taken_back(tellings):
    """A late picture replaces no newer one, and brings nothing back that was heard to be over."""
    pictures = told(tellings)

    assert [newest(tellings, name) for name in ("one", "other")] == [pictures.token(name) for name in ("one", "other")]


@given(TELLINGS)
def test_nothing_is_left_after_everything_was_forgotten(tellings):
    """``clear`` forgets the pictures, and how new they were."""
    pictures = told(tellings)
    pictures.clear()
    forgotten = pictures.token("one")
    pictures.take("one", picture(1))

    assert forgotten is None
    assert picture(1).token == pictures.token("one")


def test_a_late_waiter_does_not_undo_a_disconnect(stage):
    """Whoever hears of a renewal after the connection was ended here does not bring the token back."""
    stage.connect()
    core = stage.oauth._core
    outcome = core.board(CONNECTION, "refresh", lambda now: c.RefreshNow(now=now), Context()).result(10)
    stage.oauth.disconnect(CONNECTION)
    core.token_from(outcome)

    assert core.pictures.token(CONNECTION) is None
