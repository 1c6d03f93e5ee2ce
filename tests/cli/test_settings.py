"""The settings: who has the last word, and what is said about settings that cannot be."""

import itertools
from pathlib import Path

import pytest

from mailup_oauth import MAILUP, Secret
from mailup_oauth.adapters.cli.exits import Exit, Trouble
from mailup_oauth.adapters.cli.settings import NAMES, load, secret_in

WORDS = {"file": "of-the-file", "environment": "of-the-environment", "option": "of-the-option"}


@pytest.fixture
def config(home):
    """Write the user's configuration file."""

    def write(text, place="mailup-oauth/config.toml"):
        path = home / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
        return path

    return write


@pytest.mark.parametrize("places", [set(some) for count in range(4) for some in itertools.combinations(WORDS, count)])
def test_the_nearest_word_counts(config, monkeypatch, places):
    """An option is stronger than the environment, that than the file, and that than the default."""
    path = config(f'connection = "{WORDS["file"]}"' if "file" in places else "")
    if "environment" in places:
        monkeypatch.setenv("MAILUP_OAUTH_CONNECTION", WORDS["environment"])
    given = load({"connection": WORDS["option"] if "option" in places else None})
    winner = next((one for one in ("option", "environment", "file") if one in places), None)
    origins = {"option": "--connection", "environment": "MAILUP_OAUTH_CONNECTION", "file": f"{path}: connection"}

    assert WORDS.get(winner, "default") == given.settings.connection
    assert origins.get(winner) == given.origins.get("connection")


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"client_secret"}))
def test_every_setting_can_stand_anywhere(config, monkeypatch, name):
    """Each setting can be made in the file, in the environment and, by code, as an option."""
    config(f'{name} = "/somewhere"')
    told = [getattr(load({}).settings, name)]
    monkeypatch.setenv(f"MAILUP_OAUTH_{name.upper()}", "/elsewhere")
    told += [getattr(load({}).settings, name), getattr(load({name: "/third"}).settings, name)]

    assert ["/somewhere", "/elsewhere", "/third"] == told


def test_another_file_can_be_named(config, monkeypatch):
    """The environment names another configuration file, and the option another one still; the user's is not read."""
    config("nonsense")
    second = config('connection = "second"', "second.toml")
    third = config('connection = "third"', "third.toml")
    monkeypatch.setenv("MAILUP_OAUTH_CONFIG", str(second))

    assert ("second", second) == (load({}).settings.connection, load({}).file)
    assert "third" == load({}, third).settings.connection


def test_paths_in_a_file_are_relative_to_it(config, home):
    """A database or secret named in the file is looked for beside it, wherever the command is run."""
    path = config('database = "here.db"\nclient_secret_file = "~/secret"')
    settings = load({}).settings

    assert (str(path.parent / "here.db"), str(home / "secret")) == (settings.database, settings.client_secret_file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("nonsense", ("is not TOML",)),
        ("[" * 5000, ("is not TOML",)),
        (b"\xff", ("is not UTF-8",)),
        ('clientid = "canary"', ("has 'clientid', which is no setting", "client_id")),
        ("client_id = 5", ("has another value than text for client_id", 'client_id = "…"')),
        ('client_secret = "canary"', ("client_secret_file", "MAILUP_OAUTH_CLIENT_SECRET")),
        ("[section]\nclient_id = 'x'", ("has 'section', which is no setting",)),
    ],
)
def test_a_wrong_file_is_told_by_its_name(config, text, words):
    """What is wrong with the file is told with its path and what to write instead, and no value is repeated."""
    path = config(text)
    with pytest.raises(Trouble) as caught:
        load({})

    assert Exit.USAGE == caught.value.exit
    assert str(caught.value).startswith(f"{path} ")
    assert all(word in str(caught.value) for word in words)


def test_a_file_that_was_named_has_to_be_there(home, monkeypatch):
    """A missing file is an error if somebody named it, and so is one that cannot be read."""
    monkeypatch.setenv("MAILUP_OAUTH_CONFIG", str(home / "missing.toml"))
    with pytest.raises(Trouble, match=r"missing\.toml is not there\. .*--config or MAILUP_OAUTH_CONFIG"):
        load({})
    with pytest.raises(Trouble, match="cannot be read"):
        load({}, home)


def test_the_secret_comes_from_the_environment_or_a_file(config, home, monkeypatch):
    """The client secret is the environment's, else what its file holds without the line's end; else nothing."""
    config('client_secret_file = "secret"')
    config(" canary-from-file\n", "mailup-oauth/secret")
    of_file = secret_in(load({}))
    monkeypatch.setenv("MAILUP_OAUTH_CLIENT_SECRET", "canary-from-environment")

    assert Secret("canary-from-file") == of_file
    assert Secret("canary-from-environment") == secret_in(load({}))
    assert "canary" not in repr(load({}))


@pytest.mark.parametrize(
    ("octets", "words"), [(b"\n", "an empty file"), (b"\xff", "holds no text"), (None, "cannot be read")]
)
def test_a_secret_file_that_has_none_is_told(config, home, octets, words):
    """A secret file that is missing, empty or no text is told with the setting that names it."""
    path = config('client_secret_file = "secret"')
    if octets is not None:
        config(octets, "mailup-oauth/secret")
    with pytest.raises(Trouble) as caught:
        secret_in(load({}))

    assert f"{path}: client_secret_file" in caught.value.message
    assert words in caught.value.message


def test_the_default_database_is_in_the_users_data_folder(home):
    """Connections are kept in the user's data folder, those of another server in a file of their own."""

    assert home / "mailup-oauth" / "mailup.db" == load({}).database
    assert home / "mailup-oauth" / "sandbox.db" == load({"server": "http://127.0.0.1:8400"}).database
    assert Path("/x.db") == load({"database": "/x.db", "server": "http://127.0.0.1:8400"}).database


def test_another_server_has_all_addresses(home):
    """Without a server everything goes to MailUp; with one, nothing does."""
    provider = load({"server": "http://127.0.0.1:8400/"}).provider

    assert MAILUP is load({}).provider
    assert "http://127.0.0.1:8400/Authorization/OAuth/Token" == provider.token_url
    assert "services.mailup.com" not in repr(provider)


@pytest.mark.parametrize(
    "server", ["http://example.com", "localhost:8400", "http://localhost:8400", "http://[", "https://"]
)
def test_a_server_that_cannot_be_is_told(server):
    """A server that is no address, or would get tokens in the clear, is told with the option."""
    with pytest.raises(Trouble, match="--server is not the base URL of a MailUp"):
        _ = load({"server": server}).provider
