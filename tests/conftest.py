"""What holds for every test: no secret leaves, by log, print, warning, exception or traceback (security.md row 46)."""

import base64
import logging
import os
import re
import signal
import sys
import traceback
from pathlib import Path
from urllib.parse import quote

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from tests import chromium, matrix

import mailup_oauth
from mailup_oauth.domain.errors import MailUpOAuthError
from mailup_oauth.testing.canary import CANARY

pytest.register_assert_rewrite("tests.browser.application", "tests.browser.person")

AGREED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exploring", AGREED)
settings.register_profile("repeating", AGREED, derandomize=True)
settings.load_profile("repeating" if os.environ.get("CI") else "exploring")  # CI judges a change; who works, explores

JOURNEY = ("/OAuth/LogOn", "/OAuth/Authorization", "?code=")
"""Where OAuth itself puts a nonce and a code: in the addresses that a browser visits."""

FAULTS = Path(__file__).parent.parent / "docs" / "faults.md"

# A shell's job in the background ignores Ctrl-C, and so would every program that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Where it is set, a program that forgets to flush works; on a user's machine it is not.
os.environ.pop("PYTHONUNBUFFERED", None)

LIBRARY = str(Path(mailup_oauth.__file__).parent)


def disguises(marker):
    """Return the forms in which a marker might leak: raw, percent-encoded, hexadecimal, and base64 at any offset."""
    raw = marker.encode()
    cores = {base64.b64encode(b"\0" * lead + raw)[4 if lead else 0 : -4].decode() for lead in range(3)}
    return {marker, quote(marker), raw.hex(), *(core for core in cores if len(core) >= 4)}


FORMS = disguises(CANARY)


def leaks_in(text):
    """Return the forms of the marker that *text* holds."""
    return {form for form in FORMS if form in text}


class Ear(logging.Handler):
    """Hears everything that anybody logs, at every level."""

    def __init__(self):
        super().__init__(level=logging.NOTSET)
        self.heard = []

    def emit(self, record):
        """Keep a line as a formatter would write it, and its arguments; a test's browser tells of its own journey."""
        line = f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r}"
        if not (record.name.startswith(("httpx", "httpcore")) and any(place in line for place in JOURNEY)):
            self.heard.append(line)


class Coroner:
    """Keeps every exception of the library that is made, so that what it carries can be looked at."""

    def __init__(self):
        self.kept = []

    def findings(self):
        """Return what the exceptions show: as text, in their chains, and in the locals of the library's frames."""
        return "\n".join(self._told(error) for error in self.kept)

    def _told(self, error):
        """Return all that one exception shows."""
        told = [repr(error), str(error), repr(vars(error)), repr(error.args)]
        for part in self._chain(error):
            told += [repr(part), str(part)]
            told += [repr(frame.locals) for frame in self._frames(part)]
        return "\n".join(told)

    @staticmethod
    def _frames(error):
        """Return the library's own frames, with their locals; a test may know its own secrets."""
        stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        return [frame for frame in stack if frame.filename.startswith(LIBRARY)]

    @staticmethod
    def _chain(error):
        """Yield an exception and all that it is chained to."""
        seen = set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            yield error
            error = error.__cause__ or error.__context__


@pytest.fixture
def ear():
    """Listen to every logger at DEBUG while a test runs."""
    listener, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener)
    root.setLevel(level)


@pytest.fixture
def coroner(monkeypatch):
    """Keep every exception of the library that is made while a test runs."""
    keeper = Coroner()

    def born(kind, *args, **kwargs):
        error = BaseException.__new__(kind, *args)
        keeper.kept.append(error)
        return error

    monkeypatch.setattr(MailUpOAuthError, "__new__", born)
    return keeper


@pytest.fixture
def search(ear, coroner, capfd):
    """Return what searches everything that was logged, printed or raised so far for secrets in any disguise."""

    def found():
        out, err = capfd.readouterr()
        sys.stdout.write(out)
        sys.stderr.write(err)
        return leaks_in("\n".join((*ear.heard, out, err, coroner.findings())))

    return found


