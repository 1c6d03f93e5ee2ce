"""
A django-oauth-toolkit as its documentation has it, with reuse protection.

Its arguments are a database, the grace in seconds, and whether tokens are stored ``clear`` or ``hashed``.
"""

import logging
import sys

import django
from desk import keep
from django.conf import settings
from django.core.management import call_command

DATABASE, GRACE, STORED = sys.argv[1], int(sys.argv[2]), sys.argv[3]
FORM = "<form method='post'>{% csrf_token %}{{ form }}<button>Log on</button></form>"

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATABASE,
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},  # row locks, as far as SQLite has them
        }
    },
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    OAUTH2_PROVIDER={
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
        "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
        "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
        "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": STORED == "hashed",
        "PKCE_REQUIRED": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": GRACE,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "ROTATE_REFRESH_TOKEN": True,
    },
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ],  # made-up secrets; a slow hash proves nothing here
    ROOT_URLCONF="dot_urls",
    SECRET_KEY="made up for a test",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": False,
            "OPTIONS": {
                "context_processors": ["django.template.context_processors.request"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", {"registration/login.html": FORM}),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    USE_TZ=True,
)
django.setup()
logging.getLogger("django.request").setLevel(logging.CRITICAL)  # the desk has its own log

from django.core.wsgi import get_wsgi_application  # noqa: E402  # what comes here needs Django set up
from dot_orders import ORDERS, found  # noqa: E402

call_command("migrate", verbosity=0, interactive=False)
found()
keep(get_wsgi_application(), ORDERS)
