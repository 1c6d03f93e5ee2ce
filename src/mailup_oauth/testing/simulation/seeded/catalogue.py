"""Faults and habits by name, so that a plan can be written down."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ....domain.wire.http import Ending
from ....sandbox import switches as sw
from ....sandbox.faults import LOST_ANSWER, LOST_REQUEST, CutBody, Done, Fault, GatewayPage, Redirect, Slow, Throttle
from ..wire import Detour

_SECOND: Final = timedelta(seconds=1)
_HOUR: Final = timedelta(hours=1)
_ELSEWHERE: Final = "https://elsewhere.example/"

TROUBLES: Final[Mapping[str, Fault | Detour]] = {
    "request-lost": LOST_REQUEST,
    "answer-lost": LOST_ANSWER,
    "429": Throttle(),
    "429-wait-30": Throttle(wait=sw.Told(30 * _SECOND)),
    "page-200": GatewayPage(status=200),
    "page-200-obeyed": GatewayPage(status=200, done=Done.COMMITTED),
    "500": GatewayPage(status=500),
    "503-wait-20": GatewayPage(status=503, wait=sw.Told(20 * _SECOND)),
    "504-obeyed": GatewayPage(status=504, done=Done.COMMITTED),
    "redirect": Redirect(location=_ELSEWHERE),
    "redirect-obeyed": Redirect(location=_ELSEWHERE, done=Done.COMMITTED),
    "empty": CutBody(keep=0),
    "truncated-150": CutBody(keep=150),
    "truncated-250": CutBody(keep=250),
    "cut-0": CutBody(keep=0, ending=Ending.CUT),
    "cut-250": CutBody(keep=250, ending=Ending.CUT),
    "cut-behind-all": CutBody(keep=10_000, ending=Ending.CUT),
    "slow-3": Slow(delay=3 * _SECOND),
    "slow-59": Slow(delay=59 * _SECOND),
    "slow-61": Slow(delay=61 * _SECOND),
    "came-twice": Detour.TWICE,
    "asked-again": Detour.AGAIN,
    "replica": Detour.REPLICA,
}
"""What a request can meet."""

HABITS: Final[Mapping[str, Mapping[str, object]]] = {
    "old-token-dead": {"old_refresh": sw.Dead()},
    "reuse-kills-family": {"old_refresh": sw.ReuseKillsFamily()},
    "grace-30": {"old_refresh": sw.Grace(30 * _SECOND)},
    "grace-60": {"old_refresh": sw.Grace(60 * _SECOND)},
    "old-token-stays": {"old_refresh": sw.StaysValid()},
    "no-rotation": {"refresh_reply": sw.RefreshReply.OMITS_REFRESH_TOKEN},
    "rotation": {"refresh_reply": sw.RefreshReply.ROTATES},
    "refresh-idle-2h": {"refresh_life": sw.Idle(2 * _HOUR)},
    "refresh-absolute-3h": {"refresh_life": sw.Absolute(3 * _HOUR)},
    "errors-rest": {"token_error_shape": sw.TokenErrorShape.REST},
    "errors-html": {"token_error_shape": sw.TokenErrorShape.HTML},
    "errors-with-200": {"token_error_shape": sw.TokenErrorShape.OK_WITH_ERROR},
    "access-15-minutes": {"access_life": _HOUR / 4},
    "access-born-expired": {"access_life": timedelta()},
    "access-1-hour": {"access_life": _HOUR},
    "type-bearer": {"token_type": sw.TokenType.LOWER},
    "type-Bearer": {"token_type": sw.TokenType.TITLE},
    "type-MailUp": {"token_type": sw.TokenType.MAILUP},
    "type-absent": {"token_type": sw.TokenType.ABSENT},
    "life-as-text": {"expires_in_type": sw.ExpiresInType.STRING},
    "life-missing": {"expires_in_type": sw.ExpiresInType.MISSING},
    "state-always": {"state_echo": sw.StateEcho.ALWAYS},
    "state-in-token-json": {"state_echo": sw.StateEcho.IN_TOKEN_JSON},
    "deny-with-a-page": {"deny_style": sw.DenyStyle.HTML_400},
    "deny-without-return": {"deny_style": sw.DenyStyle.NO_RETURN},
    "pkce-checked": {"pkce": sw.Pkce.CHECKED},
    "redirect-checked": {"redirect_check": sw.RedirectCheck.AT_TOKEN},
}
"""What nobody knows about MailUp."""
