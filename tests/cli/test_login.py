"""``login``, in a process of its own: over a browser, over a pasted address, and everything that comes between."""

import json
import os
import re
import socket
from contextlib import closing

import httpx
import pytest

from mailup_oauth.adapters.cli.login import has_browser
from mailup_oauth.adapters.cli.session import somebody
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.commands import Answer, SignContract, UnsignContract
from mailup_oauth.sandbox.faults import GatewayPage, Target

URL = re.compile(r"^http://127\.0\.0\.1:\d+/Authorization/OAuth/LogOn\?\S+$", re.MULTILINE)


def connections(mailup):
    """Return the names in the store; none while there is no file."""
    with closing(SqliteStore(mailup.database)) as store:
        return store.connections()


def test_a_browser_brings_the_answer(program, mailup):
    """The URL is printed, the browser is opened, its answer is received, and the user is told with the end of it."""
    said = program("login")

    assert (0, True) == (said.code, bool(URL.search(said.err)))
    assert re.fullmatch(r"Connected as m1; its access token is good until .{8} UTC \(in \d+ min\)\.\n", said.out)
    assert "m1" in program("status").out


def test_the_journal_tells_who_logged_in(program, mailup):
    """The journal has the person at the terminal as the actor, and the command as the reason."""
    program("login", "-c", "acme")

    assert "mailup-oauth login)" in program("audit", "show", "acme").out


def test_the_store_and_its_folder_are_for_the_owner_alone(program, mailup):
    """The folder that ``login`` makes has mode 0700, and every file in it 0600."""
    program("login")
    folder = mailup.database.parent

    assert 0o700 == folder.stat().st_mode & 0o777
    assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}


def test_a_program_reads_json(program, mailup):
    """With ``--json`` the result is one object, and so is what is said on stderr: the URL that has to be opened."""
    said = program("login", "--json", "-c", "acme")
    told = json.loads(said.err)

    assert ("acme", "m1", True) == tuple(json.loads(said.out)[name] for name in ("connection", "user", "connected"))
    assert (1, "login", True) == (told["format"], told["command"], bool(URL.fullmatch(told["open"])))


def test_a_program_reads_a_failure_line_by_line(program, mailup):
    """With ``--json`` each line on stderr is an object; the last one of a login that fails is the complaint."""
    said = program("login", "--json", "--no-browser", "--timeout", "0s")
    first, last = map(json.loads, said.err.splitlines())

    assert (1, "", True, "no_answer") == (said.code, said.out, "open" in first, last["error"]["code"])


def test_a_user_who_says_no_is_told_what_to_do(program, mailup):
    """A denial ends the login with 1, on stdout nothing, and the command that begins anew."""
    said = program("login", SAYS="DENY")

    assert (1, "") == (said.code, said.out)
    assert said.err.endswith("said no. Run once more: mailup-oauth login\n")


def test_another_user_is_refused_unless_allowed(program, connected):
    """Another MailUp user does not take the connected one's place, but for ``--allow-account-change``."""
    said = program("login", WHO="m2")

    assert (1, "", True) == (said.code, said.out, "--allow-account-change" in said.err)
    assert 0 == program("login", "--allow-account-change", WHO="m2").code
    assert "m2" in program("status").out


def test_a_wrong_secret_is_told_as_it_is_for_a_login(program, mailup):
    """Nothing goes on where nothing was connected: the keys are to be corrected and the login is to be run again."""
    said = program("login", "-c", "acme", MAILUP_OAUTH_CLIENT_SECRET="canary-other")

    assert (1, "") == (said.code, said.out)
    assert said.err.endswith("Correct client_id and client_secret, then run once more: mailup-oauth login -c acme\n")
    assert 0 == program("login", "-c", "acme").code


def test_terms_that_are_not_accepted_are_told(program, mailup):
    """Who has to accept MailUp's terms is told at the login, and by ``status`` until MailUp has said whose the tokens are."""
    mailup.service.order(UnsignContract("m1"))
    told, status = program("login").out, program("status").out
    row = json.loads(program("login", "--json").out)

    assert "Connected as a MailUp user" in told
    assert "API refuses every call until its terms are accepted." in told
    assert all("log in to the MailUp console" in words for words in (told, status, row["to_do"]))

    mailup.service.order(SignContract("m1"))

    assert ("Connected as m1", False) == ((said := program("login").out).partition(";")[0], "terms" in said)
    assert "terms" not in program("status").out


