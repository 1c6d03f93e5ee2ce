"""docs/faults.md lists 117 faults; each that can happen here has a test that is named for it, and CI prints the table."""

import ast

import pytest
from tests.matrix import ABSENT, cases, layer, lines, named

FAMILIES = {"P": 27, "N": 34, "C": 8, "S": 18, "K": 12, "M": 18}
PAGE = "| N07 | reset | T/R |\n| P01 | killed | S |\n| S08 | COMMIT | not here: no such store yet |\n"


@pytest.fixture
def page(root):
    """Give the text of the matrix."""
    return (root / "docs" / "faults.md").read_text()


def names(root):
    """Yield the names of all tests, and the texts that could name a parameter."""
    for path in (root / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"fault_{node.value.partition('-')[0]}"


def test_every_fault_of_every_family_is_listed_once(page):
    """There are 117 cases, numbered without a gap."""
    expected = [f"{family}{number:02}" for family, count in FAMILIES.items() for number in range(1, count + 1)]

    assert expected == list(cases(page))
    assert 117 == len(expected)


def test_every_fault_that_can_happen_here_has_a_test(page, root):
    """Only the rows of stores and adapters that do not exist are without one, and say so."""
    tested = {case for name in names(root) for case in named(name)}

    assert {case for case, (_, end) in cases(page).items() if not end.startswith(ABSENT)} <= tested


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_fault_N07_an_answer_is_lost", {"N07"}),
        ("test_sec_37_and_fault_N18_and_S02_kept", {"N18", "S02"}),
        ("test_faults[N07-dot-grace]", set()),
        ("test_fault_x[N07-dot-grace]", {"N07"}),
        ("test_fault_N070_is_none", set()),
        ("test_N07_is_not_named_as_a_fault", set()),
    ],
)
def test_a_case_is_read_off_a_test_s_name(name, expected):
    """Every number behind the word counts, in the name or in its parameters."""
    assert expected == named(name)


def test_a_test_belongs_to_the_layer_of_its_folder():
    """What is in no listed folder is a test of parts."""
    assert ["process", "parts"] == [layer("tests/steps/test_x.py"), layer("tests/domain/test_x.py")]


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
        "S08 absent  COMMIT -> not here: no such store yet | - | ",
    ] == list(lines(PAGE, outcomes))
    assert ["P01 held    "] == [line[:12] for line in lines(PAGE, [("a::test_fault_P01", "passed")]) if "P01" in line]
