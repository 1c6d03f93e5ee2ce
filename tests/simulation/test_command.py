"""``./dev simulate``: what it prints, and what it exits with."""

import subprocess
import sys

import pytest

from mailup_oauth.engine.steps import Save
from mailup_oauth.journal import read_record
from mailup_oauth.ports import Commit
from mailup_oauth.testing.simulation.manners import altered
from mailup_oauth.testing.simulation.seeded.command import main
from mailup_oauth.testing.simulation.seeded.playing import Client


def forgetful():
    """Take tokens for stored that are not."""

    def take(step):
        kept = step.change.records if isinstance(step, Save) else ()
        is_brought = any(type(read_record(text).event).__name__ == "TokensRefreshed" for text in kept)
        return Commit.DONE if is_brought else (yield step)

    return take


def test_a_run_without_a_broken_promise_prints_its_sums(capfd, tmp_path):
    """The table, the outcomes, the number of histories and their speed are printed, witnesses are written, and all is well."""
    code = main(["--seeds", "200", "--jobs", "1", "--witnesses", str(tmp_path / "witnesses")])
    told = capfd.readouterr().out

    assert 0 == code
    assert "200 histories of " in told
    assert "seeds a second" in told
    assert "promises broken: 0" in told
    assert "  token\n" in told
    assert "killed in a pause " in told
    assert "  <- never\n" in told
    assert "LEFT Refreshed " in (tmp_path / "witnesses").read_text()


def test_a_broken_promise_is_told_as_a_story_and_exits_with_1(capfd):
    """A client that takes tokens for stored is told of in its shortest stories, and the run fails."""
    code = main(["--seeds", "30", "--jobs", "1"], Client(altered=altered(forgetful)))
    told = capfd.readouterr().out

    assert 1 == code
    assert "Broken: I2: " in told
    assert "cut short:\nPlan seed=" in told
    assert "tests/simulation/kept_seeds.txt" in told


@pytest.mark.parametrize(
    "which", [["--seed", "7", "--story"], ["--plan", "Plan seed=1 dawn=two-1 ending=safety ; Stray"]]
)
def test_one_history_can_be_told_alone(capfd, which):
    """A seed, or a plan that was written down, is told from its beginning to its end."""
    code = main(which)
    told = capfd.readouterr().out

    assert 0 == code
    assert told.startswith("Plan seed=")
    assert told.endswith("Every promise was kept.\n")


def test_several_processes_play_what_one_plays():
    """Split over two processes, the sums are the same."""
    program = [sys.executable, "-m", "mailup_oauth.testing.simulation.seeded.command", "--seeds", "300"]
    one, two = (
        subprocess.run([*program, "--jobs", jobs], capture_output=True, text=True, check=True).stdout.splitlines()
        for jobs in ("1", "2")
    )

    assert one[:-2] == two[:-2]
    assert one[-1] == two[-1] == "promises broken: 0"
