"""``sandbox``, ``graph``, ``completion`` and ``demo``: what they print for people, shells and programs."""

import json
import os
import re
import shutil
import signal
import subprocess

import httpx
import pytest

from mailup_oauth.domain.diagram import attempt_diagram, state_diagram, work_diagram

TABLES = {"states": state_diagram, "attempts": attempt_diagram, "work": work_diagram}


@pytest.fixture
def sandbox(program_path):
    """Serve a sandbox in a process of its own, and give what it said first."""
    running = []

    def serve(*words):
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [program_path, "sandbox", "--port", "0", *words], stdout=pipe, stderr=pipe, text=True
        )
        running.append(process)
        return process

    yield serve
    for process in running:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_what_a_sandbox_prints_can_be_typed(sandbox, program, mailup):
    """The three lines that it prints make ``login`` work in a shell that has nothing else."""
    process = sandbox()
    lines = [process.stdout.readline().strip() for _ in range(9)]
    typed = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    password = re.search(r"as m1234, with the password (\S+)", "\n".join(lines)).group(1)
    browser = mailup.database.parent.parent / "browser"
    browser.write_text(browser.read_text().replace('"m1"', '"m1234"').replace("canary-password", password))

    assert "mailup-oauth login" == lines[-1]
    assert "Connected as m1234" in program("login", **typed).out


def test_a_sandbox_tells_programs_where_it_is(sandbox):
    """With ``--json`` there is one object with the address, the applications and the users."""
    told = json.loads(sandbox("--json").stdout.readline())
    state = httpx.get(f"{told['desk']}state", trust_env=False)

    assert (1, "sandbox", 200) == (told["format"], told["command"], state.status_code)
    assert {"client_id", "client_secret", "name"} == set(told["applications"][0])
    assert ["m1234", "m5678"] == [user["username"] for user in told["users"]]


def test_a_sandbox_begins_as_it_is_told(sandbox, tmp_path):
    """A scenario file says who is there and what it is like, and ``--switch`` has the last word."""
    file = tmp_path / "scenario.toml"
    file.write_text(
        '[switches]\nold_refresh = "dead"\npkce = "checked"\n[[users]]\nusername = "m9"\npassword = "x"\nuid = "9"\n'
    )
    told = json.loads(sandbox("--json", "--scenario", file, "--switch", "old-refresh=grace 30s").stdout.readline())
    switches = httpx.get(f"{told['desk']}state", trust_env=False).json()["switches"]

    assert ["m9"] == [user["username"] for user in told["users"]]
    assert ("grace 30s", "checked") == (switches["old_refresh"], switches["pkce"])


@pytest.mark.parametrize("table", TABLES)
def test_a_graph_is_the_table(command, table):
    """``graph`` prints the picture of its table as Mermaid text, or each arrow of it on a line."""
    text = TABLES[table]()
    plain = command("graph", table).out.splitlines()

    assert (
        text == command("graph", table, "--mermaid").out == json.loads(command("graph", table, "--json").out)["mermaid"]
    )
    assert text.count("-->") == len(plain) == sum(" -> " in line for line in plain)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_is_a_script(command, shell):
    """``completion`` prints a script that its shell, if it is here, can read, and that knows the commands."""
    script = command("completion", shell).out

    assert all(name in script for name in ("login", "audit", "--connection"))
    assert script.strip() == json.loads(command("completion", shell, "--json").out)["script"].strip()
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True, env=os.environ)


def test_the_demonstration_tells_programs_how_it_ended(command):
    """With ``--json`` the demonstration is silent and says whether the journal was proved."""
    said = command("demo", "--json")

    assert (0, {"format": 1, "command": "demo", "is_proved": True}) == (said.code, json.loads(said.out))
