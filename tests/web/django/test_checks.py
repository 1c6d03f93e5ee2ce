"""``manage.py check`` says of every wrong setting what is wrong and what to do, and of no secret what it is."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import Error, run_checks
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from tests.web.django.test_making import KEY, SECRET, settings

from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.django.checks import TAG, first_error
from mailup_oauth.adapters.web.django.reading import WORDS

HERE = "mailup_oauth"


def found(given, **other):
    """Return the ids of what the checks say, those of a deployment too."""
    with override_settings(MAILUP_OAUTH=given, **other):
        messages = run_checks(tags=[TAG], include_deployment_checks=True)
    assert [] == [message for message in messages if not (message.msg.endswith(".") and message.hint)]
    assert SECRET not in repr(messages)
    return [message.id.removeprefix(f"{HERE}.") for message in messages]


@pytest.fixture(autouse=True)
def quiet(monkeypatch, sqlite):
    """Begin with a project of which nothing is to be said."""
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)
    monkeypatch.delitem(connections.settings["default"], "ATOMIC_REQUESTS")


def test_of_good_settings_nothing_is_said():
    """A project that is set up as the documentation says hears nothing, with a file and with a server."""
    assert [] == found(settings(KEYS=None))
    assert [] == found(settings(DATABASE="postgres", SPILL="/"))


WRONG = {
    "E001-none": None,
    "E001-list": [],
    "E002-misspelt": settings(CLIENTID="x"),
    "E002-unknown": settings(COLOUR="x"),
    "E003-missing": settings(CLIENT_ID=None),
    "E003-not-ascii": settings(CLIENT_ID="\u00e9"),
    "E004-missing": settings(CLIENT_SECRET=None),
    "E004-empty": settings(CLIENT_SECRET=""),
    "E004-kind": settings(CLIENT_SECRET=[SECRET]),
    "E005-missing": settings(REDIRECT_URI=None),
    "E005-http": settings(REDIRECT_URI="http://app.example/"),
    "E005-relative": settings(REDIRECT_URI="/mailup/complete"),
    "E006-path": settings(PROVIDER="nowhere.MAILUP"),
    "E006-kind": settings(PROVIDER="mailup_oauth.Policy"),
    "E006-address": settings(PROVIDER="http://elsewhere.example"),
    "E006-policy": settings(POLICY="mailup_oauth.MAILUP"),
    "E006-store": settings(STORE="nowhere.Store"),
    "E006-spill": settings(SPILL=7),
    "E006-ports": settings(PORTS=[]),
    "E007-port": settings(PORTS={"clocks": None}),
    "E008-alias": settings(DATABASE="nowhere"),
    "E009-text": settings(KEYS=SECRET),
    "E009-no-key": settings(KEYS=[SECRET]),
    "E009-numbers": settings(KEYS=[7]),
    "E009-empty": settings(KEYS=[]),
    "E009-none": settings(KEYS=None, DATABASE="postgres", SPILL="/"),
    "W003-spill": settings(SPILL="/dev/null/spill"),
    "W004-loopback": settings(REDIRECT_URI="http://127.0.0.1:8000/mailup/complete"),
    "W005-spill": settings(DATABASE="postgres"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_once(case):
    """Each mistake alone has its own number, a hint, and no secret in it."""
    assert [case[:4]] == found(WRONG[case])


@pytest.mark.parametrize("case", [case for case in WRONG if case.startswith("E")])
def test_what_the_checks_find_the_first_call_refuses(case):
    """An error of the settings is told by whoever uses them as well; a warning is not."""
    with override_settings(MAILUP_OAUTH=WRONG[case]):
        assert f"(mailup_oauth.{case[:4]})" in first_error()


def test_a_hint_tells_the_right_word():
    """A misspelt setting is answered with the one that was meant, another one with all that there are."""
    with override_settings(MAILUP_OAUTH=settings(client_id="x")):
        near = run_checks(tags=[TAG])[0].hint
    with override_settings(MAILUP_OAUTH=settings(COLOUR="x")):
        far = run_checks(tags=[TAG])[0].hint

    assert ("Did you mean 'CLIENT_ID'?", True) == (near, far.startswith("There are: CLIENT_ID, "))


def test_every_mistake_is_told_at_once():
    """Whoever has made several need not run the checks several times."""
    given = settings(CLIENTID="x", CLIENT_SECRET=None, DATABASE="nowhere", KEYS=[])

    assert ["E002", "E004", "E008", "E009"] == found(given)


@pytest.mark.parametrize(
    ("alias", "words", "expected"),
    [
        ("default", {"NAME": ":memory:"}, ["E008"]),
        ("default", {"NAME": "file:memorydb_default?mode=memory&cache=shared"}, []),
        ("default", {"ENGINE": "django.db.backends.dummy"}, ["E008"]),
        ("default", {"ENGINE": "nowhere"}, ["E008"]),
        ("default", {"ATOMIC_REQUESTS": True}, ["W001"]),
        ("postgres", {"ATOMIC_REQUESTS": True}, []),
        ("postgres", {"DISABLE_SERVER_SIDE_CURSORS": True}, ["W002"]),
    ],
)
def test_the_database_is_looked_at_without_asking_it(monkeypatch, alias, words, expected):
    """What can be seen of a database in the settings is said; the database of a test run is no mistake."""
    for word, value in words.items():
        monkeypatch.setitem(connections.settings[alias], word, value)

    assert expected == found(settings(DATABASE=alias, SPILL="/"))


def test_a_store_of_the_project_s_own_needs_no_database():
    """With STORE neither a database nor a key is asked for."""
    assert [] == found(settings(STORE=MemoryStore(), KEYS=None, DATABASE="nowhere"))


def test_keys_in_the_environment_are_keys(monkeypatch):
    """A server's project may keep them there, and a wrong one is told of."""
    given = settings(KEYS=None, DATABASE="postgres", SPILL="/")
    monkeypatch.setenv("MAILUP_OAUTH_KEY", KEY)
    good = found(given)
    monkeypatch.setenv("MAILUP_OAUTH_KEY", "no key")

    assert ([], ["E009"]) == (good, found(given))


