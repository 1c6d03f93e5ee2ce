"""
Walks the quickstart of a framework's page in an empty folder, as a newcomer does: ``python newcomer.py FRAMEWORK``.

It wants the library and the framework installed as the page tells, and nothing else.  The programs, the settings, the
commands and the addresses are those of the page; what a person does with hands is done over HTTP.
"""

import os
import re
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))

from tests.web.scene import BROWSER_SHOWS, FROM_A_PAGE, Person, over_httpx  # noqa: E402  # the folder is told above

from mailup_oauth import Secret  # noqa: E402

COMMANDS = {"django": ["python", "manage.py", "runserver", "--noreload"]}
"""What starts the application, where the page does not say it as ``Run it with ...``."""
FORM = re.compile(r'<form[^>]*action="([^"]*/begin)">(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@contextmanager
def started(command, folder, address):
    """Start a program of this environment, wait until something answers at *address*, and end it."""
    words = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL) as process:
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=7)) as client:
                client.get(address)
            yield
        finally:
            process.terminate()


def prepared(framework, programs, folder):
    """Write what the page shows to where it says; a project of Django's is begun first."""
    if framework != "django":
        (folder / "app.py").write_text(programs[0])
        return
    run(folder, "django-admin", "startproject", "mysite", ".")
    for program in programs[:2]:
        file = folder / re.match(r"# at the end of (\S+)", program)[1]
        file.write_text(f"{file.read_text()}\n{program}")
    os.environ["DJANGO_SUPERUSER_PASSWORD"] = "made up"
    run(folder, "python", "manage.py", "migrate", "--verbosity=0")
    run(folder, "python", "manage.py", "createsuperuser", "--noinput", "--username=ada", "--email=ada@app.example")


def run(folder, program, *arguments):
    """Run a program of this environment to its end."""
    subprocess.run([Path(sys.executable).parent / program, *arguments], cwd=folder, check=True)


def sign_in(person):
    """Log in at Django's own page."""
    form = dict(HIDDEN.findall(person.types("/admin/login/").body))
    page = person.submits("/admin/login/", {**form, "username": "ada", "password": "made up"})
    assert page.status == 302, page.status


def walk(framework, person, path):
    """Open the address, press the button, consent, and see the mailing lists."""
    if framework == "django":
        sign_in(person)
    asked = person.ask("GET", path, {**FROM_A_PAGE, **BROWSER_SHOWS})
    assert asked.status == 409, asked.status
    [(action, inside)] = FORM.findall(asked.body)
    began = person.submits(action, dict(HIDDEN.findall(inside)))
    shown = person.follows(person.returns(person.consents(began.location)))
    assert (shown.status, '"Newsletter"' in shown.body) == (200, True), shown
    status = person.looks()
    assert ("Connected" in status.body, person.at_mailup in status.body) == (True, True)


def main(framework):
    """Do what the page says."""
    page = (ROOT / "docs" / f"{framework}.md").read_text()
    programs = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    [opened] = re.findall(r"<(http://127[^>]+/lists)>", page)
    user, password = re.search(r"knows the user `(\w+)`, password\s`(\w+)`", page).groups()
    command = COMMANDS.get(framework) or re.search(r"Run it with `([^`]+)`", page)[1].split()
    os.environ |= dict(re.findall(r"^export (\w+)=(.*)$", page, re.MULTILINE))
    mailup = next(value for name, value in os.environ.items() if name.endswith(("PROVIDER", "OAUTH_SERVER")))
    origin = opened.removesuffix("/lists")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        prepared(framework, programs, folder)
        stack.enter_context(started(["mailup-oauth", "sandbox"], folder, mailup))
        stack.enter_context(started(command, folder, origin))
        client = stack.enter_context(httpx.Client(base_url=origin, trust_env=False))
        walk(framework, Person(over_httpx(client), origin=origin, at_mailup=user, password=Secret(password)), "/lists")
    print(f"{framework}: connected, as its page says")  # noqa: T201  # nox shows it


if __name__ == "__main__":
    main(*sys.argv[1:])
