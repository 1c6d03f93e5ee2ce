"""The clothes of what the owner is answered: JSON for programs, pages and redirects for people."""

from collections.abc import Iterable, Sequence
from typing import Final

from ...domain.wire.http import Headers
from ..frame import CLOSED
from ..messages import Response
from ..style import STYLE_SOURCE
from ..trees import Several, Tree, as_json
from .forms import DESK
from .page import refused_page

_JSON: Final[Headers] = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store"))
_HTML: Final[Headers] = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("content-security-policy", f"{CLOSED}; style-src {STYLE_SOURCE}; form-action 'self'"),
    # Not no-referrer: the browser would then hide from which page a form was posted.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
)


def in_json(tree: Tree, status: int = 200, headers: Headers = ()) -> Response:
    """Return *tree* for a program."""
    return Response(status=status, headers=(*_JSON, *headers), body=as_json(tree))


def in_page(page: str, status: int = 200) -> Response:
    """Return *page* for a person."""
    return Response(status=status, headers=_HTML, body=page.encode("utf-8", "replace"))


def back_to_desk(done: str) -> Response:
    """Send the browser back to the part of the page that *done* changed, so that a reload posts nothing again."""
    return Response(status=303, headers=(("location", f"{DESK}?done={done}#{done}"), ("cache-control", "no-store")))


def refusal(status: int, problems: Sequence[str], *, headers: Headers = ()) -> Response:
    """Tell a program what is wrong."""
    return in_json({"problems": Several("problem", tuple(problems))}, status, headers)


def refusal_page(problems: Iterable[str]) -> Response:
    """Tell a person what is wrong with a form."""
    return in_page(refused_page(problems), 400)