def test_advice_without_a_command_is_broken_between_its_words(program, terminal, mailup):
    """In a block of ``status`` no word of what a person is to do is cut by the end of the line."""
    mailup.service.order(UnsignContract("m1"))
    program("login")
    with terminal("status", columns=80, NO_COLOR="1") as person:
        seen = person.until("service.")
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line).rstrip() for line in seen.splitlines()]

    assert [
        "  what to do: Unless that was done since, log in to the MailUp console as this",
        "  user and accept the terms of service.",
    ] == lines[-2:]


def test_terms_that_a_connected_user_has_not_accepted_are_told(program, connected):
    """Where a second login waits for whose it is, it is said what MailUp wants first, and the connection goes on."""
    connected.service.order(UnsignContract("m1"))
    said = program("login")

    assert (1, "", True) == (said.code, said.out, "accept the terms of service. Then run once more:" in said.err)
    assert 0 == program("token").code


def test_a_login_whose_user_is_not_told_is_for_later(program, connected):
    """Where MailUp fails at telling whose a second login is, nothing is said of terms."""
    connected.plan(GatewayPage(status=503), Target.RESOURCE)
    said = program("login")

    assert (75, "", False) == (said.code, said.out, "terms" in said.err)


def test_nobody_answers(program, mailup):
    """When no answer comes in time, the login ends with 1, holds nothing, and gives the command that waits longer."""
    said = program("login", "--no-browser", "--timeout", "200ms", "-c", "a me")

    assert (1, "") == (said.code, said.out)
    assert said.err.endswith("run: mailup-oauth login -c 'a me' --no-browser --timeout 10m\n")
    assert 4 == program("token").code


def test_a_person_pastes_the_address(terminal, mailup):
    """Without a browser the final address is asked for; what is no answer is refused, and the next line is read."""
    with terminal("login", "--no-browser") as person:
        url = URL.search(person.until("press Enter:")).group()
        person.type("")
        person.type("http://127.0.0.1/callback?code=canary&state=another")
        person.until("from http to the end:")
        person.type(mailup.visit(url))
        seen = person.until("UTC")

    assert (0, True) == (person.code, "Connected as m1" in seen)


def test_the_receiver_is_faster_than_the_person(terminal, mailup):
    """While an address could be pasted, the browser's answer is received just as well."""
    with terminal("login", "--no-browser") as person:
        url = URL.search(person.until("press Enter:")).group()
        httpx.get(mailup.visit(url), follow_redirects=True, trust_env=False)
        person.until("Connected as m1")

    assert 0 == person.code


def test_over_ssh_the_tunnel_is_explained(terminal, mailup):
    """Over SSH no browser is opened; the line is printed that leads the answer here, and an address can be pasted."""
    with terminal("login", SSH_CONNECTION="192.0.2.1 1 192.0.2.2 22") as person:
        seen = person.until("press Enter:")
        port = re.search(r"ssh -L (\d+):127\.0\.0\.1:\1 \S+@\S+", seen).group(1)
        url = URL.search(seen).group()
        person.type(mailup.visit(url, answer=Answer.DENY))
        person.until("Run once more")

    assert (1, f"127.0.0.1%3A{port}%2Fcallback") == (
        person.code,
        re.search(r"127\.0\.0\.1%3A\d+%2Fcallback", url).group(),
    )


