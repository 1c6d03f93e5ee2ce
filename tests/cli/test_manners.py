"""How the command line behaves: exit codes, pipes and terminals, hostile texts, and what is not installed."""

import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import PATIENCE

from mailup_oauth.adapters.cli.app import main
from mailup_oauth.adapters.cli.words import harmless

PROGRAM = Path(sys.executable).with_name("mailup-oauth")
HOSTILE = "\x1b[31mred\x1b]0;title\x07 [red]bold[/] :boom: \u202elive\r\n"
"""What a terminal, a log, or the library that prints could be made to obey, or could not print."""

WITHOUT = "import sys; sys.modules['{}'] = None; "
"""Python that behaves as if a package were not installed."""


def python(text):
    """Run a program in a process of its own, and return its exit code, its results and its complaints."""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def at_a_terminal(columns, *words, **environment):
    """Return what a person sees who types a command at a terminal so wide."""
    terminal, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
    with subprocess.Popen([PROGRAM, *words], stdout=line, stderr=line, env=clean | {"TERM": "xterm"} | environment):
        os.close(line)
        seen = b""
        try:
            while piece := os.read(terminal, 65536):
                seen += piece
        except OSError:  # how Linux says that nobody has the line open any more
            pass
    os.close(terminal)
    return seen.decode()


def plain(seen):
    """Return the lines of what was seen, without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", seen).split("\r\n")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("audit", "nonsense"),
        ("audit", "show", "--database"),
        ("audit", "show", "acme", "beta"),
        ("audit", "verify", "--force"),
        ("audit", "verify", "acme", os.fsdecode(b"\xff")),
        ("audit", "show", os.fsdecode(b"\xff")),
    ],
)
def test_a_wrong_call_has_its_own_exit_code(command, words):
    """A call that cannot be understood ends with 2, and says why on stderr."""
    said = command(*words)

    assert (2, "", True) == (said.code, said.out, "Error" in said.err)


@pytest.mark.parametrize("words", [(), ("--help",), ("audit", "--help"), ("audit", "verify", "--help")])
def test_help_is_a_result(command, words):
    """Who asks for help gets it on stdout."""
    said = command(*words)

    assert (0, "", True) == (said.code, said.err, said.out.startswith("Usage: mailup-oauth"))


def test_ctrl_c_is_a_quiet_end():
    """Whoever interrupts the demonstration gets exit code 130, and no traceback."""
    with subprocess.Popen([PROGRAM, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        first = demo.stdout.readline()
        demo.send_signal(signal.SIGINT)
        _, complaints = demo.communicate(timeout=PATIENCE)

    assert ("1", 130, "") == (first[:1], demo.returncode, complaints)


class Impatient(io.StringIO):
    """Somebody who interrupts at the first word."""

    def write(self, _):
        """Press Ctrl-C."""
        raise KeyboardInterrupt


def test_every_command_can_be_interrupted(database):
    """The exit code of an interruption is the same wherever it comes."""
    with redirect_stdout(Impatient()):
        code = main(["audit", "verify", "--database", str(database)])

    assert 130 == code


@pytest.mark.parametrize(
    ("package", "words"), [("cyclopts", ["--help"]), ("rich", ["audit", "verify"]), ("uvicorn", ["demo"])]
)
def test_a_missing_extra_is_told_with_the_command_that_installs_it(package, words):
    """With the base package alone every command ends with 1, and one line that can be copied and run."""
    run = f"from mailup_oauth.adapters.cli.app import main; sys.exit(main({words!r}))"

    assert (1, "", f'mailup-oauth needs {package}. Run: pip install "mailup-oauth[cli]"\n') == python(
        WITHOUT.format(package) + run
    )


def test_a_server_that_is_not_installed_is_told_with_the_command_that_installs_it():
    """Importing the sandbox's server without its extra raises one error that holds the command."""
    code, said, complaints = python(WITHOUT.format("uvicorn") + "import mailup_oauth.adapters.serving.server")
    last = 'ModuleNotFoundError: the sandbox server needs uvicorn. Run: pip install "mailup-oauth[sandbox]"\n'

    assert (1, "", 1) == (code, said, complaints.count("Traceback"))
    assert complaints.endswith(last)


@pytest.mark.parametrize("words", [("audit", "verify"), ("audit", "show")])
def test_hostile_names_and_actors_are_inert(command, forger, database, words):
    """Whatever somebody has written into the file, a terminal gets printable characters, and the lines are ours."""
    forger.rewrite("acme", name=HOSTILE, actor=HOSTILE, reason=HOSTILE)
    name = [HOSTILE] if "show" in words else []
    said = command(*words, "--database", database, *name)

    assert (0, "") == (said.code, said.err)
    assert all(line.isprintable() for line in said.out.splitlines())
    assert {"audit verify": 2, "audit show": 9}[" ".join(words)] == len(said.out.splitlines())
    assert r"\x1b[31mred\x1b]0;title\x07 [red]bold[/] :boom: \u202elive\r\n" in said.out


