"""Strategies for what can happen to a town: faults, habits of MailUp, spans of time."""

from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from ...domain.attempts import AccountRule
from ...domain.secret import Secret
from ...domain.wire.http import Ending, SendingFault
from ...sandbox import switches as sw
from ...sandbox.commands import ChangeSwitches, Effect, Order, RevokeApplication, SignContract, UnsignContract
from ...sandbox.faults import (
    LOST_ANSWER,
    LOST_REQUEST,
    CutBody,
    Done,
    Fault,
    GatewayPage,
    Redirect,
    Slow,
    Target,
    Throttle,
)
from ..canary import CANARY
from ..clock import EPOCH
from ..stage import CLIENT_ID
from .founding import CONNECTIONS, PROCESSES, USERS, Keeping
from .store import Failing

NO_TIME: Final = timedelta()
_SECOND: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)
_ELSEWHERE: Final = "https://elsewhere.example/"

processes = st.sampled_from(PROCESSES)
connections = st.sampled_from([CONNECTIONS[0], *CONNECTIONS])
users = st.sampled_from(USERS)

targets = st.sampled_from([Target.TOKEN, Target.TOKEN, Target.RESOURCE])
account_rules = st.sampled_from(AccountRule)
bindings = st.sampled_from([None, None, None, Secret(f"{CANARY}-of-a-stranger")])
"""What a browser keeps in place of its own; mostly its own."""

ALL: Final = 100
"""More moves than any flight makes."""

moves: st.SearchStrategy[int | None] = st.sampled_from([*range(13), None, None, None, None])
"""A few moves, or as many as there are; a flight to a new token makes some ten."""

moves_of_all = st.tuples(*[moves for _ in PROCESSES])

places = st.integers(0, 9)
"""For choosing from a list that a strategy cannot know: its item at this place, counted round and round."""

cuts: st.SearchStrategy[Fault] = st.builds(
    CutBody,
    keep=st.sampled_from([0, 150, 250, 10_000, 10_000]),
    ending=st.sampled_from([Ending.WHOLE, Ending.CUT, Ending.CUT]),
)
"""Nothing of a token answer, a part of it, or all of it; if it is all, the connection may break behind it."""

faults: st.SearchStrategy[Fault] = cuts | st.sampled_from(
    [
        LOST_REQUEST,
        LOST_ANSWER,
        Throttle(),
        Throttle(wait=sw.Told(30 * _SECOND)),
        *(GatewayPage(status=status) for status in (200, 500, 503)),
        *(GatewayPage(status=status, done=Done.COMMITTED) for status in (200, 504)),
        GatewayPage(status=503, wait=sw.Told(20 * _SECOND)),
        Redirect(location=_ELSEWHERE),
        Redirect(location=_ELSEWHERE, done=Done.COMMITTED),
        *(Slow(delay=seconds * _SECOND) for seconds in (3, 59, 61)),
    ]
)
habits = st.builds(
    sw.Switches,
    old_refresh=st.sampled_from(
        [sw.Dead(), sw.ReuseKillsFamily(), sw.Grace(30 * _SECOND), sw.Grace(60 * _SECOND), sw.StaysValid()]
    ),
    refresh_life=st.sampled_from([*[sw.Endless()] * 6, sw.Idle(2 * _HOUR), sw.Absolute(3 * _HOUR)]),
    refresh_reply=st.sampled_from([sw.RefreshReply.ROTATES, *sw.RefreshReply]),
    token_error_shape=st.sampled_from([*[sw.TokenErrorShape.OAUTH] * 3, *sw.TokenErrorShape]),
    access_life=st.sampled_from([*[_HOUR] * 4, _HOUR / 4, NO_TIME]),
    token_type=st.sampled_from([*[sw.TokenType.ABSENT] * 4, *sw.TokenType]),
    state_echo=st.sampled_from(sw.StateEcho),
    deny_style=st.sampled_from(sw.DenyStyle),
    pkce=st.sampled_from(sw.Pkce),
    redirect_check=st.sampled_from([sw.RedirectCheck.NONE, sw.RedirectCheck.AT_TOKEN]),
)
"""What nobody knows about MailUp, in every variant that a client has to live with."""

spans = st.sampled_from(
    [NO_TIME, NO_TIME, _SECOND, 3 * _SECOND, 61 * _SECOND, _HOUR / 6, 50 * _HOUR / 60, *[61 * _HOUR / 60] * 4]
)
"""Around the waits of the client and the life of its tokens."""

jumps = st.sampled_from([way * span for span in (_SECOND, 3 * _SECOND, _HOUR, 24 * _HOUR) for way in (1, -1)])
"""By how much a clock is set forward or back."""

troubles: st.SearchStrategy[tuple[Target, Fault] | Failing | timedelta] = st.one_of(
    st.tuples(targets, faults), st.sampled_from(Failing), st.sampled_from([_SECOND, 61 * _SECOND])
)
"""What a request meets at MailUp, or how the store fails once, or for how long it is away."""

orders: st.SearchStrategy[Order] = st.one_of(
    habits.map(ChangeSwitches),
    st.builds(SignContract, users),
    st.builds(UnsignContract, users),
    st.builds(
        RevokeApplication,
        username=users,
        client_id=st.just(CLIENT_ID),
        effect=st.sampled_from(Effect),
        now=st.just(EPOCH),
    ),
)
"""What changes at MailUp; when a permission was taken back is to be filled in."""

seldom: st.SearchStrategy[Order | timedelta | SendingFault | Keeping | None] = st.one_of(
    orders, jumps, st.sampled_from(SendingFault), st.sampled_from(Keeping), st.none()
)
"""What changes at MailUp, by how much the clock is set, what keeps a request from leaving, how the secret is kept."""
