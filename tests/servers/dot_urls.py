"""The addresses of the Django project: the toolkit's own, the log-on page, and one resource."""

from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.urls import include, path
from oauth2_provider import urls
from oauth2_provider.decorators import protected_resource, protected_resource_metadata


def me(request):
    """Tell whose token it is."""
    return JsonResponse({"user": request.resource_owner.username})


urlpatterns = [
    path("o/", include(urls)),
    path("", include((urls.metadata_urlpatterns, "metadata"))),
    path("accounts/login/", LoginView.as_view()),
    path("me", protected_resource_metadata()(me)),
    path("plain-me", protected_resource()(me)),
]
