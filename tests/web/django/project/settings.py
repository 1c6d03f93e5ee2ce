"""A Django project like a user's, with one database in a file and one in PostgreSQL."""

import os
from datetime import timedelta

from mailup_oauth.adapters.clock.shifted import ShiftedClock

SECRET_KEY = "made up for the tests"
DEBUG = False
USE_TZ = True
TIME_ZONE = "Europe/Rome"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "app.example"]
LOGGING_CONFIG = None
ROOT_URLCONF = "tests.web.django.project.urls"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow hash proves nothing here

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "mailup_oauth.adapters.web.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("TESTS_SQLITE", "no database yet"),
        "ATOMIC_REQUESTS": True,
    },
    "postgres": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ.get("TESTS_POSTGRES", "no server yet"),
        "NAME": "postgres",
        "USER": "tester",
        "CONN_MAX_AGE": 60,
    },
}
MAILUP_OAUTH = {
    "CLIENT_ID": "11111111-2222-3333-4444-555555555555",
    "CLIENT_SECRET": "canary-client-secret",
    "REDIRECT_URI": "https://app.example/mailup/complete",
    "DATABASE": os.environ.get("TESTS_ALIAS", "default"),
    "PROVIDER": os.environ.get("TESTS_MAILUP"),
}
if "TESTS_LATER" in os.environ:  # a process that lives so many minutes later than the one that connected
    MAILUP_OAUTH["PORTS"] = {"clock": ShiftedClock()}
    MAILUP_OAUTH["PORTS"]["clock"].move(timedelta(minutes=int(os.environ["TESTS_LATER"])))
