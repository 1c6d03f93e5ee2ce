"""How the tests ask the project for its pages: as people at browsers, with Django's own checks on."""

from contextlib import contextmanager

from django.test import Client, override_settings
from tests.web.django.test_making import KEY
from tests.web.scene import CLIENT_ID, CLIENT_SECRET, ORIGIN, over_django

WHOM = "tests.web.django.project.pages.whom"
TOKEN = "t" * 32
"""What a browser has got from the project in a cookie and in a form."""
SAFE = {"GET", "HEAD", "OPTIONS"}


@contextmanager
def project(scene, *, redirect_uri=f"{ORIGIN}/mailup/complete", store=None, words=(), others=(), **ports):
    """Have the project's settings lead to a MailUp; yield what they are."""
    settings = {
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "REDIRECT_URI": redirect_uri,
        "PROVIDER": scene.provider,
        "KEYS": [KEY],
        "STORE": store,
        "PORTS": {"clock": scene.clock, **ports},
        "WHO": WHOM,
        **dict(words),
    }
    with override_settings(MAILUP_OAUTH=settings, **dict(others)):
        yield settings


def strict():
    """Return a ``Send`` to the project that checks Django's tokens."""
    return over_django(Client(enforce_csrf_checks=True))


def with_token(send, field="x-csrftoken"):
    """Return a ``Send`` that sends Django's token with what comes from the project's own pages, as they do."""

    def asked(method, path, headers, body):
        given = dict(headers)
        if method not in SAFE and (given.get("sec-fetch-site") == "same-origin" or given.get("origin") == ORIGIN):
            given = {"origin": ORIGIN, field: TOKEN, **given}
            given["cookie"] = "; ".join(filter(None, (given.get("cookie"), f"csrftoken={TOKEN}")))
        return send(method, path, given, body)

    return asked
