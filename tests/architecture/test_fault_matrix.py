"""docs/faults.md lists 117 faults; each that can happen here has a test that is named for it, and CI prints the table."""

import pytest
from tests.matrix import LAYERS, PARTS, cases, complaints, is_mostly_run, layer, lines, named, not_run, places

FAMILIES = {"P": 27, "N": 34, "C": 8, "S": 18, "K": 12, "M": 18}
PAGE = """
| server | `tests/servers` | servers |
| parts | everywhere else | the part |
| N07 | reset | T/R |
| P01 | killed | S |
| S11 | COMMIT | not here: no such store yet |
"""
TESTS = (
    "tests/servers/test_a.py::test_fault_N07_x[a]",
    "tests/b/test_b.py::test_fault_y[P01-b]",
    "tests/b/c.py::test_z",
)


@pytest.fixture
def page(root):
    """Give the text of the matrix."""
    return (root / "docs" / "faults.md").read_text()


def test_every_fault_of_every_family_is_listed_once(page):
    """There are 117 cases, numbered without a gap."""
    expected = [f"{family}{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)]

    assert expected == list(cases(page))
    assert 117 == len(expected)


def test_the_page_and_the_tests_that_pytest_collects_agree(page, collected):
    """What can happen here has a test, what a test is named for is a case, and every layer meets some."""
    assert [] == complaints(page, collected)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        (TESTS, []),
        (TESTS[1:], ["no test is named for N07", "no case is met in the layer server"]),
        ((TESTS[0], TESTS[2]), ["no test is named for P01", "no case is met in the layer parts"]),
        ((*TESTS, "tests/b/test_b.py::test_fault_N99_x"), ["a test is named for N99, which is no case"]),
        ((*TESTS, "tests/b/N98.py::test_N97_x[N96]"), []),
    ],
    ids=["all", "no N07", "no P01", "N99", "names of other things"],
)
def test_a_case_without_a_test_and_a_test_without_a_case_are_complained_of(tests, expected):
    """A row that lost its test, a layer that meets nothing, and a number that is no row are each told."""
    assert expected == complaints(PAGE, tests)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_fault_N07_an_answer_is_lost", {"N07"}),
        ("test_sec_37_and_fault_N18_and_S02_kept", {"N18", "S02"}),
        ("test_faults[N07-dot-grace]", set()),
        ("test_fault_x[N07-dot-grace]", {"N07"}),
        ("test_fault_N070_is_none", set()),
        ("test_N07_is_not_named_as_a_fault", set()),
        ("test_fault_y[N01-P16-x]", {"N01", "P16"}),
        ("test_fault_y[X-CAME_TWICE]", set()),
        ("test_x[test_fault_N07_y]", set()),
        ("test_the_default_N07", set()),
    ],
)
def test_a_case_is_read_off_a_test_s_name(name, expected):
    """Every number behind the word counts, in the name or in its parameters."""
    assert expected == named(name)


def test_a_test_belongs_to_the_layer_of_its_folder():
    """What is in no listed folder is a test of parts."""
    assert ["process", "parts"] == [layer("tests/steps/test_x.py"), layer("tests/domain/test_x.py")]


def test_the_page_says_which_layer_is_in_which_folder(page):
    """The layers, and the folders of each, are those by which tests are counted."""
    folders = {name: {place for place in LAYERS if LAYERS[place] == name} for name in (*LAYERS.values(), PARTS)}

    assert folders == places(page)


def test_the_table_tells_what_held_what_failed_and_what_was_not_run():
    """One failure fails a case; a case without a test is seen; one that cannot be here says so."""
    outcomes = [
        ("tests/servers/test_a.py::test_fault_N07_x[a]", "passed"),
        ("tests/servers/test_a.py::test_fault_N07_x[b]", "failed"),
        ("tests/domain/test_b.py::test_fault_N07_y", "passed"),
    ]

    assert [
        "N07 FAILED  reset -> T/R | parts:1 server:2 | tests/domain/test_b.py tests/servers/test_a.py",
        "P01 NOT RUN killed -> S | - | ",
        "S11 absent  COMMIT -> not here: no such store yet | - | ",
    ] == list(lines(PAGE, outcomes))
    assert ["P01 held    "] == [line[:12] for line in lines(PAGE, [("a::test_fault_P01", "passed")]) if "P01" in line]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [([], (["N07", "P01"], False)), (zip(TESTS, ("failed",) * 2, strict=False), ([], True))],
    ids=["nothing", "all"],
)
def test_what_was_not_run_is_found_in_the_table(outcomes, expected):
    """A case that failed was run, one that cannot be here is not missed, and where little was run nothing is said."""
    table = list(lines(PAGE, outcomes))

    assert expected == (not_run(table), is_mostly_run(table))