@pytest.fixture(autouse=True)
def no_leak(request, search):
    """Nothing that was logged, printed or raised holds a secret; test_sec_46 proves that one would be found."""
    yield
    found = search()
    if request.node.get_closest_marker("plants_a_leak"):
        return

    assert set() == found, f"a secret leaked: {found}"


@pytest.fixture
def unwatched():
    """Nothing measures which lines a test takes."""
    watching = Coverage.current()
    if watching:
        watching.stop()
    yield
    if watching:
        watching.start()


ROWS = range(1, 74)
"""The requirements of SECURITY.md."""


def outcomes_of(terminalreporter):
    """Return the id of every test that ran, and what became of it."""
    return [
        (report.nodeid, outcome)
        for outcome, reports in terminalreporter.stats.items()
        if outcome in {"passed", "failed", "error"}
        for report in reports
    ]


def pytest_sessionfinish(session):
    """
    Fail CI's run if a case of docs/faults.md was not met in it, though no test has failed.

    That a test is named for each case is held by tests/architecture/test_fault_matrix.py, which looks at what pytest
    collects.  What is collected can still be skipped, and only the end of a run shows that all tests of a case were.
    CI has installed every program that they need.  A contributor's machine may lack one, and whoever chooses tests asks
    for a part: there the table says so, and that is all.
    """
    config = session.config
    is_whole = config.args == config.getini("testpaths") and not config.option.keyword
    terminalreporter = config.pluginmanager.get_plugin("terminalreporter")  # the workers of a run have none
    if os.environ.get("CI") and is_whole and terminalreporter:
        table = list(matrix.lines(FAULTS.read_text(), outcomes_of(terminalreporter)))
        if matrix.is_mostly_run(table) and matrix.not_run(table):
            session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    """Print how far SECURITY.md and docs/faults.md were proved in this run, if most of their tests were asked for."""
    outcomes = outcomes_of(terminalreporter)
    print_what_is_left_out(terminalreporter)
    print_explorations(terminalreporter)
    print_requirements(terminalreporter, outcomes)
    print_faults(terminalreporter, outcomes)


def print_what_is_left_out(terminalreporter):
    """Say so if tests were asked for that this machine has no browser for."""
    line = chromium.left_out(terminalreporter.config.args)
    if line:
        terminalreporter.section("left out", sep="!", yellow=True)
        terminalreporter.line(line)


def print_explorations(terminalreporter):
    """Print a line for everything that was explored or simulated in this run."""
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    told = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "explored"]
    if told:
        terminalreporter.section("explored")
        for line in dict.fromkeys(told):  # each comes with the reports of set-up, call and end
            terminalreporter.line(line)


def print_requirements(terminalreporter, outcomes):
    """Print which requirements of SECURITY.md were proved."""
    found = [(re.search(r"::test_sec_(\d\d)_", test), outcome) for test, outcome in outcomes]
    passed = {int(number[1]) for number, outcome in found if number and outcome == "passed"}
    bad = {int(number[1]) for number, outcome in found if number and outcome != "passed"}
    if len(passed | bad) > len(ROWS) // 2:
        terminalreporter.section("security requirements")
        for what, rows in {
            "failed": bad,
            "proved": passed - bad,
            "without a test here": set(ROWS) - passed - bad,
        }.items():
            listed = " ".join(f"{row:02}" for row in sorted(rows))
            terminalreporter.line(f"{len(rows):>2} {what}: {listed}" if rows else f" 0 {what}")


def print_faults(terminalreporter, outcomes):
    """Print the fault matrix: each case, whether it held, which layers ran it, how it must end, and where its tests are."""
    table = list(matrix.lines(FAULTS.read_text(), outcomes))
    if matrix.is_mostly_run(table):
        terminalreporter.section("fault matrix")
        for line in table:
            terminalreporter.line(line)
        if left := matrix.not_run(table):
            terminalreporter.line(f"{len(left)} not run: {' '.join(left)}", red=True)
