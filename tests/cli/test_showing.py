"""``sandbox``, ``graph``, ``completion`` and ``demo``: what they print for people, shells and programs."""

import json
import os
import re
import shutil
import signal
import subprocess

import httpx
import pytest
from tests.cli.conftest import PATIENCE

from mailup_oauth.adapters.serving.reading import FAULTS
from mailup_oauth.domain.diagram import attempt_diagram, state_diagram, work_diagram
from mailup_oauth.sandbox.desk.words import FORMS

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
        process.communicate(timeout=PATIENCE)


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


def test_a_sandbox_begins_with_unsigned_terms_and_planned_faults(sandbox, tmp_path):
    """``--switch contract`` is every user's, and each ``--fault`` strikes after those of the file, in its order."""
    file = tmp_path / "scenario.toml"
    file.write_text('[[users]]\nusername = "m9"\npassword = "x"\nuid = "9"\n[[faults]]\nkind = "throttle"\n')
    words = ("--fault", "hang-up,done=nothing", "--fault", "gateway-page, status=503, wait=told 3s, target=resource")
    process = sandbox("--json", "--scenario", file, "--switch", "contract=unsigned", *words)
    state = httpx.get(f"{json.loads(process.stdout.readline())['desk']}state", trust_env=False).json()

    assert ["unsigned"] == [user["contract"] for user in state["users"]]
    assert [("token", "throttle"), ("token", "hang-up"), ("resource", "gateway-page")] == [
        (fault["target"], fault["kind"]) for fault in state["faults"]
    ]
    assert ("503", "told 3s") == tuple(str(state["faults"][-1][name]) for name in ("status", "wait"))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--switch", "contract=perhaps"), "--switch: contract must be signed, or unsigned."),
        (("--fault", "cats"), "--fault: kind must be hang-up, or throttle"),
        (("--fault", "hang-up"), "--fault: done is missing."),
        (("--fault", "slow,delay=5s,target=nowhere"), "--fault: target must be token, or resource."),
    ],
)
def test_what_cannot_be_ordered_is_told_with_what_can(command, words, complaint):
    """A word that a sandbox does not know ends the command with 2, before anything is served."""
    said = command("sandbox", "--port", "0", *words)

    assert (2, "", True) == (said.code, said.out, said.err.startswith(complaint))
    assert said.err.endswith("See: mailup-oauth sandbox --help\n")


def test_a_misspelt_switch_is_told_with_all_that_there_are(command):
    """Whoever slips at a switch is told every one, and the users' contract among them."""
    said = command("sandbox", "--port", "0", "--switch", "contrct=unsigned")
    known = ", ".join(sorted({*FORMS, "contract"}))

    assert (2, f"--switch: contrct is not known; there are {known}.") == (said.code, said.err.partition(" See:")[0])


def test_every_problem_of_a_scenario_has_its_line(command, tmp_path):
    """What is wrong with a file is told line by line, and to programs as one text without a line's end."""
    file = tmp_path / "scenario.toml"
    file.write_text('[switches]\nold_refresh = "often"\n[[users]]\nusername = "m9"\n')
    said, told = command("sandbox", "--scenario", file), command("sandbox", "--scenario", file, "--json")
    *problems, remedy = said.err.splitlines()

    assert (2, 3, "See: mailup-oauth sandbox --help") == (said.code, len(problems), remedy)
    assert all(line.startswith(f"{file}: ") and line.endswith(".") for line in problems)
    assert " ".join(problems) == json.loads(told.err)["error"]["message"]


def test_the_help_of_a_sandbox_has_every_switch_and_every_fault(command):
    """Whoever has the package alone finds there what can be said."""
    words = set(re.findall(r"[a-z_0-9-]+", command("sandbox", "--help").out))

    assert {*FORMS, "contract", *FAULTS} <= words


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
