"""The everyday commands over a MailUp on a real socket: what is connected, its tokens, a call, and the end."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import httpx
import pytest

from mailup_oauth import Status
from mailup_oauth.adapters.cli.again import Again
from mailup_oauth.adapters.cli.calling import refusal
from mailup_oauth.adapters.cli.standing import Standing, distance, good_until, to_do
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.journal import INSTALLATION, TokenHandedOut, read_record
from mailup_oauth.sandbox.faults import LOST_REQUEST, GatewayPage, Target, Throttle

INFO = "Authentication/Info"


def handed_out(database):
    """Return what the installation's journal tells of tokens that were handed out."""
    with closing(SqliteStore(database)) as store:
        return [read_record(line).event for line in store.records(INSTALLATION)]


def test_a_token_is_alone_on_its_line_and_works(command, connected):
    """``token`` prints the access token and nothing else, and MailUp accepts it."""
    said = command("token")
    bearer = {"Authorization": f"Bearer {said.out.strip()}"}
    url = f"{connected.base}/API/v1.1/Rest/ConsoleService.svc/Console/{INFO}"

    assert (0, "", 1) == (said.code, said.err, len(said.out.splitlines()))
    assert 200 == httpx.get(url, headers=bearer, trust_env=False).status_code


def test_a_header_is_a_whole_one(command, connected):
    """``header`` prints the line that curl takes with -H, with the same token."""
    token, header = command("token").out, command("header").out

    assert f"Authorization: Bearer {token}" == header


@pytest.mark.parametrize("name", ["token", "header"])
def test_a_token_that_leaves_is_in_the_installations_journal(command, connected, name):
    """Each token that is handed out is told of, by its connection, its mark and the way it went."""
    command(name)
    mark = json.loads(command("token", "--json").out)["mark"]

    assert [f"mailup-oauth {name}", "mailup-oauth token"] == [event.to for event in handed_out(connected.database)]
    assert (
        TokenHandedOut(connection="default", mark=handed_out(connected.database)[0].mark, to=f"mailup-oauth {name}")
        == handed_out(connected.database)[0]
    )
    assert mark == handed_out(connected.database)[0].mark.digest
    assert "handed out to mailup-oauth token" in command("audit", "show", INSTALLATION).out
    assert 0 == command("audit", "verify").code


def test_a_token_whose_leaving_cannot_be_written_down_stays(command, connected):
    """If the installation's journal cannot be written, nothing is on stdout, and the exit code says that it failed."""
    full = (
        "CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.connection = '@installation'"
        " BEGIN SELECT RAISE(FAIL, 'full'); END"
    )
    with closing(sqlite3.connect(connected.database)) as database:
        database.execute(full)
    said = command("token")

    assert (1, "") == (said.code, said.out)
    assert [] == handed_out(connected.database)


def test_a_call_prints_what_the_api_answers(command, connected):
    """``call`` takes a path below the console, or a whole address, and prints the body as it came."""
    url = f"{connected.base}/API/v1.1/Rest/ConsoleService.svc/Console/{INFO}"
    said = command("call", INFO)

    assert (0, "", "m1") == (said.code, said.err, json.loads(said.out)["Username"])
    assert said.out == command("call", f"/{INFO}").out == command("call", url).out


@pytest.mark.parametrize(
    ("path", "fault", "expected"),
    [
        ("Nowhere", None, (1, "MailUp answered 404")),
        (INFO, Throttle(), (75, "Try again in")),
        (INFO, LOST_REQUEST, (75, "gave no answer")),
        (INFO, GatewayPage(status=502), (75, "MailUp answered 502")),
        ("Lists\x01", None, (2, "This is no address")),
        ("https://evil.example/", None, (2, "No token may be sent there")),
        ("//evil.example/", None, (1, "MailUp answered 404")),
        ("http://127.0.0.1:1/API/", None, (2, "No token may be sent there")),
        ("http://services.mailup.com/API/", None, (2, "No token may be sent there")),
    ],
)
def test_a_call_that_fails_is_a_complaint(command, connected, path, fault, expected):
    """A refusal, a failure and an address that is not MailUp's each have their exit code, and leave stdout empty."""
    if fault:
        connected.plan(fault, Target.RESOURCE)
    code, words = expected
    said = command("call", path)

    assert (code, "", True) == (said.code, said.out, words in said.err)


