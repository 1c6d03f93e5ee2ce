"""Dresses a reply in MailUp's clothes: status, headers, bytes; what is said was decided before."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, assert_never

from attrs import evolve as changed

from ..domain.secret import Secret
from ..domain.wire.http import Headers
from . import contents, pages
from .faults import CutBody, Fault, GatewayPage, HangUp, Redirect, Slow, Throttle
from .frame import CLOSED
from .messages import Format, HungUp, Outcome, Response
from .replies import (
    Complain,
    LeaveThere,
    NothingThere,
    OAuthError,
    Obeyed,
    Plain,
    Reply,
    ResourceRefused,
    ResourceTold,
    SendBack,
    ShowConsent,
    ShowLogOn,
    Struck,
    TokenRefused,
    TokensTold,
    TooLarge,
    TooManyCalls,
    Trouble,
    WrongMethod,
)
from .style import STYLE_SOURCE
from .switches import (
    BadTokenStatus,
    ExpiresInType,
    OverLimit,
    Switches,
    TokenErrorShape,
    TokenType,
    Told,
    Untold,
    Wait,
)
from .trees import Tree, as_json, as_xml

COOKIE: Final = "mailup_sandbox"
_SECOND: Final = timedelta(seconds=1)
_TOO_MANY: Final = "Authorization error (too_many_requests): Too many requests. Max:{} calls per second , actual:{}."
"""MailUp's text to the byte, the blank before the comma included; mailup-wire.md section 15.6."""
_JSON: Final[Headers] = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store"))
_XML: Final[Headers] = (("content-type", "application/xml; charset=utf-8"), ("cache-control", "no-store"))
_HTML: Final[Headers] = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    # No form-action: browsers hold it against the redirect that answers the consent form.
    ("content-security-policy", f"{CLOSED}; style-src {STYLE_SOURCE}"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)
_GATEWAY: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>"


def render(reply: Reply, switches: Switches) -> Outcome:
    """Return what goes over the wire for *reply* while MailUp has the habits of *switches*."""
    match reply:
        case Struck(fault=fault, reply=hidden):
            return _struck(fault, _plain(hidden, switches))
        case _:
            return _plain(reply, switches)


def _plain(reply: Plain, switches: Switches) -> Response:  # noqa: C901  # one flat match
    match reply:
        case ShowLogOn() | ShowConsent() | SendBack() | Complain() | LeaveThere():
            return _to_browser(reply)
        case TokensTold():
            return _tokens(reply, switches)
        case TokenRefused():
            return _refusal(reply, switches)
        case ResourceTold():
            return _resource(reply)
        case ResourceRefused(trouble):
            return _trouble(trouble, switches)
        case TooManyCalls(most=most, actual=actual):
            over = switches.over_limit
            name = "Forbidden" if over is OverLimit.FORBIDDEN else None
            return _rest(over.value, _TOO_MANY.format(most, actual), name, _waiting(switches.retry_after))
        case NothingThere():
            return _rest(404, "Not found", "NotFound")
        case WrongMethod(allowed):
            return _rest(405, "Method not allowed", "MethodNotAllowed", (("allow", ", ".join(allowed)),))
        case TooLarge():
            return _rest(413, "Request too large", "RequestEntityTooLarge")
        case Obeyed():
            return Response(status=204)
        case _ as never:
            assert_never(never)


def _to_browser(reply: ShowLogOn | ShowConsent | SendBack | Complain | LeaveThere) -> Response:
    match reply:
        case ShowLogOn():
            return _html(200, pages.log_on_page(reply), _cookie(reply.cookie))
        case ShowConsent():
            return _html(200, pages.consent_page(reply), _cookie(reply.cookie))
        case SendBack(location):
            return Response(status=302, headers=(("location", location.reveal()), ("cache-control", "no-store")))
        case Complain(complaint):
            return _html(400, pages.complaint_page(complaint))
        case LeaveThere():
            return _html(200, pages.parting_page())
        case _ as never:
            assert_never(never)


def _struck(fault: Fault, response: Response) -> Outcome:
    match fault:
        case HangUp():
            return HungUp()
        case Throttle(wait=wait):
            return _rest(429, _TOO_MANY.format(5, 7), None, _waiting(wait))
        case GatewayPage(status=status, wait=wait):
            return _html(status, _GATEWAY.format(status), _waiting(wait))
        case Redirect(location=location):
            return Response(status=302, headers=(("location", location),))
        case CutBody(keep=keep, ending=ending):
            return changed(response, body=response.body[:keep], ending=ending)
        case Slow(delay=delay):
            return changed(response, delay=delay)
        case _ as never:
            assert_never(never)


