"""Where the project's pages are."""

from django.urls import include, path
from project import views

urlpatterns = [
    path("", views.first),
    path("sign-in", views.strangers, name="sign-in"),
    path("sign-in/<user>", views.sign_in),
    path("sign-out", views.sign_out),
    path("lists", views.lists),
    path("mailup/", include("mailup_oauth.adapters.web.django.urls")),
]
