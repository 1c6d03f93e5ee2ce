"""What a Flask application's config may say, and how it is told what it says wrong."""

import os
import subprocess
import sys
import traceback

import pytest
from tests.web.flask_app import bare, oauth_of, person, settings, with_views
from tests.web.scene import CLIENT_ID, LIST, ORIGIN

from mailup_oauth import BadRegistration, MailUpOAuth, Secret, StoreUnavailable
from mailup_oauth.adapters.web.flask import MailUp
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.testing.canary import CANARY

SECRET = f"{CANARY}-client-secret"
URI = f"{ORIGIN}/mailup/complete"


@pytest.fixture
def instance(tmp_path):
    """Return where an application has its instance folder; it is not there yet."""
    return tmp_path / "instance"


@pytest.fixture
def make(instance):
    """Return what makes an application of a config."""

    def make(**config):
        app = bare()
        app.instance_path = str(instance)
        app.config.update(config)
        MailUp(app, who=lambda: "ada")
        return app

    return make


def complete(**changed):
    """Return a config in which nothing is missing, with changes."""
    given = {"MAILUP_CLIENT_ID": CLIENT_ID, "MAILUP_CLIENT_SECRET": SECRET, "MAILUP_REDIRECT_URI": URI}
    return {**given, **{f"MAILUP_{name}": value for name, value in changed.items()}}


def secret_of(app):
    """Return the client secret that an application would send."""
    return oauth_of(app).core.setting.registration.client_secret()


# --- what it may say --------------------------------------------------------------------------------------------------


def test_three_settings_are_enough(make, instance):
    """Id, secret and redirect URI make a facade before MailUp, in a file of the instance folder with a key beside it."""
    app = make(**complete())
    registration = oauth_of(app).core.setting.registration

    assert (CLIENT_ID, URI, MAILUP) == (registration.client_id, registration.redirect_uri, oauth_of(app).provider)
    assert Secret(SECRET) == secret_of(app)
    assert f"sqlite:{os.path.realpath(instance / 'mailup.db')}" == oauth_of(app).core.ports.store.identity
    assert 0o700 == instance.stat().st_mode & 0o777


def test_an_application_with_a_config_alone_goes_all_the_way(scene, instance):
    """Somebody connects and sees their lists, with nothing made by hand."""
    app, mailup = bare(), MailUp()
    app.instance_path = str(instance)
    app.config.update(settings(scene, MAILUP_CLIENT_SECRET=SECRET, MAILUP_PROVIDER=scene.base))
    mailup.init_app(app)
    ada = person(with_views(app, mailup))

    assert LIST in ada.follows(ada.connects("/lists")).body


def test_the_environment_may_say_it_all(make, monkeypatch, instance):
    """``from_prefixed_env`` reads digits as numbers and ``null`` as nothing; that is understood."""
    words = {"CLIENT_ID": "12345678", "CLIENT_SECRET": "87654321", "REDIRECT_URI": URI, "DATABASE": "null"}
    for name, value in words.items():
        monkeypatch.setenv(f"FLASK_MAILUP_{name}", value)
    app = bare()
    app.instance_path = str(instance)
    app.config.from_prefixed_env()
    MailUp(app)

    assert "12345678" == oauth_of(app).core.setting.registration.client_id
    assert Secret("87654321") == secret_of(app)


@pytest.mark.parametrize(
    "source", [lambda: SECRET, lambda: Secret(SECRET), Secret(SECRET)], ids=["text", "Secret", "at once"]
)
def test_a_secret_may_come_from_a_secret_manager(make, source):
    """A callable that returns text or a ``Secret`` is asked when the secret is needed."""
    assert Secret(SECRET) == secret_of(make(**complete(CLIENT_SECRET=source)))


@pytest.mark.parametrize("name", ["other.db", "below/other.db"])
def test_a_relative_database_is_in_the_instance_folder(make, instance, name):
    """So is the folder that it names, which is made."""
    app = make(**complete(DATABASE=name))

    assert f"sqlite:{os.path.realpath(instance / name)}" == oauth_of(app).core.ports.store.identity
    assert (instance / name).parent.is_dir()


def test_an_absolute_database_is_where_it_says(make, instance, tmp_path):
    """No folder is made for it, nor the instance folder."""
    app = make(**complete(DATABASE=tmp_path / "mine.db"))

    assert f"sqlite:{os.path.realpath(tmp_path / 'mine.db')}" == oauth_of(app).core.ports.store.identity
    assert not instance.exists()


