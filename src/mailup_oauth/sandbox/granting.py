"""Decides what the token endpoint answers; it knows nothing of forms, JSON or faults."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, assert_never

from ..domain.secret import Secret
from .asking import Asking
from .coin import TOKEN_PAIRS, Chance, key_of
from .commands import Claimed, Client, Effect, ExchangeCode, ExchangePassword, Named, Nobody, RefreshTokens
from .events import (
    AccessRenewed,
    CodeExchanged,
    CodeReplayed,
    Event,
    FamilyRevoked,
    PairRepeated,
    ReuseDetected,
    TokensIssued,
    TokensRotated,
)
from .lives import code_has_lapsed, refresh_has_aged
from .replies import OAuthError, Plain, TokenRefused, TokensTold
from .switches import (
    CodeAuth,
    Dead,
    Grace,
    PasswordGrant,
    Pkce,
    RedirectCheck,
    RefreshReply,
    ReuseKillsFamily,
    StateEcho,
    StaysValid,
)
from .world import AccessToken, Code, CodeUse, Family, FamilyStanding, Live, RefreshToken, Rotated, World

Decision = tuple[tuple[Event, ...], Plain]

WRONG_CLIENT: Final = TokenRefused(OAuthError.INVALID_CLIENT, "Client credentials are invalid")
"""In MailUp's words; mailup-wire.md section 15.5."""
DEAD_CODE: Final = TokenRefused(OAuthError.INVALID_GRANT, "Authorization code is invalid or expired")
DEAD_TOKEN: Final = TokenRefused(OAuthError.INVALID_GRANT, "Refresh token is invalid or malformed")
WRONG_PASSWORD: Final = TokenRefused(OAuthError.INVALID_GRANT, "User name or password is invalid")  # a sentence
UNKNOWN_GRANT: Final = TokenRefused(OAuthError.UNSUPPORTED_GRANT_TYPE, "The grant type is not supported")
_NOTHING: Final = Secret("")


def exchange_code(world: World, command: ExchangeCode) -> Decision:
    """Found a family of tokens, once a code."""
    if not _may_exchange(world, command.client):
        return (), WRONG_CLIENT
    key = key_of(command.code)
    code = world.codes.get(key)
    if code is None or not _brought_by_its_client(code, command.client):
        return (), DEAD_CODE
    if code.use is CodeUse.SPENT:
        return (CodeReplayed(code_key=key, at=command.now),), DEAD_CODE
    if code_has_lapsed(world, code, command.now) or not _fits(world, code.asking, command):
        return (), DEAD_CODE
    issued = _founded(world, code.username, code.asking.client_id, command)
    told = _told(issued.access, issued.refresh.value, command.now, _state(world, code.asking))
    return (CodeExchanged(code_key=key, at=command.now), issued), told


def exchange_password(world: World, command: ExchangePassword) -> Decision:
    """Found a family of tokens without a visit, where that is switched on; mailup-wire.md section 7."""
    if world.switches.password_grant is PasswordGrant.OFF:
        return (), UNKNOWN_GRANT
    if not isinstance(command.client, Claimed) or not _is_proved(world, command.client):
        return (), WRONG_CLIENT
    user = world.users.get(command.username)
    if user is None or user.password != command.password:
        return (), WRONG_PASSWORD
    issued = _founded(world, user.username, command.client.client_id, command)
    return (issued,), _told(issued.access, issued.refresh.value, command.now)


def refresh_tokens(world: World, command: RefreshTokens) -> Decision:
    """Rotate a refresh token, or do with an old one what is switched on."""
    if not isinstance(command.client, Claimed) or not _is_proved(world, command.client):
        return (), WRONG_CLIENT
    token = world.refreshes.get(key_of(command.refresh_token))
    if token is None or not _is_alive(world, token, command.client.client_id, command.now):
        return (), DEAD_TOKEN
    match token.standing:
        case Live():
            return _renew(world, token, command)
        case Rotated() as rotated:
            return _meet_again(world, token, rotated, command)
        case _ as never:
            assert_never(never)


