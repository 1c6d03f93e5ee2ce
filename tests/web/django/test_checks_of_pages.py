"""``manage.py check`` says whether browsers find the page that they are sent back to."""

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import include, path, set_script_prefix
from tests.web.django.test_making import settings

from mailup_oauth.adapters.web.django.checks import TAG, first_error


def routes(*found):
    """Return a project's routes."""
    return type("Routes", (), {"urlpatterns": found})


PAGES = include("mailup_oauth.adapters.web.django.urls")


def said(redirect_uri="https://app.example/mailup/complete", **others):
    """Return the ids of what the checks say."""
    given = settings(REDIRECT_URI=redirect_uri, STORE="mailup_oauth.adapters.storage.memory.MemoryStore")
    with override_settings(MAILUP_OAUTH=given, **others):
        messages = run_checks(tags=[TAG])
    assert [] == [message for message in messages if not (message.msg.endswith(".") and message.hint)]
    return [message.id.removeprefix("mailup_oauth.") for message in messages]


@pytest.mark.parametrize(
    ("prefix", "place"),
    [
        ("mailup/", "/mailup"),
        ("", ""),
        ("inner/mailup/", "/inner/mailup"),
        ("caffè/", "/caff%C3%A8"),
        ("mailup/", "/a-server-s-own/mailup"),
    ],
)
def test_of_pages_that_are_found_nothing_is_said(prefix, place):
    """Below any prefix, in any letters, also below what the server will tell as SCRIPT_NAME."""
    assert [] == said(f"https://app.example{place}/complete", ROOT_URLCONF=routes(path(prefix, PAGES)))


@pytest.mark.parametrize(
    "place", ["/mailup/callback", "/mailup/complete/", "/complete", "/", "/mailup/", "/mailup/Complete", "/mailup"]
)
def test_a_redirect_uri_that_leads_elsewhere_is_an_error(place):
    """E010: nobody would ever come back; the facade alone does not know of URLs, and works all the same."""
    assert ["E010"] == said(f"https://app.example{place}")
    with override_settings(MAILUP_OAUTH=settings(REDIRECT_URI=f"https://app.example{place}")):
        assert "" == first_error()


def test_the_prefix_that_is_forced_belongs_to_it():
    """Behind a proxy that cuts off what FORCE_SCRIPT_NAME tells, the redirect URI has that too."""
    set_script_prefix("/api/")
    try:
        assert ([], ["E010"]) == (said("https://app.example/api/mailup/complete"), said())
    finally:
        set_script_prefix("/")


@pytest.mark.parametrize("others", [{"ROOT_URLCONF": routes()}, {"ROOT_URLCONF": None}], ids=["none", "no URLs"])
def test_pages_that_are_in_no_urls_are_a_warning(others):
    """W006: a project may have views of its own, or none at all, such as one that only has workers."""
    assert ["W006"] == said(**others)


def test_a_project_may_have_no_word_of_urls():
    """Where the settings do not name them at all, it is the same."""
    with override_settings():
        del configured.ROOT_URLCONF

        assert ["W006"] == said()


def test_one_mistake_is_told_once():
    """A redirect URI that cannot work is told as such alone."""
    assert ["E005"] == said("http://app.example/elsewhere")


@pytest.mark.parametrize("wrong", ["nowhere.whom", 7, "tests.web.django.test_checks_of_pages.TAG"])
def test_a_who_that_is_none_is_an_error(wrong):
    """E006: a path that leads nowhere, or to what cannot be called."""
    with override_settings(MAILUP_OAUTH=settings(WHO=wrong)):
        assert "(mailup_oauth.E006)" in first_error()
        assert "WHO" in first_error()