# --- what it may not --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"CLIENT_ID": None}, "MAILUP_CLIENT_ID is not set."),
        ({"CLIENT_ID": ""}, "MAILUP_CLIENT_ID is not set."),
        ({"CLIENT_ID": True}, "MAILUP_CLIENT_ID is not text."),
        ({"CLIENT_ID": ["a"]}, "MAILUP_CLIENT_ID is not text."),
        ({"CLIENT_SECRET": None}, "MAILUP_CLIENT_SECRET is not set."),
        ({"CLIENT_SECRET": ""}, "MAILUP_CLIENT_SECRET is not set."),
        ({"CLIENT_SECRET": 1e5}, "MAILUP_CLIENT_SECRET is of type float;"),
        ({"CLIENT_SECRET": False}, "MAILUP_CLIENT_SECRET is of type bool;"),
        ({"CLIENT_SECRET": SECRET.encode()}, "MAILUP_CLIENT_SECRET is of type bytes;"),
        ({"REDIRECT_URI": None}, "MAILUP_REDIRECT_URI is not set."),
        (
            {"REDIRECT_URI": f"{ORIGIN}/mailup/callback"},
            "does not end in /mailup/complete, where the pages are mounted.",
        ),
        ({"URL_PREFIX": "/crm"}, "does not end in /crm/complete, where the pages are mounted."),
        (
            {"URL_PREFIX": None, "REDIRECT_URI": f"{ORIGIN}/x"},
            "does not end in /complete, where the pages are mounted.",
        ),
        ({"URL_PREFIX": "crm"}, "MAILUP_URL_PREFIX is neither a path that begins with a slash nor None."),
        ({"URL_PREFIX": 7}, "MAILUP_URL_PREFIX is neither a path that begins with a slash nor None."),
        ({"DATABASE": 7}, "MAILUP_DATABASE is no path."),
        ({"PROVIDER": 7}, "MAILUP_PROVIDER is neither a Provider nor a sandbox's address"),
        ({"PROVIDER": "http://mailup.example"}, "MAILUP_PROVIDER is neither a Provider nor a sandbox's address"),
        ({"PROVIDER": "http://[::1"}, "MAILUP_PROVIDER is neither a Provider nor a sandbox's address"),
        (
            {"CLIENT_SECERT": SECRET},
            "MAILUP_CLIENT_SECERT is no setting of mailup_oauth; perhaps MAILUP_CLIENT_SECRET is meant.",
        ),
        ({"REDIRECT_URL": URI}, "perhaps MAILUP_REDIRECT_URI is meant."),
        ({"ZZZ": 1}, "there are CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, DATABASE, PROVIDER, URL_PREFIX."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_work_is_refused_with_a_sentence(make, changed, sentence):
    """Each mistake is told by the setting's name when the application is made, with what to do and no value."""
    with pytest.raises(BadRegistration) as refused:
        make(**complete(**changed))

    assert sentence in str(refused.value)
    assert str(refused.value).endswith(BadRegistration.remedy)
    assert refused.value.__context__ is None or refused.value.__suppress_context__


def test_what_no_server_could_take_is_refused_as_everywhere(make):
    """The registration's own rules are the library's."""
    with pytest.raises(BadRegistration, match="redirect_uri must be https"):
        make(**complete(REDIRECT_URI="http://app.example/mailup/complete"))


def test_a_folder_that_cannot_be_made_is_told(make, instance):
    """Where a file is in the way of the instance folder, the store is unavailable."""
    instance.write_text("in the way")

    with pytest.raises(StoreUnavailable, match="its folder cannot be made"):
        make(**complete(DATABASE="below/mailup.db"))


def test_a_facade_of_ones_own_takes_the_place_of_the_one_that_the_config_describes(scene, instance):
    """The config is then not asked for one, and no file is made; a setting that there is not is refused all the same."""
    app, oauth = bare(**complete()), scene.facade(MailUpOAuth)
    app.instance_path = str(instance)
    MailUp(app, oauth=oauth)

    assert oauth is oauth_of(app)
    assert SECRET not in repr(app.config)
    assert not instance.exists()
    with pytest.raises(BadRegistration, match="MAILUP_ZZZ"):
        MailUp(bare(MAILUP_ZZZ=1), oauth=oauth)


def test_an_application_is_prepared_once(scene):
    """A second ``init_app`` is a mistake, whoever makes it."""
    app = bare()
    MailUp(app, oauth=scene.facade(MailUpOAuth))

    with pytest.raises(RuntimeError, match="has a MailUp already"):
        MailUp(app, oauth=scene.facade(MailUpOAuth))


# --- the secret -------------------------------------------------------------------------------------------------------


def test_the_config_does_not_show_the_secret_any_more(make):
    """Whoever prints the config, the extension or what an application holds prints no secret."""
    app = make(**complete())
    shown = [
        repr(app.config),
        repr(app.config["MAILUP_CLIENT_SECRET"]),
        repr(vars(app.extensions["mailup_oauth"].oauth)),
    ]

    assert not [text for text in shown if SECRET in text]


@pytest.mark.parametrize(
    "changed",
    [
        {"REDIRECT_URI": "x"},
        {"ZZZ": 1},
        {"URL_PREFIX": "x"},
        {"PROVIDER": 7},
        {"CLIENT_SECRET": SECRET.encode()},
        {"SECRET": SECRET},
    ],
    ids="-".join,
)
def test_no_frame_of_ours_holds_a_secret_of_the_config(make, changed):
    """A traceback with locals, as an error page or a monitor shows it, has neither the client secret nor the session's."""
    config = {"SECRET_KEY": f"{CANARY}-session", **complete(**changed)}
    try:
        make(**config)
    except BadRegistration:
        found = traceback.TracebackException(*sys.exc_info(), capture_locals=True).stack
    ours = [frame for frame in found if "mailup_oauth" in frame.filename]

    assert len(ours) > 1
    assert not [frame.name for frame in ours if CANARY in repr(frame.locals)]


def test_who_has_no_flask_is_told_how_to_get_it():
    """Without Flask the import ends with the command that installs it."""
    program = "import sys; sys.modules['flask'] = None; import mailup_oauth.adapters.web.flask"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.endswith('this adapter needs Flask. Run: pip install "mailup-oauth[flask]"\n')