def test_keys_of_a_secret_manager_are_asked_for_later():
    """A callable is not called to be checked."""

    def asked():
        raise AssertionError

    assert [] == found(settings(KEYS=asked, CLIENT_SECRET=asked))


def test_the_command_fails_on_an_error():
    """``manage.py check`` ends with the mistakes, their numbers and their hints."""
    err = StringIO()
    with override_settings(MAILUP_OAUTH=settings(CLIENTID="x")), pytest.raises(CommandError) as caught:
        call_command("check", stderr=err)

    assert "(mailup_oauth.E002) MAILUP_OAUTH has no setting 'CLIENTID'.\n\tHINT: Did you mean 'CLIENT_ID'?" in str(
        caught.value
    )


def test_a_warning_is_no_error(monkeypatch):
    """What only warns stops nobody."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", "yes")
    with override_settings(MAILUP_OAUTH=settings()):
        assert ["W001"] == found(settings())
        assert "" == first_error()
        assert not [message for message in run_checks(tags=[TAG]) if isinstance(message, Error)]


def test_every_number_is_documented():
    """The page about Django has a row for every number that there is, and no other ones."""
    folder = Path(__file__).parents[3]
    numbers = re.compile(r"mailup_oauth\.([EW]\d{3})|\b([EW]00\d)\b")
    source = (folder / "src/mailup_oauth/adapters/web/django/checks.py").read_text()
    page = (folder / "docs/django.md").read_text()

    assert {a or b for a, b in numbers.findall(source)} == set(
        re.findall(r"^\| `mailup_oauth\.(\w{4})` \|", page, re.MULTILINE)
    )


def test_every_setting_is_documented():
    """The page about Django has a row for every setting, and no other ones."""
    page = (Path(__file__).parents[3] / "docs/django.md").read_text()
    table = page.partition("| In `MAILUP_OAUTH` |")[2].partition("\n\n")[0]

    assert [*WORDS] == re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)
