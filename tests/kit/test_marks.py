"""What a test says with its marks is understood, or refused with what could be said; what was planned has to happen."""

import pytest

import mailup_oauth.testing.asked
import mailup_oauth.testing.happenings  # noqa: F401  # pytester forgets what its runs load first
from mailup_oauth.testing.asked import Asked, NotAsked, asked
from mailup_oauth.testing.plays import PLAYS

pytest_plugins = ["pytester"]

LOST = "HangUp(done=<Done.COMMITTED: 'committed'>), at token"


@pytest.fixture
def run(pytester):
    """Run one file of tests with the plugin, and return what came of it."""

    def run_file(text):
        pytester.makepyfile(f"import pytest\n{text}")
        return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", "--strict-markers")

    return run_file


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("scenario='lost_answr'", "there is no scenario 'lost_answr'; did you mean 'lost_answer'?"),
        ("scenario='xyz'", f"there is no scenario 'xyz'; there are {', '.join(PLAYS)}"),
        ("scenario=1", "there is no scenario 1; there are connected, "),
        ("'expired'", "'expired' is not understood; what can be said is scenario= and all_faults_met="),
        ("scenery='expired'", "scenery is not understood; what can be said is scenario= and all_faults_met="),
    ],
)
def test_what_is_not_understood_is_told(run, said, told):
    """A mark that cannot be obeyed is an error of its test, in one line that says what could stand there."""
    result = run(f"@pytest.mark.mailup({said})\ndef test_it(mailup_client): ...")

    result.assert_outcomes(errors=1)
    assert [line for line in result.outlines if line.startswith(f"@pytest.mark.mailup: {told}")]
    assert "plugin.py" not in result.stdout.str()


def test_an_unmet_fault_fails_its_test(run):
    """A test that passed without meeting what was planned for it has failed, and is told what it missed."""
    result = run("@pytest.mark.mailup(scenario='lost_answer')\ndef test_it(mailup_client): ...")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"planned, and never met: {glob(LOST)}. all_faults_met=False allows it."])


def test_an_unmet_fault_can_be_allowed(run):
    """A mark can say that a fault may go unmet; that of a class holds for its tests, and the nearer one decides."""
    result = run("""
@pytest.mark.mailup(scenario="lost_answer", all_faults_met=False)
class TestIt:
    def test_far(self, mailup_client): ...

    @pytest.mark.mailup(scenario="expired")
    def test_nearer(self, mailup_client, mailup_sandbox):
        assert () == mailup_sandbox.sandbox.world.faults

    @pytest.mark.mailup(all_faults_met=True)
    def test_nearest(self, mailup_client): ...
""")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_nearest - *"])


def test_a_failure_is_told_alone(run):
    """A test that failed is not blamed for what it had no time to meet."""
    result = run("@pytest.mark.mailup(scenario='lost_answer')\ndef test_it(mailup_client):\n    assert 'its own' == ''")

    result.assert_outcomes(failed=1)
    assert "its own" in result.stdout.str()
    assert "never met" not in result.stdout.str()


def test_whoever_does_not_use_the_kit_is_left_alone(run):
    """A run that asks for no fixture of the kit passes as it would without."""
    result = run("def test_it(): ...\n\n@pytest.mark.mailup(scenario='nonsense')\ndef test_mark_alone(): ...")

    result.assert_outcomes(passed=2)


def test_the_marker_is_listed(pytester):
    """``pytest --markers`` explains the marker."""
    result = pytester.runpytest_inprocess("--markers")

    result.stdout.fnmatch_lines(["@pytest.mark.mailup(scenario='', all_faults_met=True): *"])


def test_marks_add_up():
    """Of several marks the nearest decides, each argument for itself."""
    marks = [((), {"scenario": "expired"}), ((), {"scenario": "revoked", "all_faults_met": False})]

    assert Asked(scenario="expired", all_faults_met=False) == asked(marks)
    assert Asked() == asked([])


def test_a_far_mark_is_read_too():
    """What is not understood is told even where a nearer mark would have overruled it."""
    with pytest.raises(NotAsked, match="scenery is not understood"):
        asked([((), {"scenario": "expired"}), ((), {"scenery": "revoked"})])


def glob(text):
    """Return a pattern that fits exactly *text*."""
    return text.replace("[", "[[]").replace("?", "[?]").replace("*", "[*]")
