"""``flask mailup …`` tells, refreshes, verifies and disconnects, and shows no secret."""

import sqlite3

import attrs
import pytest
from tests.web.flask_app import application, oauth_of, person
from tests.web.scene import USERS

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import Context
from mailup_oauth.sandbox.faults import Target, Throttle


@pytest.fixture
def database(tmp_path):
    """Return the file that the connections are kept in."""
    return tmp_path / "mailup.db"


@pytest.fixture
def app(scene, database):
    """Return an application with one connection."""
    app = application(scene, store=SqliteStore(database))
    person(app).connects()
    return app


def run(app, *words, **more):
    """Run ``flask mailup`` with these words; return the exit code and what it printed."""
    result = app.test_cli_runner().invoke(args=["mailup", *words], **more)
    return result.exit_code, result.output


def test_the_commands_are_these(app):
    """``flask mailup`` has four commands, each with a sentence."""
    code, printed = run(app, "--help")

    assert 0 == code
    for name, sentence in {
        "status": "Tell how CONNECTIONS stand",
        "refresh": "Refresh CONNECTION's tokens now",
        "audit": "Verify the journals",
        "disconnect": "Erase CONNECTION's tokens",
    }.items():
        assert f"{name} " in printed
        assert sentence in printed


def test_status_tells_of_all_or_of_those_that_are_named(app):
    """Every connection has a line with its state, whose it is, and what to do; a name that nobody has, too."""
    oauth_of(app).begin("bolt")
    oauth_of(app).core.hand_out("acme", oauth_of(app).access_token("acme"), "a test", Context())
    _, every = run(app, "status")
    _, one = run(app, "status", "nobody")

    assert ["acme", "bolt"] == [line.partition(":")[0] for line in every.splitlines()]
    assert f"acme: Authorized, MailUp user {USERS[0]}, access token until 2" in every
    assert "nobody: Unregistered. Send the user through begin().\n" == one


def test_refresh_refreshes_now(scene, app):
    """The tokens are renewed before their time, and the journal knows by whom."""
    code, printed = run(app, "refresh", "acme")
    record = [one for one in oauth_of(app).journal("acme") if type(one.event).__name__ == "TokensRefreshed"][-1]

    assert 0 == code
    assert printed.startswith("acme: refreshed; the new access token ends at 2")
    assert 1 == scene.rotations
    assert ("command line", "flask mailup refresh") == (record.actor, record.reason)


def test_what_cannot_be_done_is_a_sentence_and_a_failure(scene, app):
    """The library's own sentence is printed, with exit code 1 and without a traceback."""
    scene.plan(Target.TOKEN, Throttle())
    results = [
        run(app, "refresh", "acme"),
        run(app, "refresh", "nobody"),
        run(app, "status", "@x"),
        run(app, "audit", "x"),
    ]

    assert [1, 1, 1, 1] == [code for code, _ in results]
    assert "Error: MailUp cannot be asked now (rate-limited)." in results[0][1]
    assert "Error: No MailUp user is connected under this name" in results[1][1]
    assert "Error: This connection name cannot be used." in results[2][1]
    assert "x: no connection has this name.\n" == results[3][1]


def test_disconnect_asks_first(app):
    """Nothing is erased without a yes; then the tokens are gone, and it says where to end the authorization."""
    refused = run(app, "disconnect", "acme", input="n\n")
    kept = oauth_of(app).status("acme").connected
    done = run(app, "disconnect", "acme", "--yes")
    again = run(app, "disconnect", "acme", input="y\n")

    assert (1, True) == (refused[0], kept)
    assert 0 == done[0]
    assert done[1].startswith("acme: disconnected. At MailUp the authorization is ended in ")
    assert "acme: was not connected." in again[1]
    assert not oauth_of(app).status("acme").connected


def test_audit_verifies_every_journal(app):
    """All journals are whole, and it says how many records each has."""
    oauth_of(app).begin("bolt")
    code, printed = run(app, "audit")

    assert 0 == code
    assert " records chained up to " in printed
    assert "bolt: 1 record chained up to " in printed


def test_audit_finds_what_was_changed(app, database):
    """A record that is not what was written is found, and the command fails."""
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE journal SET record = CAST(replace(record, 'ada', 'eve') AS BLOB) WHERE sequence = 1")
    connection.close()
    oauth_of(app).begin("bolt")
    code, printed = run(app, "audit")

    assert 1 == code
    assert "acme: BROKEN at record 1: " in printed
    assert "bolt: 1 record chained up to " in printed


def test_a_name_from_mailup_cannot_move_the_cursor(app, monkeypatch):
    """What MailUp calls a user is printed without control characters."""
    status = attrs.evolve(oauth_of(app).status("acme"), user="m\x1b[2J1")
    monkeypatch.setattr(oauth_of(app), "status", lambda _: status)

    assert "MailUp user m?[2J1," in run(app, "status", "acme")[1]
