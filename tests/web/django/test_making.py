"""From settings to facades: one a process, made when it is asked for, made anew when a test changes the settings."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import connections
from django.test import override_settings
from tests.web.django.outer import failing

from mailup_oauth import MAILUP, NotConnected, Secret
from mailup_oauth.adapters.cipher.keys import Key
from mailup_oauth.adapters.spill.folder import FolderSpill
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.django import aoauth, oauth
from mailup_oauth.adapters.web.django.models import Connection
from mailup_oauth.domain.errors import KeyUnavailable
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import CLIENT_ID, Stage

ROOT = Path(__file__).parents[3]
KEY = Key(b"k" * 32).text()
SECRET = f"{CANARY}-client-secret"


def settings(**words):
    """Return the dictionary of a project, with some words more or other ones."""
    usual = {
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": SECRET,
        "REDIRECT_URI": "https://app.example/mailup/complete",
        "KEYS": [KEY],
    }
    return usual | words


@contextmanager
def staged(alias, **words):
    """Have the project's settings lead to a MailUp on a stage, and return the stage."""
    stage = Stage()
    with override_settings(MAILUP_OAUTH=settings(DATABASE=alias, PORTS=stage.ports, **words)):
        yield stage


def connect(stage, connection="acme"):
    """Connect a user as a project would, by the facade that it is given."""
    start = oauth().begin(connection)
    return oauth().complete(stage.visit(start), binding=start.binding)


def test_a_life_from_begin_to_disconnect(alias):
    """A project connects, calls, refreshes and disconnects, over each database, with the library's guard and store."""
    with staged(alias) as stage:
        connected = connect(stage).connected
        first = oauth().access_token("acme").value
        stage.expire()
        second = oauth().access_token("acme").value
        told = [type(record.event).__name__ for record in oauth().journal("acme")]
        farewell = oauth().disconnect("acme")

        assert (True, True) == (connected, farewell.was_connected)
        assert first != second
        assert ["AuthorizationBegun", "CallbackAccepted", "TokensIssued"] == told[:3]
        with pytest.raises(NotConnected):
            oauth().access_token("acme")


def test_no_request_takes_back_what_the_library_did(alias):
    """Begun, connected, refreshed and disconnected inside transactions that are rolled back, it stays so each time."""
    with staged(alias) as stage:
        with failing(alias):
            start = oauth().begin("acme")
        with failing(alias):
            oauth().complete(stage.visit(start), binding=start.binding)
        assert oauth().status("acme").connected
        with failing(alias):
            oauth().refresh("acme")
        assert 1 == oauth().status("acme").generation
        with failing(alias):
            oauth().disconnect("acme")

        assert not oauth().status("acme").connected


def test_both_facades_share_connections_and_flights(alias):
    """What one facade connected the other uses; awaited, it minds no event loop, from the first call on."""

    async def used():
        status = await aoauth().status("acme")
        token = await aoauth().access_token("acme")
        return status.connected, token.value

    with staged(alias) as stage:
        connect(stage)

        assert (True, oauth().access_token("acme").value) == asyncio.run(used())


def test_there_is_one_facade_a_process(sqlite):
    """Asked again, also from another thread, the same object comes; there is another one for tasks."""
    with staged("default"):
        others = []
        thread = threading.Thread(target=lambda: others.append(oauth()))
        thread.start()
        thread.join()

        assert [oauth()] == others
        assert aoauth() is aoauth() is not oauth()


def test_other_settings_make_another_facade(sqlite):
    """What a test overrides is what the facade is made of, and afterwards it is made of the usual ones again."""
    with staged("default"):
        first = oauth()
        with override_settings(MAILUP_OAUTH=settings(CLIENT_ID="another")):
            assert "another" == oauth().core.setting.registration.client_id

        again = oauth()
        assert (CLIENT_ID, False) == (again.core.setting.registration.client_id, again is first)
        setting_changed.send(sender=None, setting="DATABASES", value={}, enter=False)
        assert again is not oauth()


