"""Django's request as a visit, and an answer as Django's response; nothing is decided here."""

import logging
from html import escape
from typing import Final, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, UnreadablePostError
from django.middleware.csrf import get_token
from django.shortcuts import resolve_url
from django.utils.functional import lazystr
from django.views.decorators.csrf import requires_csrf_token

from .. import flows
from .. import reading as r
from ..landing import landing
from ..shortfall import Shortfall, page_of
from ..steps import run
from ..visit import Answer, Places, Visit, Who
from .making import oauth

ASKS_TO_SIGN_IN: Final = frozenset({r.STATUS, r.BEGIN, r.DISCONNECT})
"""The pages from which a person who is not signed in is led to the project's own log-in."""

_FORM: Final = "application/x-www-form-urlencoded"
_LOG: Final = logging.getLogger("mailup_oauth.web")


def answered(page: str, request: HttpRequest, who: Who | None) -> HttpResponse:
    """
    Answer one of the pages for *who*.

    Raises:
        Http404: a pattern of the project let through a path that would lead to another host.
    """
    places = r.places_below(_path(request), page)
    if not landing(places.status, ""):
        raise Http404
    if who is None and page in ASKS_TO_SIGN_IN and request.method in {"GET", "POST"}:
        return sign_in(places.status if request.method == "POST" else here(request))
    facade = oauth()
    visit = _visit(request, who, places, r.wanted(_query(request), _posted(request)))
    answer = run(flows.answered(flows.PAGES[page], facade.core, visit), facade)
    if answer.has_linked:
        _renew_session(request)
    return _response(answer)


def here(request: HttpRequest) -> str:
    """Return the path and the query of a request, as the browser has them."""
    path, query = r.quoted(_path(request)), _query(request)
    return f"{path}?{query}" if query else path


def sign_in(back: str) -> HttpResponse:
    """Send whoever is not signed in to the project's own log-in, and then *back*."""
    place = resolve_url(settings.LOGIN_URL)
    mark = "&" if urlsplit(place).query else "?"
    return HttpResponseRedirect(f"{place}{mark}{urlencode({'next': back})}")


def told(short: Shortfall, request: HttpRequest, reason: object) -> HttpResponse:
    """Tell whoever asked for something that MailUp was needed for why they cannot have it: a page, or JSON."""
    core = oauth().core
    places = r.places_for(core.setting.registration.redirect_uri)
    visit = _visit(request, None, places, here(request) if request.method == "GET" else "")
    level = logging.INFO if short.connects else logging.WARNING
    _LOG.log(level, "%s (reference %s): %s", short.code, visit.reference, reason)
    if r.wants_page(visit.headers):
        response = _page(request, page_of(short, core, visit))
    else:
        response = JsonResponse({"detail": short.detail(visit)}, status=short.status)
    for name, value in short.headers().items():
        response[name] = value
    return response


def _visit(request: HttpRequest, who: Who | None, places: Places, wanted: str) -> Visit:
    """Return the request as the flows see it."""
    return Visit(
        method=request.method or "",
        query=_query(request),
        headers=r.headers_of(request.headers.items()),
        cookies=request.COOKIES,
        wanted=wanted,
        who=who,
        places=places,
        csrf=cast("str", lazystr(_Token(request))),
    )


class _Token:
    """The hidden field that Django wants in every form; whoever is shown no form is given no cookie for it either."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __str__(self) -> str:
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(get_token(self._request))}">'


def _path(request: HttpRequest) -> str:
    """Return the path as the browser has it, also where a proxy cuts off what ``FORCE_SCRIPT_NAME`` tells of."""
    return f"{str(request.META.get('SCRIPT_NAME', '')).rstrip('/')}{request.path_info}"


def _query(request: HttpRequest) -> str:
    """Return what stands behind the question mark; whatever is not ASCII is judged by whoever reads it."""
    return str(request.META.get("QUERY_STRING", ""))


def _posted(request: HttpRequest) -> bytes:
    """
    Return what was posted, if it is no longer than a form of ours.

    It is read as Django reads forms, whose own check of its token has read it already.
    """
    is_form = request.method == "POST" and request.content_type == _FORM
    if not (is_form and int(request.META.get("CONTENT_LENGTH") or 0) <= r.LONGEST_FORM):
        return b""
    try:
        members = [(r.NEXT, value) for value in request.POST.getlist(r.NEXT)]
    except UnreadablePostError:  # the browser went away, and does not wait for the answer
        return b""
    return urlencode(members, errors="replace").encode("ascii")


def _renew_session(request: HttpRequest) -> None:
    """Give the session a new id, if the person has a session."""
    session = getattr(request, "session", None)
    if session is not None and not session.is_empty():
        session.cycle_key()


@requires_csrf_token  # its cookie goes with the form also where the project has no middleware for that
def _page(_: HttpRequest, answer: Answer) -> HttpResponse:
    """Return a page that a view of the project's own answers with."""
    return _response(answer)


def _response(answer: Answer) -> HttpResponse:
    """Return an answer as Django sends it."""
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    for cookie in answer.cookies:
        response.set_cookie(cookie.name, cookie.value, **cookie.settings)
    return response
