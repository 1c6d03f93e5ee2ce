"""The project's own pages: those that ``claims.py`` wants, the same for views that await, and some that write."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from tests.web.claims import told

from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.adapters.web.django.access import MailUpRequiredMixin, aclient_for, client_for, mailup_required
from mailup_oauth.adapters.web.django.persons import person


def whom(request):
    """Return who is signed in, as the cookie of ``claims.py`` tells."""
    return told(request.COOKIES)


async def awaited(request):
    """Return it after waiting."""
    return told(request.COOKIES)


def names_in(answer):
    """Return the names of the mailing lists that MailUp has told of."""
    return [one["Name"] for one in answer.raise_for_status().json()["Items"]]


def names_of(request):
    """Return the names of the signed-in person's mailing lists."""
    with client_for(request) as api:
        return JsonResponse(names_in(api.get("User/Lists")), safe=False)


lists = transaction.non_atomic_requests(mailup_required(names_of))


@transaction.non_atomic_requests
@mailup_required
def guarded(request):
    """Return the MailUp user's name."""
    return HttpResponse(oauth().status(person(request).connection).user)


@transaction.non_atomic_requests
@mailup_required
async def awaiting(request):
    """Return what ``lists`` does, awaited."""
    async with await aclient_for(request) as api:
        return JsonResponse(names_in(await api.get("User/Lists")), safe=False)


@method_decorator(transaction.non_atomic_requests, name="dispatch")
class Classy(MailUpRequiredMixin, View):
    """The lists by a class."""

    def get(self, request):
        """Return the names."""
        return names_of(request)


class Awaiting(MailUpRequiredMixin, View):
    """The lists by a class that awaits."""

    async def get(self, request, number):
        """Return the names, behind the number that stands in the path."""
        async with await aclient_for(request) as api:
            return JsonResponse([number, *names_in(await api.get("User/Lists"))], safe=False)


def writes(request):
    """Write something, and then want what MailUp may not give."""
    Group.objects.create(name="written by the view")
    return names_of(request)


@transaction.non_atomic_requests
def writes_apart(request):
    """Write outside of a transaction, and then want what MailUp may not give."""
    return writes(request)