def _renew(world: World, token: RefreshToken, command: RefreshTokens) -> Decision:
    chance, now = Chance(command.entropy, world.serial), command.now
    access, refresh = _pair(world, token.family, token.generation + 1, chance, now)
    if world.switches.refresh_reply is RefreshReply.OMITS_REFRESH_TOKEN:
        return (AccessRenewed(access),), _told(access, _NOTHING, now)
    rotated = TokensRotated(spent_key=key_of(token.value), access=access, refresh=refresh, at=now)
    return (rotated,), _told(access, refresh.value, now)


def _meet_again(world: World, token: RefreshToken, rotated: Rotated, command: RefreshTokens) -> Decision:
    now = command.now
    reused = ReuseDetected(family=token.family, generation=token.generation, at=now)
    match world.switches.old_refresh:
        case StaysValid():
            return _renew(world, token, command)
        case Grace(span) if now - rotated.at <= span:
            again = PairRepeated(family=token.family, generation=token.generation, at=now)
            access, refresh = world.accesses[rotated.access], world.refreshes[rotated.refresh]
            return (again,), _told(access, refresh.value, now)
        case ReuseKillsFamily():
            revoked = FamilyRevoked(family=token.family, effect=Effect.IMMEDIATE, at=now)
            return (reused, revoked), DEAD_TOKEN
        case Dead() | Grace():
            return (reused,), DEAD_TOKEN
        case _ as never:
            assert_never(never)


def _is_proved(world: World, client: Claimed) -> bool:
    application = world.applications.get(client.client_id)
    return application is not None and application.client_secret == client.client_secret


def _may_exchange(world: World, client: Client) -> bool:
    match client:
        case Nobody():
            return world.switches.code_auth is CodeAuth.OPTIONAL
        case Named(client_id):
            return world.switches.code_auth is CodeAuth.OPTIONAL and client_id in world.applications
        case Claimed():
            return _is_proved(world, client)
        case _ as never:
            assert_never(never)


def _brought_by_its_client(code: Code, client: Client) -> bool:
    return isinstance(client, Nobody) or client.client_id == code.asking.client_id


def _fits(world: World, asking: Asking, command: ExchangeCode) -> bool:
    compared = world.switches.redirect_check is RedirectCheck.AT_TOKEN
    if compared and asking.redirect_uri != command.redirect_uri:
        return False
    if world.switches.pkce is Pkce.IGNORED or not asking.code_challenge:
        return True
    verifier = command.code_verifier.reveal()
    if asking.code_challenge_method == "S256":
        digest = sha256(verifier.encode("utf-8", "surrogatepass")).digest()
        verifier = urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    return Secret(verifier) == Secret(asking.code_challenge)


def _is_alive(world: World, token: RefreshToken, client_id: str, now: datetime) -> bool:
    family = world.families[token.family]
    is_its_clients = family.client_id == client_id and family.standing is FamilyStanding.ALIVE
    return is_its_clients and not refresh_has_aged(world, token, now)


def _founded(world: World, username: str, client_id: str, command: ExchangeCode | ExchangePassword) -> TokensIssued:
    family = Family(name=f"family-{world.serial}", username=username, client_id=client_id, born_at=command.now)
    access, refresh = _pair(world, family.name, 0, Chance(command.entropy, world.serial), command.now)
    return TokensIssued(family=family, access=access, refresh=refresh)


def _pair(
    world: World, family: str, generation: int, chance: Chance, now: datetime
) -> tuple[AccessToken, RefreshToken]:
    access = AccessToken(
        value=chance.coin("access", TOKEN_PAIRS), family=family, issued_at=now, life=world.switches.access_life
    )
    refresh = RefreshToken(
        value=chance.coin("refresh", TOKEN_PAIRS), family=family, generation=generation, issued_at=now
    )
    return access, refresh


def _told(access: AccessToken, refresh_token: Secret, now: datetime, state: str = "") -> TokensTold:
    left = max(access.life - (now - access.issued_at), timedelta(0))
    return TokensTold(access_token=access.value, refresh_token=refresh_token, lasting=left, state=state)


def _state(world: World, asking: Asking) -> str:
    return asking.state if world.switches.state_echo is StateEcho.IN_TOKEN_JSON else ""