@given(st.text(st.characters()))
def test_what_is_shown_is_printable(text):
    """Any text becomes one line of printable characters, and one that was one already is not touched."""
    shown = harmless(text)

    assert shown.isprintable()
    assert (shown == text) is text.isprintable()


def test_a_complaint_about_a_hostile_name_is_inert(command, database):
    """What was typed is repeated, and not obeyed."""
    said = command("audit", "show", "--database", database, "\x1b[31m[red]\n")
    advice = "There are: acme, beta."

    assert (1, f"\\x1b[31m[red]\\n: no connection has this name. {advice}\n") == (said.code, said.err)


def test_a_foreign_name_is_no_trouble_where_it_cannot_be_written(forger, database):
    """Under an encoding that lacks a character, the character is escaped and the rest is told."""
    forger.rewrite("acme", actor="Zoë")
    paper = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    with redirect_stdout(paper):
        code = main(["audit", "show", "--database", str(database), "acme"])

    assert (0, True) == (code, rb"(Zo\xeb)" in paper.buffer.getvalue())


def test_results_go_to_whatever_stands_for_stdout(database):
    """A program may catch the results in a text of its own."""
    with redirect_stdout(io.StringIO()) as paper:
        code = main(["audit", "verify", "--database", str(database)])

    assert (0, 2) == (code, len(paper.getvalue().splitlines()))


def test_through_a_pipe_every_record_is_one_line(database):
    """What another program reads is not wrapped, has no colours, and no blanks at a line's end."""
    shown = subprocess.run(
        [PROGRAM, "audit", "show", "--database", database, "acme"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout

    assert (9, True) == (len(shown.splitlines()), max(map(len, shown.splitlines())) > 100)
    assert "\x1b" not in shown
    assert " \n" not in shown


def test_a_reader_who_leaves_early_is_no_trouble():
    """A pipe that is closed at its other end, as ``head`` does, ends the program without a traceback."""
    with subprocess.Popen([PROGRAM, "demo"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as demo:
        demo.stdout.readline()
        demo.stdout.close()
        complaints = demo.stderr.read()

    assert "" == complaints


def test_a_program_that_reads_nothing_is_no_trouble():
    """A reader that has gone before the first word ends the program with 1, and nobody complains."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([PROGRAM, "graph", "--json"], stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)

    assert (1, b"") == (done.returncode, done.stderr)


def test_the_door_opens_on_any_thread():
    """A program may run a command on a thread of its own, where no signal can be taken over."""
    with redirect_stdout(io.StringIO()) as paper, ThreadPoolExecutor() as pool:
        code = pool.submit(main, ["graph"]).result()

    assert (0, True) == (code, "AwaitingCode" in paper.getvalue())


@pytest.mark.parametrize("columns", [80, 120])
def test_at_a_terminal_nothing_is_wider_than_it_is(database, columns):
    """A timeline fits the terminal, in colours, and says as much as through a pipe."""
    seen = at_a_terminal(columns, "audit", "show", "--database", database, "acme")
    lines = plain(seen)

    assert columns >= max(map(len, lines)) > columns - 20
    assert "\x1b[32m" in seen
    assert 8 == sum(bool(re.match(r" *\d+  2026-01-01", line)) for line in lines)
    assert ["13:01:00" in line for line in lines].count(True) == 3


@pytest.mark.parametrize("table", ["states", "attempts", "work"])
def test_a_graph_is_broken_between_its_words(command, table):
    """At a terminal that is too narrow for an arrow with all its events, these go on below the first of them."""
    *lines, _ = plain(at_a_terminal(80, "graph", table))

    assert command("graph", table).out.split() == " ".join(lines).split()
    assert {" -> ", "    "} == {line[18:22] for line in lines}


def test_a_complaint_is_broken_at_a_blank_and_the_blank_is_gone():
    """Where the end of a word meets the end of the line, the next one does not begin with what was between them."""
    first = "Error: Unknown option: --nonsense."
    seen = plain(at_a_terminal(len(first), "status", "--nonsense"))

    assert [first, "See: mailup-oauth status --help", ""] == seen


@pytest.mark.parametrize("columns", [20, 60, 61, 100])
def test_a_command_that_is_advised_is_never_broken(columns):
    """Whatever the width of a terminal, a command ends where its line ends: a line of it alone would do something else."""
    advice = "mailup-oauth login --database 'no where.db'"
    *_, last, nothing = plain(at_a_terminal(columns, "token", "--database", "no where.db"))

    assert ("", True) == (nothing, last.endswith(advice))
    assert len(last) <= max(columns, len(advice))


def test_no_color_is_respected(database):
    """With ``NO_COLOR`` a terminal gets no colours."""
    seen = at_a_terminal(80, "audit", "show", "--database", database, "acme", NO_COLOR="1")

    assert None is re.search(r"\x1b\[[\d;]*3\d", seen)
    assert "AuthorizationBegun" in seen
