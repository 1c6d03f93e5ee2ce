"""What ``docs/command-line.md`` says of commands, settings and exit codes is what there is."""

import re
from pathlib import Path

import pytest
from cyclopts import App

from mailup_oauth.adapters.cli import commands as loaded
from mailup_oauth.adapters.cli import exits
from mailup_oauth.adapters.cli.again import Again
from mailup_oauth.adapters.cli.commands import app
from mailup_oauth.adapters.cli.exits import EXITS, Exit, trouble_of
from mailup_oauth.adapters.cli.settings import NAMES, load
from mailup_oauth.domain import errors as er

COMMANDS = Path(loaded.__file__).parent
TEXT = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()


def commands(group: App, *before):
    """Yield the names of all commands of a group."""
    for name in group:
        if not name.startswith("-"):
            below = group[name]
            yield from commands(below, *before, name) if below.default_command is None else [" ".join((*before, name))]


def test_the_commands_are_these():
    """Every command has a row, and every row is a command."""
    told = re.findall(r"^\| `([a-z ]+)` \|", TEXT.partition("## Settings")[0], re.MULTILINE)

    assert sorted(commands(app)) == told


def test_the_exit_codes_are_these():
    """Every exit code has a row with its name."""
    told = re.findall(r"^\| (\d+) \| `([A-Z_]+)` \|", TEXT, re.MULTILINE)

    assert [(str(one.value), one.name) for one in Exit] == told


def test_the_settings_are_these():
    """Every setting has a row, by its name in the file or by its variable."""
    told = set(re.findall(r"`MAILUP_OAUTH_([A-Z_]+)` \|", TEXT))

    assert {name.upper() for name in NAMES} | {"CONFIG", "KEY"} == told


def test_the_configuration_file_that_is_shown_is_one(tmp_path):
    """The example is read as it stands there."""
    file = tmp_path / "config.toml"
    file.write_text(re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL).group(1))

    assert "acme" == load({}, file).settings.connection


def test_nobody_is_sent_to_a_file_that_the_package_does_not_have():
    """No module of the command line names a document of this repository: whoever installed the package has none."""

    assert [] == [path.name for path in COMMANDS.glob("*.py") if "docs/" in path.read_text()]


def errors(kind=er.MailUpOAuthError):
    """Yield every class of error that is raised."""
    for below in kind.__subclasses__():
        yield from errors(below)
    if "code" in vars(kind) and kind is not er.MailUpOAuthError:
        yield kind


@pytest.mark.parametrize("kind", [*errors()], ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_and_a_remedy_for_a_terminal(kind):
    """Each error of the library becomes trouble that says what happened and what to type, and names no method."""
    values = {"reason": er.DeathCause.DENIED, "retry_after": exits.SECRET_MISSING.retry_after}
    if kind is er.CallbackRefused:
        values["reason"] = er.CallbackFault.DENIED
    if kind is er.ServerNotTrusted:
        values["reason"] = er.TrustFault.CERTIFICATE_OUT_OF_DATE
    given = {one.name: values.get(one.name, "a word") for one in kind.__attrs_attrs__}
    trouble = trouble_of(kind(**given), Again(connection="acme"))

    assert trouble.exit in {*EXITS.values(), Exit.FAILED}
    assert trouble.message.endswith((".", ")"))
    assert trouble.remedy.strip()
    assert None is re.search(r"\w\(\)|\{|retry_after", str(trouble))
