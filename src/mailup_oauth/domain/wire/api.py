"""What MailUp's API says about the token, and about the user behind it; nothing else of the API is known here."""

from ..provider import Provider, Tolerance
from .bodies import read_members
from .headers import header
from .http import Exchange, Headers, HttpResponse, NotSent, Unanswered
from .outcomes import ApiVerdict, ContractUnsigned, Defect, IdentityAnswer, User, UserUnknown
from .refusals import is_about_token, is_contract_unsigned, is_over_limit, spoken
from .strict_json import JsonObject, read_object

LONGEST_UID = 20
"""Digits; 64 bits have no more."""

LONGEST_USERNAME = 255


def read_api_verdict(status: int, headers: Headers, body: bytes) -> ApiVerdict:
    """
    Return what an API answer says about the access token; never raises.

    A token is called rejected on a 401, and on a 400 that blames it, either in MailUp's words or as RFC 6750 section
    3.1 has it; never on a 403, which is about what the user may do.
    Source: mailup-wire.md section 12; security.md row 41.
    """
    match status:
        case 401:
            return ApiVerdict.TOKEN_REJECTED
        case 429:
            return ApiVerdict.TOO_MANY_REQUESTS
        case 400 | 403:
            return _read_words(status, headers, body)
        case _:
            return ApiVerdict.ACCEPTED if 200 <= status < 300 else ApiVerdict.OTHER  # noqa: PLR2004  # "successful"


def _read_words(status: int, headers: Headers, body: bytes) -> ApiVerdict:
    """Tell apart the refusals that share one status; what cannot be read says nothing about the token."""
    members = read_object(body)
    words = "" if isinstance(members, Defect) else spoken(members)
    if is_over_limit(status, words):
        return ApiVerdict.TOO_MANY_REQUESTS
    if is_contract_unsigned(status, words):
        return ApiVerdict.CONTRACT_UNSIGNED
    is_challenged = status == 400 and "invalid_token" in header(headers, "www-authenticate")  # noqa: PLR2004  # as above
    return ApiVerdict.TOKEN_REJECTED if is_challenged or is_about_token(status, words) else ApiVerdict.OTHER


def read_identity(exchange: Exchange, provider: Provider) -> IdentityAnswer:
    """Return the user that ``Authentication/Info`` names, or why there is none; never raises (mailup-wire.md 11)."""
    if isinstance(exchange, NotSent):
        return UserUnknown(why=exchange.fault.value)
    if isinstance(exchange, Unanswered):
        return UserUnknown(why=exchange.silence.value)
    return _read_page(exchange, provider)


def _read_page(response: HttpResponse, provider: Provider) -> IdentityAnswer:
    members = read_members(response, provider)
    if response.status == 200:  # noqa: PLR2004  # "OK", a name
        return UserUnknown(why=members.value) if isinstance(members, Defect) else _read_user(members)
    words = "" if isinstance(members, Defect) else spoken(members)
    if Tolerance.REST_ERRORS in provider.tolerances and is_contract_unsigned(response.status, words):
        return ContractUnsigned()
    return UserUnknown(why=f"status-{response.status}")


def _read_user(members: JsonObject) -> User | UserUnknown:
    """Check both names; a UID that comes as a number is taken for its digits."""
    uid, username = members.get("UID"), members.get("Username")
    uid = str(uid) if isinstance(uid, int) and not isinstance(uid, bool) else uid
    if not isinstance(uid, str) or not (uid.isascii() and uid.isdigit()) or len(uid) > LONGEST_UID:
        return UserUnknown(why="uid-malformed")
    if not isinstance(username, str) or not username.isprintable() or not 0 < len(username) <= LONGEST_USERNAME:
        return UserUnknown(why="username-malformed")
    return User(uid=uid, username=username)
