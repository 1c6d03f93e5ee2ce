"""Every habit of MailUp that nobody could find out, as one frozen value; it decides nothing itself."""

import enum
from datetime import timedelta
from typing import Final

from attrs import field, frozen
from attrs.validators import ge


@enum.unique
class StateEcho(enum.Enum):
    """Where ``state`` comes back; the ``Authorization`` door echoes it in the callback whatever this says."""

    NEVER_ON_LOG_ON = "never-on-log-on"
    ALWAYS = "always"
    IN_TOKEN_JSON = "in-token-json"  # the name of a place, not a password


@enum.unique
class CallbackExtras(enum.Enum):
    """Whether ``LogOn`` adds ``token_type=bearer&expires_in=3600`` to the callback."""

    ON = "on"
    OFF = "off"


@enum.unique
class DenyStyle(enum.Enum):
    """What a user who refuses brings about."""

    QUERY_ERROR = "query-error"
    HTML_400 = "html-400"
    NO_RETURN = "no-return"


@enum.unique
class Consent(enum.Enum):
    """How often a user is asked whether an application may act for them."""

    ALWAYS = "always"
    FIRST_TIME = "first-time"


@frozen
class Dead:
    """A refresh token is worth nothing from the moment it was rotated."""


@frozen
class Grace:
    """
    For *span* after its rotation a refresh token brings the same successor pair again.

    Attributes:
        span: Counted from the rotation, both ends included.
    """

    span: timedelta = field(validator=ge(timedelta(0)))


@frozen
class StaysValid:
    """A rotated refresh token goes on working; each use makes another successor."""


@frozen
class ReuseKillsFamily:
    """A rotated refresh token that comes again ends every token of its family, RFC 9700 section 4.14.2."""


OldRefresh = Dead | Grace | StaysValid | ReuseKillsFamily
"""What becomes of a refresh token after its rotation."""


@frozen
class Endless:
    """A refresh token never grows old."""


@frozen
class Idle:
    """A refresh token lives for *span* from its own issue."""

    span: timedelta


@frozen
class Absolute:
    """A refresh token lives for *span* from the code exchange that began its family."""

    span: timedelta


RefreshLife = Endless | Idle | Absolute
"""How long a refresh token lives if nobody uses it."""


@enum.unique
class CodeAuth(enum.Enum):
    """Whether a code can be exchanged without client credentials, as all official samples do."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@enum.unique
class RedirectCheck(enum.Enum):
    """Where ``redirect_uri`` is compared with anything."""

    NONE = "none"
    AT_TOKEN = "at-token"  # the name of a place, not a password
    LIST = "list"


@enum.unique
class BadTokenStatus(enum.Enum):
    """The status of a malformed or unknown access token at a resource."""

    BAD_REQUEST = 400
    UNAUTHORIZED = 401


@enum.unique
class InvalidClientStatus(enum.Enum):
    """The status of ``invalid_client`` at the token endpoint."""

    BAD_REQUEST = 400
    UNAUTHORIZED = 401


@enum.unique
class TokenErrorShape(enum.Enum):
    """The clothes an error of the token endpoint wears."""

    OAUTH = "oauth"
    REST = "rest"
    HTML = "html"
    OK_WITH_ERROR = "200-with-error"


@enum.unique
class ExpiresInType(enum.Enum):
    """How ``expires_in`` is written in a token reply."""

    NUMBER = "number"
    STRING = "string"
    MISSING = "missing"


@enum.unique
class TokenType(enum.Enum):
    """The ``token_type`` member of a token reply; absent in every recording."""

    ABSENT = "absent"
    LOWER = "bearer"
    TITLE = "Bearer"
    MAILUP = "MailUp"


@enum.unique
class RefreshReply(enum.Enum):
    """Whether a refresh rotates the refresh token, or names none and leaves the old one as it was."""

    ROTATES = "rotates"
    OMITS_REFRESH_TOKEN = "omits-refresh-token"  # the name of a habit, not a password


@enum.unique
class OverLimit(enum.Enum):
    """The status of a call over the rate limit: today's, or the one before March 2018."""

    TOO_MANY_REQUESTS = 429
    FORBIDDEN = 403


@enum.unique
class PasswordGrant(enum.Enum):
    """Whether a user name and a password bring tokens without a visit; real, and most used in public code."""

    ON = "on"
    OFF = "off"


@enum.unique
class Pkce(enum.Enum):
    """Whether ``code_challenge`` is heard at all."""

    IGNORED = "ignored"
    CHECKED = "checked"


@frozen
class Untold:
    """No ``Retry-After`` is sent."""


@frozen
class Told:
    """``Retry-After`` is sent and says *span*, in whole seconds, rounded up."""

    span: timedelta


Wait = Untold | Told
"""What a refused caller is told about when to come again."""

DEFAULT_ACCESS_LIFE: Final = timedelta(hours=1)
"""Since October 2018; mailup-wire.md section 10."""
DEFAULT_CODE_LIFE: Final = timedelta(seconds=60)
"""Ours: MailUp says "short" and no number; mailup-wire.md section 17."""
CALLS_PER_SECOND: Final = 5
"""Per user and API method; mailup-wire.md section 13."""


@frozen(kw_only=True)
class Switches:
    """One profile of MailUp's habits; the default is "documented, 2018-10 and later", mailup-wire.md section 17."""

    state_echo: StateEcho = StateEcho.NEVER_ON_LOG_ON
    callback_extras: CallbackExtras = CallbackExtras.ON
    deny_style: DenyStyle = DenyStyle.QUERY_ERROR
    consent: Consent = Consent.ALWAYS
    old_refresh: OldRefresh = field(factory=Dead)
    refresh_life: RefreshLife = field(factory=Endless)
    access_life: timedelta = field(default=DEFAULT_ACCESS_LIFE, validator=ge(timedelta(0)))
    code_life: timedelta = field(default=DEFAULT_CODE_LIFE, validator=ge(timedelta(0)))
    code_auth: CodeAuth = CodeAuth.OPTIONAL
    redirect_check: RedirectCheck = RedirectCheck.NONE
    bad_token_status: BadTokenStatus = BadTokenStatus.BAD_REQUEST
    token_error_shape: TokenErrorShape = TokenErrorShape.OAUTH
    invalid_client_status: InvalidClientStatus = InvalidClientStatus.BAD_REQUEST
    expires_in_type: ExpiresInType = ExpiresInType.NUMBER
    token_type: TokenType = TokenType.ABSENT
    refresh_reply: RefreshReply = RefreshReply.ROTATES
    over_limit: OverLimit = OverLimit.TOO_MANY_REQUESTS
    retry_after: Wait = field(factory=Untold)
    calls_per_second: int = field(default=CALLS_PER_SECOND, validator=ge(1))
    password_grant: PasswordGrant = PasswordGrant.ON
    pkce: Pkce = Pkce.IGNORED


DOCUMENTED: Final = Switches()
"""What MailUp documents, and our best guess where it does not."""
