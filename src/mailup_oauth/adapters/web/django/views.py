"""
The five pages as views; each hands its request to its flow, and forms that change something want Django's own token too.

None of them is inside a transaction of ``ATOMIC_REQUESTS``: there is nothing in them that could be taken back, and over SQLite
a request that has read its session inside one would lock out the library's own commits.
"""

from collections.abc import Callable

from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect, requires_csrf_token

from .. import reading as r
from . import shell
from .persons import person

View = Callable[[HttpRequest], HttpResponse]


def _apart(view: View) -> View:
    """Have *view* be in no transaction of any database."""
    for alias in connections:
        transaction.non_atomic_requests(using=alias)(view)
    return view


@_apart
@requires_csrf_token  # its cookie goes with the forms also where the project has no middleware for that
def status(request: HttpRequest) -> HttpResponse:
    """Show the signed-in person's connection."""
    return shell.answered(r.STATUS, request, person(request))


@_apart
@csrf_protect
def begin(request: HttpRequest) -> HttpResponse:
    """Send a signed-in person to MailUp who asked for it on one of the project's own pages."""
    return shell.answered(r.BEGIN, request, person(request))


@_apart
@csrf_exempt  # whatever is not a GET is refused by the flow itself, in its own words
def complete(request: HttpRequest) -> HttpResponse:
    """Take what the browser brings back from MailUp, and send it on to an address that tells nothing of it."""
    return shell.answered(r.COMPLETE, request, person(request))


@_apart
@csrf_protect
def disconnect(request: HttpRequest) -> HttpResponse:
    """Erase the tokens of the signed-in person's connection."""
    return shell.answered(r.DISCONNECT, request, person(request))


@_apart
def failed(request: HttpRequest) -> HttpResponse:
    """Tell why nothing was connected."""
    return shell.answered(r.FAILED, request, None)
