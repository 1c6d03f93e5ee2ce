"""The owner's side of a served sandbox, below ``/__sandbox__/``; all other requests are MailUp's."""

import json
import threading
from typing import Final, cast

from ...sandbox.desk.admission import objection
from ...sandbox.desk.forms import DESK
from ...sandbox.desk.page import desk_page
from ...sandbox.desk.replying import back_to_desk, in_json, in_page, refusal, refusal_page
from ...sandbox.desk.telling import history, state
from ...sandbox.messages import FORM, Outcome, Request, Response, header, parameters
from ...sandbox.router import LARGEST_BODY
from ..transport.sandbox import SandboxService
from .orders import ORDERS, Given
from .reading import NotUnderstood, Problem
from .scenario_file import toml

JSON: Final = "application/json"
TOML: Final = "application/toml"
_LOOKS: Final = ("", "state", "events")


class Desk:
    """Whoever serves it lets programs of this machine look at a sandbox and change it; safe for threads."""

    def __init__(self, service: SandboxService) -> None:
        self._service = service
        self._changing = threading.Lock()

    def handle(self, request: Request) -> Outcome:
        """Return what *request* comes to; one from elsewhere that is meant for the owner is refused."""
        if f"{request.path}/" != DESK and not request.path.startswith(DESK):
            return self._service.handle(request)
        why = objection(request)
        if why:
            return refusal(403, (why,))
        if len(request.body) > LARGEST_BODY:
            return refusal(413, (f"More than {LARGEST_BODY} bytes are not read.",))
        return self._answer(request, request.path[len(DESK) :])

    def _answer(self, request: Request, word: str) -> Response:
        match request.method:
            case "GET" if word in _LOOKS:
                return self._look(request, word)
            case "POST" if word in ORDERS:
                return self._change(request, word)
            case _ if word in _LOOKS or word in ORDERS:
                allowed = "GET" if word in _LOOKS else "POST"
                return refusal(405, (f"This takes {allowed} only.",), headers=(("allow", allowed),))
            case _:
                return refusal(404, (f"There are {', '.join((*_LOOKS[1:], *ORDERS))}.",))

    def _look(self, request: Request, word: str) -> Response:
        match word:
            case "state":
                return in_json(state(self._service.sight))
            case "events":
                return in_json(history(self._service.events))
            case _:
                base, done = f"http://{header(request, 'host')}", parameters(request).get("done", "")
                return in_page(desk_page(self._service.sight, base=base, done=done))

    def _change(self, request: Request, word: str) -> Response:
        is_form = _kind(request) == FORM
        try:
            with self._changing:  # an order may rest on what it was decided on, as that of some switches does
                self._service.order(ORDERS[word](self._service.sight, given(request)))
        except NotUnderstood as error:
            problems = tuple(str(one) for one in error.problems)
            return refusal_page(problems) if is_form else refusal(400, problems)
        return back_to_desk(word) if is_form else in_json(state(self._service.sight))


def given(request: Request) -> Given:
    """
    Return the members that came with *request*, as JSON, TOML or a form; none at all are none.

    Raises:
        NotUnderstood: it is none of these.
    """
    match _kind(request):
        case "application/json":
            return _json(request.body)
        case "application/toml":
            return toml(request.body, "the body")
        case "application/x-www-form-urlencoded":
            return dict(parameters(request))
        case "" if not request.body:
            return {}
        case _:
            raise NotUnderstood("the body", (Problem("Content-Type", f"must be {JSON}, {TOML} or {FORM}"),))


def _json(body: bytes) -> Given:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise NotUnderstood("the body", (Problem("", "is not JSON"),)) from None
    if not isinstance(found, dict):
        raise NotUnderstood("the body", (Problem("", "must be an object"),))
    return cast("Given", found)


def _kind(request: Request) -> str:
    return header(request, "content-type").partition(";")[0].strip().lower()