def test_a_forked_child_makes_its_own(alias):
    """A worker that is forked after the facade was made has one of its own, and it works."""
    program = """
import os, signal, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
import django; django.setup()
from mailup_oauth.adapters.web.django import oauth
first = oauth(); first.begin("of the parent")
number = os.fork()
if not number:
    signal.alarm(30)
    is_own = oauth() is not first
    oauth().begin("of the child")
    os._exit(not is_own)
print(os.waitpid(number, 0)[1], *oauth().core.ports.store.connections(), sep=",")
"""
    done = run(program, alias)

    assert ("0,of the child,of the parent", "") == (done.stdout.strip(), done.stderr)


def environment(alias, **more):
    """Return what a process has to know to be one more of the project's."""
    place = {"TESTS_SQLITE": str(connections.settings["default"]["NAME"]), "PYTHONPATH": str(ROOT), "PATH": ""}
    place |= {"TESTS_POSTGRES": str(connections.settings["postgres"]["HOST"]), "TESTS_ALIAS": alias}
    return place | {"MAILUP_OAUTH_KEY": KEY, "DJANGO_SETTINGS_MODULE": "tests.web.django.project.settings"} | more


def run(program, alias, **more):
    """Run a program in the project, in a new interpreter."""
    words = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(words, env=environment(alias, **more), capture_output=True, text=True, check=False)


def test_settings_reach_the_facade(sqlite, tmp_path):
    """Provider and policy may be objects or paths; the secret text, a ``Secret`` or a callable; SPILL a folder."""
    given = settings(
        PROVIDER="mailup_oauth.MAILUP",
        POLICY=PRODUCTION,
        CLIENT_SECRET=lambda: SECRET,
        SPILL=tmp_path / "spill",
        KEYS=lambda: (KEY,),
    )
    with override_settings(MAILUP_OAUTH=given):
        core = oauth().core

        assert (MAILUP, PRODUCTION) == (core.setting.provider, core.setting.policy)
        assert Secret(SECRET) == core.setting.registration.client_secret()
        assert isinstance(core.ports.spill, FolderSpill)
        assert f"{tmp_path / 'spill'}" == str(core.ports.spill._folder)
    with override_settings(MAILUP_OAUTH=settings(CLIENT_SECRET=Secret(SECRET), PROVIDER="http://127.0.0.1:8400")):
        core = oauth().core

        assert Secret(SECRET) == core.setting.registration.client_secret()
        assert core.setting.provider.token_url.startswith("http://127.0.0.1:8400/")


def test_the_secret_is_asked_for_when_it_is_sent(sqlite):
    """A secret manager may give another one at any time."""
    answers = iter([f"{SECRET}-1", Secret(f"{SECRET}-2")])
    with override_settings(MAILUP_OAUTH=settings(CLIENT_SECRET=lambda: next(answers))):
        asked = oauth().core.setting.registration.client_secret

        assert [Secret(f"{SECRET}-1"), Secret(f"{SECRET}-2")] == [asked(), asked()]


@pytest.mark.parametrize("answer", ["", None, 7])
def test_no_secret_is_no_secret(sqlite, answer):
    """A callable that returns none is found out before anything is sent."""
    with override_settings(MAILUP_OAUTH=settings(CLIENT_SECRET=lambda: answer)):
        asked = oauth().core.setting.registration.client_secret
        with pytest.raises(ImproperlyConfigured, match="neither text nor a Secret"):
            asked()


def test_a_test_of_a_user_s_own_takes_memory(sqlite):
    """With STORE the database is left alone, as a path or an object, so that any ``TestCase`` will do."""
    for store in ("mailup_oauth.adapters.storage.memory.MemoryStore", MemoryStore()):
        with staged("default", STORE=store) as stage:
            connect(stage)

            assert oauth().status("acme").connected
        assert not Connection.objects.exists()


def test_sqlite_has_its_key_beside_it(sqlite, monkeypatch):
    """Without keys in the settings or the environment, one is made beside the file, for its owner alone, and kept."""
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)
    file = sqlite.with_name(f"{sqlite.name}.key")
    seen = []
    for _ in range(2):
        with staged_without_cipher() as stage:
            if not seen:
                connect(stage)
            seen.append((oauth().access_token("acme").value, file.read_text()))

    assert seen[0] == seen[1]
    assert 0o600 == file.stat().st_mode & 0o777


