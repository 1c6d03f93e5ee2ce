"""What the owner of the Django project can do and see, by the toolkit's own models."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken

User = get_user_model()


def found():
    """Register the application."""
    Application.objects.create(
        name="Servers",
        client_id="servers",
        client_secret="canary-client-secret",
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris="https://app.example/mailup/callback",
    )


def enrol(username):
    """Let a user in."""
    User.objects.create_user(username, password="canary-password")


def families(username):
    """Return of each family of refresh tokens, oldest first, how many were issued and how many are alive."""
    told = {}
    for token in RefreshToken.objects.filter(user__username=username).order_by("id"):
        issued, alive = told.get(token.token_family, (0, 0))
        told[token.token_family] = (issued + 1, alive + (token.revoked is None))
    return list(told.values())


def revoke(username):
    """Revoke what the user has granted, as the admin's action does."""
    for token in RefreshToken.objects.filter(user__username=username, revoked__isnull=True):
        token.revoke()


def expire(username):
    """Let the user's access tokens end before their time."""
    AccessToken.objects.filter(user__username=username).update(expires=timezone.now() - timedelta(minutes=1))


ORDERS = {"enrol": enrol, "families": families, "revoke": revoke, "expire": expire}
