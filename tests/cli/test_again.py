"""What a person is told to run: copied and run, it is about the same connection, in the same store, at the same server."""

import shlex
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.cli.again import DEFAULT_CONNECTION
from mailup_oauth.adapters.cli.commands import app
from mailup_oauth.adapters.cli.options import NONE, Options, Wishes

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
        allow_account_change=st.booleans(),
    )
)
def test_a_login_that_is_advised_has_the_same_wishes(wishes):
    """But for the time-out, whatever was wished for a log-in is wished again."""
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


def test_who_had_no_time_is_given_more(command, mailup):
    """The command that waits longer wishes for the rest again, and for three times as long, or a quarter of an hour."""
    said = command("login", "--no-browser", "--port", "0", "--timeout", "0s", "--redirect-uri", ELSEWHERE)

    assert said.err.endswith(
        f"run: mailup-oauth login --redirect-uri {ELSEWHERE} --no-browser --port 0 --timeout 15m\n"
    )


def test_a_journal_that_nobody_has_is_told_where_all_are_listed(command, connected):
    """The command that lists the connections is about the same store, and about all of them."""
    place = Path(connected.database)
    told = command("audit", "show", "nobody", "--database", place, "-c", "beta").err

    assert told.endswith(f"Run: mailup-oauth status --database {place}\n")
