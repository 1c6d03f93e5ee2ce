"""docs/sandbox.md can be believed: its scenario, its programs and its tables are those of the sandbox."""

import re
import runpy
from pathlib import Path

import attrs
import pytest

from mailup_oauth.adapters.serving.orders import ORDERS
from mailup_oauth.adapters.serving.reading import FAULTS
from mailup_oauth.adapters.serving.scenario_file import read_scenario
from mailup_oauth.sandbox.desk.words import FORMS, NUMBER, SPAN, told
from mailup_oauth.sandbox.switches import DOCUMENTED
from mailup_oauth.sandbox.world import begun

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
ROW = re.compile(r"^\| `([a-z_-]+)` \| (.*?) \|", re.MULTILINE)
WORD = re.compile(r"`([^`]+)`")


def blocks(language):
    """Return the blocks of one language on the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with the page's scenario in it, and work there."""
    [scenario] = blocks("toml")
    (tmp_path / "scenario.toml").write_text(scenario)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_scenario_of_the_page_is_one(play, folder):
    """The example is read as it stands, and has one of each thing that can be said."""
    scenario = read_scenario(folder / "scenario.toml")
    world = begun(scenario, system=play.clock())

    assert ["m1234"] == [*world.users]
    assert world.users["m1234"].lists[0].recipients
    assert scenario.begins.moment == play.clock() + world.ahead
    assert {"old_refresh": "grace 30s", "access_life": "15m", "retry_after": "told 2s"} == dict(
        told(scenario.switches).items() - told(DOCUMENTED).items()
    )
    assert len(scenario.faults) == 1


def test_the_programs_of_the_page_run(folder):
    """Both programs do what the page says, as they stand there."""
    said = []
    for number, program in enumerate(blocks("python")):
        file = folder / f"program-{number}.py"
        file.write_text(program)
        runpy.run_path(str(file), {"print": said.append})

    assert ["m1234 is connected", 503, "no answer, as ordered"] == said


def test_the_table_of_switches_is_whole():
    """Each switch has its row, with its habit at the beginning first and with all that can be said of it."""
    rows = {name: WORD.findall(said) + re.findall(r"any (\w+)", said) for name, said in ROW.findall(PAGE)}
    first = told(DOCUMENTED)
    wide = {name: forms for name, forms in FORMS.items() if forms not in {(SPAN,), (NUMBER,)}}

    assert FORMS.keys() <= rows.keys()
    assert first == {name: rows[name][0] for name in FORMS}
    assert {name: {*forms} for name, forms in wide.items()} == {name: {*rows[name]} for name in wide}
    assert {name: [first[name], *FORMS[name]] for name in FORMS.keys() - wide.keys()} == {
        name: rows[name] for name in FORMS.keys() - wide.keys()
    }


def test_the_table_of_faults_is_whole():
    """Each kind of fault has its row, which names every member that can be said."""
    rows = {name: line for line in PAGE.splitlines() for name in FAULTS if line.startswith(f"| `{name}` |")}
    members = {name: {one.name for one in attrs.fields(kind) if one.init} for name, kind in FAULTS.items()}

    assert FAULTS.keys() == rows.keys()
    assert {} == {
        name: said - {*WORD.findall(rows[name])} for name, said in members.items() if said - {*WORD.findall(rows[name])}
    }


def test_the_table_of_addresses_is_whole():
    """Each control address has its row."""
    found = set(re.findall(r"`(GET|POST) /__sandbox__/(\w*)`", PAGE))

    assert {("GET", ""), ("GET", "state"), ("GET", "events"), *(("POST", word) for word in ORDERS)} == found