@contextmanager
def staged_without_cipher():
    """Have the library look for the keys itself."""
    stage = Stage()
    ports = {name: port for name, port in stage.ports.items() if name not in {"cipher", "marker"}}
    given = settings(PORTS=ports)
    del given["KEYS"]
    with override_settings(MAILUP_OAUTH=given):
        yield stage


def test_the_first_question_may_come_from_a_loop(sqlite, monkeypatch):
    """Where the key is still to be made, the database is asked on another thread than the loop's."""
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)

    async def ask():
        return await aoauth().status("acme")

    with staged_without_cipher():
        assert not asyncio.run(ask()).connected


def test_a_lost_key_is_not_replaced(sqlite, monkeypatch):
    """Where tokens are sealed already, a new key would lock everybody out; it is refused."""
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)
    with staged_without_cipher() as stage:
        connect(stage)
    sqlite.with_name(f"{sqlite.name}.key").unlink()

    with staged_without_cipher(), pytest.raises(KeyUnavailable, match="is gone"):
        oauth()


@pytest.mark.usefixtures("postgres")
def test_a_server_gets_no_key_file(monkeypatch):
    """Beside a server's database there is no place for a key: the settings or the environment must have one."""
    monkeypatch.delenv("MAILUP_OAUTH_KEY", raising=False)
    with override_settings(MAILUP_OAUTH=settings(DATABASE="postgres", KEYS=None)):
        with pytest.raises(ImproperlyConfigured, match="no key") as caught:
            oauth()
        assert "mailup_oauth.E009" in str(caught.value)

        monkeypatch.setenv("MAILUP_OAUTH_KEY", KEY)
        assert not oauth().status("acme").connected


def test_settings_that_cannot_work_make_nothing(sqlite):
    """Whoever did not run the checks is told the same by the first call, and no secret."""
    with override_settings(MAILUP_OAUTH=settings(CLIENTID="x")), pytest.raises(ImproperlyConfigured) as caught:
        oauth()

    assert "MAILUP_OAUTH has no setting 'CLIENTID'. Did you mean 'CLIENT_ID'? (mailup_oauth.E002)" == str(caught.value)


def test_django_s_error_page_shows_none_of_it():
    """Django takes the whole dictionary for what must not be shown."""
    from django.views.debug import SafeExceptionReporterFilter  # noqa: PLC0415

    shown = SafeExceptionReporterFilter().get_safe_settings()

    assert SafeExceptionReporterFilter.cleansed_substitute == shown["MAILUP_OAUTH"]


@pytest.mark.parametrize("module", ["web", "storage.sqlite", "guard.host", "auth.httpx", "cli.app"])
def test_django_is_loaded_by_its_own_app_only(module):
    """Importing any other adapter does not import Django."""
    program = f"import json, sys, mailup_oauth.adapters.{module}; print(json.dumps('django' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) is False


def test_the_identity_tells_databases_apart_and_no_secret(monkeypatch, sqlite):
    """Equal settings are one store, other places are others; user and password are no part of it."""
    from mailup_oauth.adapters.web.django.store import DjangoStore  # noqa: PLC0415

    def identity(**words):
        with monkeypatch.context() as patch:
            for word, value in words.items():
                patch.setitem(connections.settings["postgres"], word, value)
            return DjangoStore("postgres").identity

    same = identity(PASSWORD=SECRET, USER="another")
    others = [identity(HOST="a"), identity(NAME="b"), identity(PORT="1"), identity(OPTIONS={"service": "c"})]
    others.append(identity(OPTIONS={"options": f"-c search_path={SECRET}"}))

    assert identity() == same
    assert 6 == len({same, *others})
    assert SECRET not in "".join([same, *others])
    assert f"django:sqlite:{os.path.realpath(sqlite)}" == DjangoStore().identity
