"""A Chromium for each worker, people with contexts of their own, and every example as a process."""

import re
import subprocess
import sys
from pathlib import Path
from threading import Thread

import httpx
import pytest
from tests.browser.application import Application, cleaned, connect
from tests.browser.house import House
from tests.browser.strangers import served
from tests.browser.wire import tapped
from tests.chromium import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"

collect_ignore_glob = [] if CHROMIUM else ["test_*.py"]
"""Where there is no Chromium these tests are left out, and ``tests/conftest.py`` says so at the end."""


def examples():
    """Return the examples that there are, by their frameworks' names."""
    return {path.parent.name: path for path in sorted(EXAMPLES.glob("*/app.py"))}


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test in Playwright's thread."""
    wanted = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in wanted}
    pyfuncitem.funcargs["house"].does(pyfuncitem.obj, **arguments)
    return True


@pytest.fixture(scope="session", autouse=True)
def house():
    """Playwright's thread, its Chromium and its people."""
    with House() as house:
        yield house
        house.does(house.close)


@pytest.fixture(scope="session")
def started():
    """Start examples, once for each worker, and end them with it."""
    running = {}

    def start(name):
        if name not in running:
            running[name] = process_of(name)
        return running[name][1]

    yield start
    for process, _ in running.values():
        process.terminate()
    for process, _ in running.values():
        with process:
            process.wait()


def process_of(name):
    """Start an example on a free port, and return its process and where it and its MailUp are."""
    command = [sys.executable, "-u", str(examples()[name]), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    told, places = "", []
    while len(places) < 2:
        line = process.stdout.readline()
        told += line
        if not line:
            process.communicate()
            pytest.fail(f"the example {name} did not start: {told}")
        places = re.findall(r"http://127\.0\.0\.1:\d+", told)
    Thread(target=process.stdout.read, name=f"hears {name}", daemon=True).start()  # or it would wait to be heard
    with httpx.Client(
        transport=httpx.HTTPTransport(retries=7)
    ) as client:  # it says where it will be before it is there
        client.get(places[0])
    return process, Application(name=name, address=places[0], mailup=places[1])


@pytest.fixture(params=examples() or [pytest.param("none", marks=pytest.mark.skip(reason="there are no examples"))])
def app(request, started):
    """Every example, with nobody connected, before a MailUp in which nothing has happened."""
    return cleaned(started(request.param))


@pytest.fixture
def people(house, app):
    """Give people, each with a browser context of their own; at the end all that they have left is searched."""
    there = []

    def come(**options):
        there.append(house.person(app, **options))
        return there[-1]

    def go():
        for person in there:
            person.assert_nothing_is_left()
        for person in there:
            house.rest(person)

    yield come
    house.does(go)


@pytest.fixture
def ada(house, people):
    """Ada of Acme, signed in."""
    person = house.does(people)
    house.does(person.sign_in, "ada")
    return person


@pytest.fixture
def connected(app, ada):
    """Ada, whose tenant is connected already; that was done without her browser, which takes a tenth of the time."""
    connect(app, "ada")
    return ada


@pytest.fixture
def evil():
    """Somebody else's site, which serves what it is given: on another site, and on another origin of this one."""
    with served() as site:
        yield site


@pytest.fixture(scope="session")
def tap():
    """A proxy, once for each worker: whoever rests keeps its address."""
    with tapped() as wire:
        yield wire


@pytest.fixture
def wire(tap):
    """What a browser sends through a proxy."""
    tap.sent.clear()
    return tap