def _tokens(told: TokensTold, switches: Switches) -> Response:
    seconds = told.lasting // _SECOND
    optional = {
        "refresh_token": told.refresh_token.reveal(),
        "token_type": "" if switches.token_type is TokenType.ABSENT else switches.token_type.value,
        "state": told.state,
    }
    said = {name: value for name, value in optional.items() if value}
    return _json(
        200, {"access_token": told.access_token.reveal(), **_expires_in(seconds, switches.expires_in_type), **said}
    )


def _expires_in(seconds: int, kind: ExpiresInType) -> Mapping[str, str | int]:
    match kind:
        case ExpiresInType.NUMBER:
            return {"expires_in": seconds}
        case ExpiresInType.STRING:
            return {"expires_in": str(seconds)}
        case ExpiresInType.MISSING:
            return {}
        case _ as never:
            assert_never(never)


def _refusal(refused: TokenRefused, switches: Switches) -> Response:
    clientless = refused.error is OAuthError.INVALID_CLIENT
    status = switches.invalid_client_status.value if clientless else 400
    oauth = {"error": refused.error.value, "error_description": refused.description}
    match switches.token_error_shape:
        case TokenErrorShape.OAUTH:
            return _json(status, oauth)
        case TokenErrorShape.OK_WITH_ERROR:
            return _json(200, oauth)
        case TokenErrorShape.HTML:
            return _html(status, _GATEWAY.format(status))
        case TokenErrorShape.REST:
            token = refused.error is OAuthError.INVALID_GRANT
            said = "Invalid or malformed token" if token else refused.description
            return _rest(status, f"Authorization error: {said}", _name(status))
        case _ as never:
            assert_never(never)


def _trouble(trouble: Trouble, switches: Switches) -> Response:
    match trouble:
        case Trouble.BAD_TOKEN:
            status = switches.bad_token_status.value
            return _rest(status, "Authorization error: Invalid or malformed token", _name(status))
        case Trouble.ACCESS_ENDED:
            return _rest(401, "Authorization error: Access token is expired", "Unauthorized")
        case Trouble.CONTRACT_UNSIGNED:
            text = "Contract not signed, please login in console and accept terms of service."
            return _rest(403, f"Authorization error: {text}", "Forbidden")
        case Trouble.FORBIDDEN:
            return _rest(403, "Authorization error: The user may not see this resource", "Forbidden")
        case Trouble.BAD_PARAMETERS:
            return _rest(400, "The page or the filter cannot be read", "BadRequest")
        case _ as never:
            assert_never(never)


def _name(status: int) -> str:
    return "Unauthorized" if status == BadTokenStatus.UNAUTHORIZED.value else "BadRequest"


def _rest(status: int, description: str, name: str | None, headers: Headers = ()) -> Response:
    error = {"ErrorCode": str(status), "ErrorDescription": description, "ErrorName": name, "ErrorStack": None}
    return _json(status, error, headers)


def _json(status: int, members: Tree, headers: Headers = ()) -> Response:
    # Compact, in MailUp's order; mailup-wire.md section 8.
    return Response(status=status, headers=(*_JSON, *headers), body=as_json(members))


def _resource(told: ResourceTold) -> Response:
    match told.form:
        case Format.JSON:
            return _json(200, contents.tree(told.content))
        case Format.XML:
            body = as_xml(contents.root(told.content), contents.tree(told.content))
            return Response(status=200, headers=_XML, body=body)
        case _ as never:
            assert_never(never)


def _html(status: int, page: str, headers: Headers = ()) -> Response:
    return Response(status=status, headers=(*_HTML, *headers), body=page.encode("utf-8", "replace"))


def _cookie(cookie: Secret) -> Headers:
    return (("set-cookie", f"{COOKIE}={cookie.reveal()}; Path=/Authorization/OAuth/; HttpOnly; SameSite=Lax"),)


def _waiting(wait: Wait) -> Headers:
    match wait:
        case Untold():
            return ()
        case Told(span):
            # Rounded up: who comes back when told must not be early.
            return (("retry-after", str(-(-span // _SECOND))),)
        case _ as never:
            assert_never(never)
