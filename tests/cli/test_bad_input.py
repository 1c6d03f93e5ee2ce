"""Whatever can be wrong with a call: the message, the fix and the exit code; stdout stays empty."""

import json
import os
import re
import socket
from datetime import timedelta

import pytest

from mailup_oauth.adapters.cli.app import main
from mailup_oauth.adapters.cli.exits import Exit, trouble_of
from mailup_oauth.domain.errors import ServerNotTrusted, TrustFault
from mailup_oauth.sandbox.commands import UnsignContract
from mailup_oauth.sandbox.faults import LOST_REQUEST, Throttle
from mailup_oauth.sandbox.switches import Told

WITH_A_TOKEN = (("token",), ("header",), ("refresh",), ("call", "Authentication/Info"))
CONNECTED = (*WITH_A_TOKEN, ("logout", "--yes"))

USAGE = {
    "no-command": (("nonsense",), 'Unknown command "nonsense"'),
    "no-option": (("status", "--nonsense"), "Unknown option"),
    "no-place": (("status", "a", "me"), "There is no place for a me."),
    "no-command-yet": (
        ("--config", "x", "status"),
        "--config stands where a command is expected; options stand behind",
    ),
    "no-value": (("status", "--connection"), "requires an argument"),
    "no-path": (("call",), "requires an argument"),
    "no-span": (("login", "--timeout", "soon"), "must be a span such as 90s"),
    "no-number": (("login", "--port", "x"), "--port"),
    "no-port": (("sandbox", "--port", "70000"), "--port. A port is a number from 0 to 65535."),
    "no-table": (("graph", "cats"), "states"),
    "no-shell": (("completion", "cmd"), "bash"),
    "no-name": (("token", "-c", "@installation"), "Use 1 to 255 printable characters"),
    "no-text": (("status", "-c", os.fsdecode(b"\xff")), ". It must be text."),
    "empty-name": (("login", "-c", ""), "Use 1 to 255 printable characters"),
    "no-scenario": (("sandbox", "--scenario", "missing.toml"), "missing.toml: the file cannot be opened: "),
    "no-switch": (("sandbox", "--switch", "nonsense=on"), "is not known"),
    "no-habit": (("sandbox", "--switch", "old_refresh=often"), "dead, or stays-valid"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_call_ends_with_2(command, home, case):
    """A call that cannot be understood says what is wrong with it, and where it is explained."""
    words, complaint = USAGE[case]
    said = command(*words)

    assert (2, "", True) == (said.code, said.out, complaint in said.err)
    assert [] == list(home.iterdir())


@pytest.mark.parametrize("words", CONNECTED)
def test_where_nothing_is_connected_a_login_is_needed(command, mailup, words):
    """Without a database every command that needs a connection ends with 4, names the login, and makes no file."""
    said = command(*words, "-c", "a me")

    assert (4, "", True) == (said.code, said.out, "Run: mailup-oauth login -c 'a me'" in said.err)
    assert not mailup.database.exists()


@pytest.mark.parametrize("words", WITH_A_TOKEN)
def test_an_unknown_connection_needs_a_login(command, connected, words):
    """A name that nobody connected ends with 4 and the login that would connect it."""
    said = command(*words, "-c", "nobody")

    assert (4, "", True) == (said.code, said.out, "Run: mailup-oauth login -c nobody" in said.err)


def test_logging_out_a_name_that_nobody_has_names_those_there_are(command, connected):
    """A mistyped name is told, with the names that could have been meant."""
    said = command("logout", "--yes", "-c", "nobody")

    assert (4, "No connection is called nobody. There are: default.\n") == (said.code, said.err)


@pytest.mark.parametrize("words", [("login",), *WITH_A_TOKEN])
def test_a_missing_client_id_is_told(command, connected, monkeypatch, words):
    """Without the application's id nothing is asked and nothing is sent."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_ID")
    said = command(*words)

    assert (1, "", True) == (said.code, said.out, "MAILUP_OAUTH_CLIENT_ID" in said.err)


@pytest.mark.parametrize("words", [("login",), ("refresh",), ("call", "Authentication/Info")])
def test_a_missing_secret_is_told_where_nobody_can_be_asked(command, connected, monkeypatch, words):
    """Without the secret, and without a terminal to ask at, nothing is sent."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    said = command(*words)

    assert (1, "", True) == (said.code, said.out, "MAILUP_OAUTH_CLIENT_SECRET" in said.err)


@pytest.mark.parametrize("words", [("refresh",), ("call", "Authentication/Info")])
def test_an_unknown_connection_is_told_before_a_missing_secret(command, connected, monkeypatch, words):
    """What only a login can help asks for no secret: nothing would be done with it."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    said = command(*words, "-c", "nobody")

    assert (4, "", True) == (said.code, said.out, "Run: mailup-oauth login -c nobody" in said.err)


def test_a_good_token_needs_no_secret(command, connected, monkeypatch):
    """``token`` gives what is held without the secret, and says what is missing when a new one is due."""
    connected.connect("old", ago=timedelta(hours=2))
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    said = command("token", "-c", "old")

    assert 0 == command("token").code
    assert (1, "", True) == (said.code, said.out, "The client secret is not set." in said.err)


WRONG = (
    ("REDIRECT_URI", "http://localhost/callback", "MAILUP_OAUTH_REDIRECT_URI must be https"),
    ("REDIRECT_URI", "http://127.0.0.1:0/callback#x", "MAILUP_OAUTH_REDIRECT_URI has a fragment"),
    ("CLIENT_ID", "Zoë", "MAILUP_OAUTH_CLIENT_ID is empty or holds"),
    ("SERVER", "http://example.com", "MAILUP_OAUTH_SERVER is not the base URL of a MailUp"),
    ("CLIENT_SECRET_FILE", "/nowhere", "MAILUP_OAUTH_CLIENT_SECRET_FILE names a file that cannot be read"),
    ("CONFIG", "/nowhere", "/nowhere is not there"),
)
UNFIT = (("KEY", "canary", "line 1 is not a key"), ("DATABASE", "/dev/null/x.db", "cannot be made"))


@pytest.mark.parametrize(("code", "made"), [*((2, one) for one in WRONG), *((1, one) for one in UNFIT)])
def test_a_wrong_setting_is_told_by_its_variable(command, mailup, monkeypatch, code, made):
    """A setting that cannot be ends with 2 and names where it was made; a key or a place that is unfit ends with 1."""
    setting, value, complaint = made
    if setting == "CLIENT_SECRET_FILE":
        monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    monkeypatch.setenv(f"MAILUP_OAUTH_{setting}", value)
    said = command("login", "--no-browser", "--timeout", "1s")

    assert (code, "", True) == (said.code, said.out, complaint in said.err)


@pytest.mark.parametrize("words", [*CONNECTED, ("status",), ("audit", "verify"), ("audit", "show"), ("login",)])
def test_a_server_that_cannot_be_is_told_by_every_command(command, connected, words):
    """No command goes on with a server that is none: it would not even look where its connections are kept."""
    said = command(*words, "--server", "nonsense")

    assert (2, "", True) == (said.code, said.out, said.err.startswith("--server is not the base URL of a MailUp."))


def test_a_wrong_secret_is_told(command, connected, monkeypatch):
    """An application that MailUp refuses ends with 1 and keeps the connection."""
    monkeypatch.setenv("MAILUP_OAUTH_CLIENT_SECRET", "canary-other")
    said = command("refresh")

    assert (1, "", True) == (said.code, said.out, "Correct client_id and client_secret" in said.err)
    assert "nobody has to log in" in said.err
    assert 0 == command("token").code


def test_a_revoked_application_needs_a_login(command, connected):
    """A user who took the permission back has to log in again: 4, for every command that needs a token."""
    connected.revoke()
    codes = [command(*words).code for words in (*reversed(WITH_A_TOKEN), ("status", "-c", "default"))]
    said = command("refresh")

    assert [4] * 5 == codes
    assert "Run: mailup-oauth login\n" == said.err[said.err.index("Run:") :]


@pytest.mark.parametrize("words", WITH_A_TOKEN[2:])
def test_an_unreachable_server_is_for_later(command, connected, monkeypatch, words):
    """Where nobody listens nothing is lost, the server is named, and the exit code says to try again."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    monkeypatch.setenv("MAILUP_OAUTH_SERVER", f"http://127.0.0.1:{port}")
    said = command(*words, "--database", connected.database)

    assert (75, "") == (said.code, said.out)
    assert (
        f"Is the sandbox running at http://127.0.0.1:{port}? Start it with: mailup-oauth sandbox --port {port}\n"
        in said.err
    )


def test_a_server_that_cannot_prove_who_it_is_is_for_somebody_to_mend():
    """It ends with 1, not with "try later": the fix is told, and when it would be tried again."""
    trouble = trouble_of(ServerNotTrusted(TrustFault.CERTIFICATE_OUT_OF_DATE, timedelta(seconds=2)))

    assert (Exit.FAILED, "server_not_trusted", 2) == (trouble.exit, trouble.code, trouble.retry_after.total_seconds())
    assert "this machine's clock" in trouble.remedy


def test_terms_that_are_not_signed_are_told(command, connected):
    """A user who has not accepted MailUp's terms is told to, and the exit code is 1."""
    connected.service.order(UnsignContract("m1"))
    said = command("call", "User/Lists")

    assert (1, "", True) == (said.code, said.out, "accept the terms of service" in said.err)


def test_too_many_requests_tell_when_to_come_again(command, connected):
    """A wait that MailUp asks for is told to people and to programs, with exit code 75."""
    connected.plan(Throttle(wait=Told(timedelta(seconds=40))))
    said = command("refresh", "--json")
    error = json.loads(said.err)["error"]

    assert (75, "", "temporarily_unavailable") == (said.code, said.out, error["code"])
    assert 30 <= error["retry_after"] <= 50


def test_a_lost_key_is_told(command, connected):
    """Without the key nothing is sent and the exit code is 1."""
    connected.database.with_name("sandbox.db.key").unlink()
    said = command("token")

    assert (1, "", True) == (said.code, said.out, "Bring back the key file" in said.err)


def test_a_damaged_store_is_told(command, connected):
    """A file that is none of ours is left alone, and the fix names the option."""
    connected.database.write_text("What I always wanted to say.\n" * 99)
    codes = {command(*words).code for words in (*CONNECTED, ("status",), ("audit", "verify"))}

    assert {1} == codes
    assert "--database" in command("status").err


@pytest.mark.parametrize(
    "words", [("nonsense",), ("status", "--nonsense"), ("token",), ("audit", "show"), ("call", "x")]
)
def test_complaints_are_json_for_programs(command, mailup, words):
    """With ``--json`` a complaint is one object on stderr with code, message, remedy and retry_after."""
    said = command(*words, "--json")
    told = json.loads(said.err)

    assert ("", 1) == (said.out, told["format"])
    assert {"code", "message", "remedy", "retry_after"} == set(told["error"])
    assert all(told["error"][name] for name in ("code", "message", "remedy"))


@pytest.mark.parametrize(("words", "usage"), [((), "mailup-oauth --help"), (("audit",), "mailup-oauth audit --help")])
def test_a_program_that_names_no_command_is_told(command, words, usage):
    """With ``--json`` alone there is no result, and the complaint says where the commands are; people get the help."""
    said = command(*words, "--json")
    error = json.loads(said.err)["error"]

    assert (2, "", "usage", f"See: {usage}") == (said.code, said.out, error["code"], error["remedy"])
    assert command(*words).out == command(*words, "--help", "--json").out


@pytest.mark.parametrize("words", [("audit", "verify", os.fsdecode(b"\xff")), ("nonsense",), ("status", "--nonsense")])
def test_a_usage_error_is_whole_sentences(command, words):
    """What is wrong ends as a sentence does, before it is said where the usage is explained."""

    assert re.search(r"[.!?] See: mailup-oauth", command(*words).err)


def test_a_port_that_is_taken_is_told(command):
    """A sandbox that cannot listen says so, with the option for another port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = command("sandbox", "--port", taken.getsockname()[1])

    assert (1, "", True) == (said.code, said.out, "Give another port with --port" in said.err)


def test_a_lost_request_is_mended_in_the_same_command(command, connected):
    """A request that MailUp never answered is settled by the library, and the command succeeds."""
    connected.plan(LOST_REQUEST)

    assert 0 == command("refresh").code


def test_the_door_returns_plain_numbers():
    """Whoever calls the door from Python gets an exit code that is a number."""

    assert Exit.USAGE == main(["nonsense"])
