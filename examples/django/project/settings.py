"""The project's settings; in earnest, secrets come from where the project has its others."""

import os
import secrets

from common import Setup

SETUP = Setup(
    port=int(os.environ.get("EXAMPLE_PORT", "8004")),
    mailup=os.environ.get("EXAMPLE_MAILUP", "http://127.0.0.1:8400"),
)

SECRET_KEY = secrets.token_hex()
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "project.urls"
LOGIN_URL = "sign-in"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mailup_oauth.adapters.web.django",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("EXAMPLE_DATABASE", "example.sqlite3"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL"},
    }
}
MAILUP_OAUTH = {
    "CLIENT_ID": SETUP.registration.client_id,
    "CLIENT_SECRET": SETUP.registration.client_secret,
    "REDIRECT_URI": SETUP.redirect_uri,
    "PROVIDER": SETUP.mailup,  # in earnest, nothing: MailUp is the default
    "WHO": "project.views.who",
}
