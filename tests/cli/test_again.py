"""What a person is told to run: copied and run, it is about the same connection, in the same store, at the same server."""

import math
import shlex
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.cli import awaiting
from mailup_oauth.adapters.cli.again import DEFAULT_CONNECTION, Again
from mailup_oauth.adapters.cli.awaiting import Ways, awaited
from mailup_oauth.adapters.cli.commands import app
from mailup_oauth.adapters.cli.exits import Trouble
from mailup_oauth.adapters.cli.options import NONE, Options, Wishes
from mailup_oauth.sandbox.desk.words import read_span

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
LIKE_OPTIONS = st.sampled_from(("-", "--", "-x", "--help", "--server", "--json", "-c"))
ANY = st.none() | TEXT | LIKE_OPTIONS
ELSEWHERE = "http://127.0.0.1:9/callback"


def read(advice):
    """Return the arguments of a command as the command line reads them from a shell."""
    prompt, *words = shlex.split(advice)
    assert "mailup-oauth" == prompt
    _, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    return bound.arguments


@contextmanager
def world_that_says(connection):
    """Let the environment have this connection, if it is one."""
    with pytest.MonkeyPatch.context() as world:
        if connection:
            world.setenv("MAILUP_OAUTH_CONNECTION", connection)
        yield


@given(st.builds(Options, connection=ANY, database=ANY, server=ANY, client_id=ANY), ANY)
def test_a_command_that_is_advised_reads_the_same_settings(options, preset):
    """Whatever was an option is one again, and what the environment says stays there."""
    with world_that_says(preset):
        first = options.unchecked()
        second = read(first.again.command("status")).get("options", NONE).unchecked()

    assert first.settings == second.settings


@given(ANY, ANY, st.just(DEFAULT_CONNECTION) | TEXT | LIKE_OPTIONS)
def test_a_command_about_another_connection_means_that_one(chosen, preset, other):
    """It names the connection, even the default one, unless whoever says nothing means it."""
    with world_that_says(preset):
        again = Options(connection=chosen).unchecked().again
        meant = read(again.command("login", connection=other)).get("options", NONE).unchecked()

    assert other == meant.settings.connection


@given(
    st.builds(
        Wishes,
        redirect_uri=ANY,
        browser=st.booleans(),
        port=st.none() | st.integers(0, 65_535),
        timeout=st.integers(0, 10**9).map(lambda count: timedelta(milliseconds=count)),
        allow_account_change=st.booleans(),
    )
)
def test_a_login_that_is_advised_has_the_same_wishes(wishes):
    """Whatever was wished for a log-in is wished again."""
    again = NONE.unchecked().again.of_a_login(wishes.words)

    assert wishes == read(again.command("login")).get("wishes", Wishes())
    assert {} == read(again.command("logout"))


def test_the_configuration_file_is_named_again(tmp_path):
    """A file that was named is named again, and is read again."""
    file = tmp_path / "of two words.toml"
    file.write_text('connection = "acme"')
    again = Options(config=file).unchecked().again

    assert f"mailup-oauth login -c acme --config '{file}'" == again.command("login")
    assert file == read(again.command("login"))["options"].config


@pytest.mark.parametrize("words", [("token",), ("call", "Authentication/Info"), ("refresh",), ("status",)])
def test_who_is_not_connected_is_told_what_connects_in_the_same_place(command, mailup, words):
    """The advice of a command that was sent to another store is about that store, and following it helps."""
    place = mailup.database.with_name("another one.db")
    told = command(*words, "--database", place).err

    assert told.endswith(f"Run: mailup-oauth login --database '{place}'\n")
    assert 0 == command(*shlex.split(told.rpartition("mailup-oauth ")[2])).code
    assert 0 == command(*words, "--database", place).code


def test_who_logs_in_as_another_user_is_told_how_to_take_the_place(command, connected, monkeypatch):
    """Where another user logs in as a connection, the command that lets them names it, and wishes for the rest again."""
    connected.connect("acme")
    monkeypatch.setenv("WHO", "m2")
    told = command("login", "-c", "acme", "--port", "0").err

    assert told.endswith("take the place: mailup-oauth login -c acme --port 0 --allow-account-change\n")


@pytest.mark.parametrize("patience", ["0s", "10m", "30m"])
def test_who_had_no_time_is_given_more(monkeypatch, patience):
    """The command that waits longer wishes for the rest again, and for no longer than the attempt lives."""
    wishes = Wishes(browser=False, port=0, timeout=read_span(patience))
    ways = Ways(receiver=None, keyboard=None, say=print)
    again = Again(connection="acme").of_a_login(wishes.words)
    monkeypatch.setattr(awaiting, "monotonic", iter((0.0, math.inf)).__next__)  # nobody waits half an hour for a test
    with pytest.raises(Trouble) as told:
        awaited(ways, bool, wishes, again)
    begin = "To have more time for it, run" if patience == "0s" else "Run once more"
    longer = "30m" if patience == "30m" else "10m"

    assert f"{begin}: mailup-oauth login -c acme --no-browser --port 0 --timeout {longer}" == told.value.remedy


@pytest.mark.parametrize(
    ("server", "way"),
    [
        ("http://127.0.0.1:8400/", "Start it with: mailup-oauth sandbox"),
        ("http://127.0.0.1:9123", "Start it with: mailup-oauth sandbox --port 9123"),
        ("http://127.0.0.1", "Start it with: mailup-oauth sandbox --port 80"),
        ("https://mailup.example", "Is a MailUp running at https://mailup.example?"),
    ],
)
def test_a_server_that_a_sandbox_could_be_is_started_where_it_is_looked_for(server, way):
    """A sandbox is advised at the port that was asked, and only where one could be."""

    assert Options(server=server).unchecked().way_there({}).endswith(way)


def test_a_journal_that_nobody_has_is_told_with_all_there_are(command, connected):
    """Whatever connection the environment means, all are named that the store has."""
    connected.connect("acme")
    with world_that_says("beta"):
        told = command("audit", "show", "nobody").err

    assert told.endswith("There are: acme, default.\n")
