"""The project's own pages: who is there, and their mailing lists."""

from common import TENANTS, home, lists_page
from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from mailup_oauth.adapters.web import Who
from mailup_oauth.adapters.web.django.access import client_for, mailup_required


class SeeOther(HttpResponseRedirect):
    """Leads on with a GET."""

    status_code = 303


def who(request: HttpRequest) -> Who | None:
    """Return who is signed in; the connection is their tenant's."""
    user = request.user.get_username()
    return Who(user=user, connection=TENANTS[user]) if user else None


def shown(html: str, status: int = 200) -> HttpResponse:
    """Return a page."""
    return HttpResponse(html, status=status, headers=dict(settings.SETUP.headers))


@require_GET
def first(request: HttpRequest) -> HttpResponse:
    """Show who is signed in, or who could be."""
    token = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return shown(home("Django", request.user.get_username() or None, token))


@require_GET
def strangers(request: HttpRequest) -> HttpResponse:
    """Ask whoever is not signed in who they are."""
    page = first(request)
    page.status_code = 401
    return page


@require_POST
def sign_in(request: HttpRequest, user: str) -> HttpResponse:
    """Believe whoever says who they are, for this is an example."""
    login(request, get_object_or_404(User, username=user))
    return SeeOther("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return SeeOther("/")


@require_GET
@mailup_required
def lists(request: HttpRequest) -> HttpResponse:
    """Show the mailing lists of the signed-in person's tenant."""
    with client_for(request) as api:
        answer = api.get("User/Lists").raise_for_status()
    return shown(lists_page([one["Name"] for one in answer.json()["Items"]]))