REFUSALS = {
    "token": (401, {}, b"", (1, "token_rejected", 0)),
    "rights": (403, {}, b'{"ErrorDescription": "Not yours\\u001b"}', (1, "api_refused", 0)),
    "terms": (403, {}, b'{"ErrorDescription": "Contract not signed"}', (1, "contract_not_signed", 0)),
    "limit": (429, {}, b"", (75, "rate_limited", 1)),
    "limit-told": (429, {"Retry-After": "7"}, b"", (75, "rate_limited", 7)),
    "limit-odd": (429, {"Retry-After": "soon"}, b"", (75, "rate_limited", 1)),
    "html": (503, {}, b"<html>", (75, "api_failed", 0)),
    "deep": (500, {}, b"[" * 99_999, (75, "api_failed", 0)),
    "moved": (302, {"Location": "https://evil.example/"}, b"", (1, "api_refused", 0)),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_the_api_refuses_has_a_meaning(case):
    """Each status that is no success has its exit code, its name and its wait, and is told in printable words."""
    status, headers, body, (code, name, seconds) = REFUSALS[case]
    trouble = refusal(httpx.Response(status, headers=headers, content=body), Again(connection="acme"))

    assert (code, name, seconds) == (trouble.exit, trouble.code, trouble.retry_after.total_seconds())
    assert str(trouble).isprintable()
    assert trouble.remedy.endswith("mailup-oauth login -c acme") is (name == "token_rejected")


def test_at_a_terminal_a_call_is_laid_out(terminal, connected):
    """A person sees JSON with one member a line."""
    with terminal("call", INFO) as person:
        seen = person.until("}")

    assert (0, True) == (person.code, '\n  "Username": "m1",\n' in seen)


def test_at_a_terminal_a_call_obeys_nothing(terminal, connected):
    """What is no JSON is printed line by line, and nothing of it is obeyed."""
    connected.plan(GatewayPage(status=200), Target.RESOURCE)
    with terminal("call", INFO) as person:
        seen = person.until("</html>")

    assert (0, False) == (person.code, "\x1b" in seen)


def test_a_call_with_a_refused_token_is_repeated(command, connected):
    """A token that MailUp ended early is renewed, and the caller sees the answer alone."""
    connected.clock.move(timedelta(minutes=61))
    said = command("call", INFO)

    assert (0, "m1") == (said.code, json.loads(said.out)["Username"])
    assert "AccessTokenRejected" in command("audit", "show").out


def test_refresh_brings_another_token(command, connected):
    """``refresh`` asks MailUp at once, and tells until when the new token is good."""
    before = command("token").out
    said = command("refresh")

    assert (0, True) == (said.code, "good until" in said.out)
    assert before != command("token").out
    assert "never" not in command("status").out


def test_status_tells_every_connection(command, connected):
    """``status`` has a line for each connection: who, in which state, until when, and what to do."""
    connected.connect("acme", username="m2")
    said = command("status")
    first, second = (line.split() for line in said.out.splitlines()[1:])

    assert 0 == said.code
    assert ["acme", "m2", "Authorized", "in", "59", "min"] == first[:6]
    assert ["default", "m1", "Authorized", "in", "59", "min"] == second[:6]


def test_status_needs_no_key_and_no_application(command, connected, monkeypatch):
    """How connections stand can be told by whoever may read the file, without a secret."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_ID")
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    connected.database.with_name("sandbox.db.key").unlink()

    assert 0 == command("status").code


def test_status_of_one_says_whether_a_login_is_needed(command, connected):
    """Asked for one connection by name, ``status`` ends with 4 if it has to be connected."""

    assert 0 == command("status", "-c", "default").code
    assert 4 == command("status", "-c", "nobody").code


def test_status_says_what_to_do(command, connected, monkeypatch):
    """What is to be done about each connection is said as something to type, or that nothing is."""
    command("login", "--no-browser", "--timeout", "0s", "-c", "begun")
    connected.connect("old", ago=timedelta(hours=3))
    monkeypatch.setenv("MAILUP_OAUTH_CLIENT_SECRET", "canary-other")
    command("refresh")
    told = json.loads(command("status", "--json").out)["connections"]

    assert {
        "begun": "Finish the log-in in the browser, or run: mailup-oauth login -c begun",
        "default": "Correct client_id and client_secret.",
        "old": "Nothing: its next use renews it.",
    } == {one["connection"]: one["to_do"] for one in told}
    assert "2 h ago" in command("status", "-c", "old").out
    assert "refresh-deferred (client-refused)" in command("status", "-c", "default").out


def test_status_sends_nobody_to_log_in_whose_log_in_is_looked_at():
    """While MailUp has not told whose the newest log-in is, its next use asks again, and there is nothing to type."""
    status = Status(connection="acme", state="Expired", connected=False, owed="identification")

    assert "Nothing: its next use asks MailUp whose the new log-in is." == to_do(
        Standing(status=status, now=SystemClock().now(), login="mailup-oauth login")
    )


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "in 0 s"),
        (timedelta(seconds=119), "in 119 s"),
        (timedelta(minutes=-2), "2 min ago"),
        (timedelta(minutes=119), "in 119 min"),
        (timedelta(hours=-47), "47 h ago"),
        (timedelta(days=400), "in 400 days"),
    ],
)
def test_a_distance_has_the_unit_that_people_use(span, words):
    """A span is told in the largest unit of which there are two."""

    assert words == distance(span)


def test_without_a_token_it_is_said_when_one_comes():
    """Where an authorization is held and no token, its end cannot be told."""

    assert "its next access token comes when it is used" == good_until(None, SystemClock().now())


def plain(seen):
    """Return the lines of what was seen, without boldness and colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", seen).splitlines()


@pytest.mark.parametrize(("columns", "is_table"), [(40, False), (80, False), (120, False), (200, True)])
def test_status_is_never_cut(command, terminal, connected, columns, is_table):
    """Where the table has no room each connection is a block, and whatever is told or to be copied is whole on its line."""
    command("login", "--no-browser", "--timeout", "0s", "-c", "begun")
    advice = "Finish the log-in in the browser, or run: mailup-oauth login -c begun"
    with terminal("status", columns=columns, NO_COLOR="1") as person:
        seen = person.until("Nothing.")
    lines = [line.rstrip() for line in plain(seen)]

    assert (0, is_table) == (person.code, lines[0].startswith("connection"))
    assert "…" not in seen
    assert is_table or ["begun", "  state: AwaitingCode"] == lines[:2]
    assert (f"  what to do: {advice}" in lines) is not is_table
    assert any(line.endswith(advice) for line in lines)


@pytest.mark.parametrize("columns", [80, 120])
def test_status_is_a_table_where_there_is_room(terminal, connected, columns):
    """The one connection that most people have, and nothing to do, has room on a row from 120 columns on."""
    with terminal("status", columns=columns, NO_COLOR="1") as person:
        seen = person.until("Nothing.")

    assert (0, columns >= 120) == (person.code, plain(seen)[0].startswith("connection"))


def test_status_of_nothing_is_no_failure(command, mailup):
    """Where nothing was ever connected, ``status`` says so on stderr and makes no file."""
    said = command("status")

    assert (0, "", "Nothing is connected yet. Run: mailup-oauth login\n") == (said.code, said.out, said.err)
    assert [] == json.loads(command("status", "--json").out)["connections"]
    assert not mailup.database.exists()


def test_logout_erases_and_says_where_the_rest_is_done(command, connected):
    """After ``logout`` no token is left here, and it is told where a person ends the authorization."""
    said = command("logout", "--yes")

    assert (0, True) == (said.code, "end it in the MailUp console" in said.out)
    assert 4 == command("token").code
    assert "was not connected" in command("logout", "--yes").out


def test_logout_is_asked_for_first(command, connected):
    """Where nobody can be asked, ``logout`` does nothing unless it was told ``--yes``."""
    said = command("logout")

    assert (2, "", True) == (said.code, said.out, "--yes" in said.err)
    assert 0 == command("token").code


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("refresh",),
        ("call", INFO),
        ("logout", "--yes"),
        ("audit", "verify"),
        ("audit", "show"),
        ("token",),
        ("header",),
    ],
)
def test_json_is_one_object_with_a_version(command, connected, words):
    """With ``--json`` every command prints one JSON object that tells its format and the command."""
    said = command(*words, "--json")
    told = json.loads(said.out)

    assert (0, "", 1, " ".join(word for word in words if word not in {INFO, "--yes"})) == (
        said.code,
        said.err,
        told["format"],
        told["command"],
    )


def test_json_tells_the_version(command):
    """``--version`` is an object for programs too, and a bare number for people."""
    told = json.loads(command("--version", "--json").out)

    assert (1, True) == (told["format"], bool(told["version"]))
    assert f"{told['version']}\n" == command("--version").out


def test_json_masks_what_was_not_asked_for_by_name(command, connected):
    """No command but ``token`` and ``header`` shows a token, not even to a program."""
    token = command("token").out.strip()
    shown = "".join(command(*words, "--json").out for words in (["status"], ["audit", "show"], ["call", INFO]))

    assert token not in shown
    assert token in command("header", "--json").out
