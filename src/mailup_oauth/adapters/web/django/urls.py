"""``path("mailup/", include("mailup_oauth.adapters.web.django.urls"))``: the pages, in the namespace ``mailup_oauth``."""

from django.urls import path

from . import views

app_name = "mailup_oauth"
urlpatterns = [
    path("", views.status, name="status"),
    path("begin", views.begin, name="begin"),
    path("complete", views.complete, name="complete"),
    path("disconnect", views.disconnect, name="disconnect"),
    path("failed", views.failed, name="failed"),
]