def test_the_port_can_be_chosen(program, mailup):
    """``--port`` takes the place of the redirect URI's, and one that is taken is told before anything is stored."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = program("login", "--port", port)

    assert (1, "", True) == (said.code, said.out, f"127.0.0.1 port {port}" in said.err)
    assert not mailup.database.exists()
    assert f"127.0.0.1%3A{port}%2Fcallback" in program("login", "--port", port).err


def test_a_secret_can_be_typed_and_is_not_shown(terminal, mailup, monkeypatch):
    """A person is asked for the client secret if nothing else has it, and what they type is not echoed."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    with terminal("login") as person:
        person.until("not shown): ")
        person.type("canary-client-secret")
        seen = person.until("Connected as m1")

    assert (0, False) == (person.code, "canary" in seen)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("login", "--server", "nonsense"), "is not the base URL"),
        (("login", "--port", "{port}"), "cannot be received on"),
        (("login", "--database", "/dev/null/x.db"), "cannot be made"),
        (("login", "--database", __file__), "damaged or not ours"),
        (("refresh", "--client-id", ""), "client id is not set"),
        (("refresh", "--server", "nonsense"), "is not the base URL"),
        (("refresh", "-c", "nobody"), "No MailUp user is connected"),
        (("call", "Authentication/Info", "-c", "nobody"), "No MailUp user is connected"),
    ],
)
def test_nobody_types_a_secret_in_vain(terminal, connected, monkeypatch, words, complaint):
    """Whatever else is wrong is told before the client secret is asked for."""
    monkeypatch.delenv("MAILUP_OAUTH_CLIENT_SECRET")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        given = [word.format(port=taken.getsockname()[1]) for word in words]
        with terminal(*given) as person:
            seen = person.until(complaint)

    assert "not shown" not in seen
    assert person.code in {1, 2, 4}


def test_a_foreign_redirect_uri_needs_a_person(program, terminal, mailup):
    """An address that does not lead here can only be pasted, and without a person that is said at once."""
    words = ("login", "--redirect-uri", "https://app.example/callback")
    said = program(*words)
    with terminal(*words, "--no-browser") as person:
        asked = person.until("press Enter:")
        person.type(mailup.visit(URL.search(asked).group()))
        person.until("Connected as m1")

    assert (1, "", True) == (said.code, said.out, "nobody is there" in said.err)
    assert (0, True) == (person.code, "\n\nPaste the address that the browser ends at" in asked)


@pytest.mark.parametrize("port", ["0", "1"])
def test_a_foreign_redirect_uri_has_no_port_to_choose(command, mailup, port):
    """A port for an answer that never comes here is refused."""
    said = command("login", "--redirect-uri", "https://app.example/callback", "--port", port)

    assert (2, "", True) == (said.code, said.out, "Leave --port away" in said.err)


def test_a_port_of_the_other_loopback_address_can_be_chosen(command, mailup):
    """``--port`` keeps the address of the redirect URI."""
    said = command("login", "--redirect-uri", "http://[::1]/callback", "--port", "0", "--no-browser", "--timeout", "0s")

    assert 1 == said.code
    assert re.search(r"http%3A%2F%2F%5B%3A%3A1%5D%3A[1-9]\d*%2Fcallback", said.err)


def test_the_keyboard_may_close(terminal, mailup):
    """Where only a pasted address can help and the person ends the input, the login ends at once; nobody is told to wait longer."""
    with terminal("login", "--redirect-uri", "https://app.example/callback") as person:
        person.until("press Enter:")
        person.type("\x04", end="")
        told = person.until("app.example/callback\r\n")

    assert (1, True) == (person.code, "ended before an address was pasted. Run once more: mailup-oauth login" in told)


def test_whoever_runs_it_has_a_name():
    """The journal is told who sits at the terminal, by number if they have no name."""

    assert "root" == somebody(0)
    assert "user-2147483001" == somebody(2147483001)


@pytest.mark.parametrize(
    ("environment", "platform", "has"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"BROWSER": "w3m"}, "linux", True),
        ({}, "darwin", True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "192.0.2.1"}, "linux", False),
        ({"SSH_CONNECTION": "192.0.2.1"}, "darwin", False),
        ({"DISPLAY": ":0", "CODESPACES": "true"}, "linux", False),
    ],
)
def test_a_browser_is_opened_where_it_is_seen(environment, platform, has):
    """No browser is opened over SSH, in a codespace, or on a Linux without a display."""

    assert has is has_browser(environment, platform)


def test_the_answers_code_is_nowhere(program, mailup):
    """What ``login`` prints holds no code and no token; the URL holds the attempt's nonce, which is the browser's."""
    said = program("login")

    assert "code=" not in said.out + said.err
    assert program("token").out.strip() not in said.out + said.err
    assert "default" in connections(mailup)
    assert os.environ["MAILUP_OAUTH_CLIENT_SECRET"] not in said.err
