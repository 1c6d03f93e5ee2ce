"""Flask's request as a visit, and an answer as Flask's response; nothing is decided here."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Final, cast
from urllib.parse import urlencode

from flask import Response, current_app, request, session

from .. import flows
from .. import reading as r
from ..shortfall import Shortfall, page_of
from ..steps import run
from ..visit import Answer, Places, Visit, Who
from .installed import Installed

UNASKED: Final = r.FAILED
"""The page that needs nobody to be signed in."""

_FORM: Final = "application/x-www-form-urlencoded"


def answered(page: str, installed: Installed, who: Who | None) -> Response:
    """Answer one of the pages for *who*."""
    wanted = r.wanted(_query(), _posted())
    visit = _visit(wanted, who, r.places_below(f"{request.root_path}{request.path}", page))
    answer = run(flows.answered(flows.PAGES[page], installed.oauth.core, visit), installed.oauth)
    if answer.has_linked:
        _renew_session()
    return _response(answer)


def told(short: Shortfall, installed: Installed, visit: Visit) -> Response:
    """Tell whoever asked for something that MailUp was needed for why they cannot have it: a page, or JSON."""
    if r.wants_page(visit.headers):
        response = _response(page_of(short, installed.oauth.core, visit))
    else:
        response = cast("Response", current_app.json.response(detail=short.detail(visit)))
        response.status_code = short.status
    response.headers.update(short.headers())
    return response


def interrupted(installed: Installed) -> Visit:
    """Return a visit to another page of the application, to which the person may want to return."""
    path, query = r.quoted(f"{request.root_path}{request.path}"), _query()
    wanted = f"{path}?{query}" if query else path
    return _visit(wanted if request.method == "GET" else "", None, installed.places)


def _visit(wanted: str, who: Who | None, places: Places) -> Visit:
    """Return the request as the flows see it."""
    return Visit(
        method=request.method,
        query=_query(),
        headers=r.headers_of(request.headers.items()),
        cookies=request.cookies.to_dict(),
        wanted=wanted,
        who=who,
        places=places,
        csrf=_token(),
    )


def _query() -> str:
    """Return what stands behind the question mark; whatever is not ASCII is judged by whoever reads it."""
    return request.query_string.decode("latin-1")


def _posted() -> bytes:
    """
    Return what was posted, if it is no longer than a form of ours; the rest of a longer one is left on the wire.

    It is read as Flask reads forms, for somebody before the view may have read it already.

    Raises:
        RequestEntityTooLarge: the application allows no more than ``MAX_CONTENT_LENGTH``.
    """
    is_form = request.method == "POST" and request.mimetype == _FORM
    if not (is_form and (request.content_length or 0) <= r.LONGEST_FORM):
        return b""
    return urlencode(list(request.form.items(multi=True)), errors="replace").encode("ascii")


def _token() -> str:
    """Return the hidden field that Flask-WTF wants in every form, where the application has its ``CSRFProtect``."""
    known: Mapping[str, object] = current_app.jinja_env.globals
    making = known.get("csrf_token")
    if "csrf" not in current_app.extensions or not callable(making):
        return ""
    name = str(current_app.config.get_namespace("WTF_CSRF_").get("field_name", "csrf_token"))
    value = str(cast("Callable[[], object]", making)())
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _renew_session() -> None:
    """Give the session a new id where sessions have ids, as those of Flask-Session; Flask's own have none."""
    regenerate = cast("object", getattr(current_app.session_interface, "regenerate", None))
    if callable(regenerate):
        cast("Callable[[object], None]", regenerate)(session)


def _response(answer: Answer) -> Response:
    """Return an answer as Flask sends it."""
    response = current_app.response_class(answer.body, answer.status, dict(answer.headers))
    for cookie in answer.cookies:
        response.set_cookie(cookie.name, cookie.value, **cookie.settings)
    return response
