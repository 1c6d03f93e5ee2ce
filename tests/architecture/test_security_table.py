"""SECURITY.md says of each requirement how far it is held; it may not say more, or less, than the tests do."""

import ast
import re

ROWS = 73
"""Requirements of the security notes that this project was begun with."""

ROW = re.compile(r"^\| (\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)
STATUS = re.compile(r"\*\*(held|partly|no|n/a)\*\*")


def stated(root):
    """Return the status of each row, by its number."""
    text = (root / "SECURITY.md").read_text()
    return {int(number): status for number, status in ROW.findall(text)}


def proved(root):
    """Return the numbers of the rows that tests are named for."""
    trees = (ast.parse(path.read_text()) for path in (root / "tests").rglob("*.py"))
    contract = ast.parse((root / "src/mailup_oauth/testing/store_contract.py").read_text())
    names = (
        node.name
        for tree in (*trees, contract)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return {int(found[1]) for name in names if (found := re.match(r"test_sec_(\d\d)_", name))}


def test_every_requirement_has_a_row(root):
    """Every requirement stands once, with one of the known statuses."""
    rows = stated(root)

    assert list(range(1, ROWS + 1)) == sorted(rows)
    assert {} == {number: status for number, status in rows.items() if not STATUS.match(status)}


def test_what_is_held_is_tested_and_what_is_tested_is_held(root):
    """A row says "held" or "partly" if and only if a test is named for it."""
    said = {number for number, status in stated(root).items() if status.startswith(("**held**", "**partly**"))}

    assert said == proved(root)
