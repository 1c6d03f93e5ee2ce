"""Where the project's pages are."""

from django.contrib import admin
from django.db import transaction
from django.urls import include, path
from tests.web.django.project import pages

from mailup_oauth.adapters.web.django.access import mailup_required

urlpatterns = [
    path("admin/", admin.site.urls),
    path("mailup/", include("mailup_oauth.adapters.web.django.urls")),
    path("lists", pages.lists),
    path("guarded", pages.guarded),
    path("awaiting", pages.awaiting),
    path("classy", pages.Classy.as_view()),
    path("awaiting/<int:number>", transaction.non_atomic_requests(pages.Awaiting.as_view())),
    path("writes", mailup_required(pages.writes)),
    path("writes/apart", mailup_required(pages.writes_apart)),
    path("bare", transaction.non_atomic_requests(pages.names_of)),
]
