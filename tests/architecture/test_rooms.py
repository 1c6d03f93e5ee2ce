"""Rooms stay small, say what they are, and the inner ones know nothing of the world."""

import ast
import sys

LARGEST_MODULE = 250
"""Lines that are not blank (style guide, "Figures")."""

LARGEST_FUNCTION = 30
LARGEST_MATCH = 60
"""The same for a function without its docstring; a flat ``match`` over everything may be larger."""

INNER = ("domain/", "sandbox/")
MAY_IMPORT = frozenset({"attrs"})
"""What the inner rooms may import beside the standard library's values; import-linter holds what of those they may not."""


def functions(tree):
    """Yield every function of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function):
    """Return how many lines a function has without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def is_one_match(function):
    """Say whether a function is hardly more than one ``match``."""
    return any(isinstance(node, ast.Match) and length(function) - lines(node) <= 4 for node in function.body)


def lines(node):
    """Return how many lines a statement has."""
    return node.end_lineno - node.lineno + 1


def test_modules_are_small(modules):
    """No module has more than 250 lines that say something."""
    large = {name for name, (text, _) in modules.items() if sum(map(bool, text.split("\n"))) > LARGEST_MODULE}

    assert set() == large


def test_functions_are_small(modules):
    """No function has more than 30 lines, but for a flat match, which may have 60."""
    large = {
        f"{name}: {function.name}"
        for name, (_, tree) in modules.items()
        for function in functions(tree)
        if length(function) > (LARGEST_MATCH if is_one_match(function) else LARGEST_FUNCTION)
    }

    assert set() == large


def test_every_module_says_what_it_is(modules):
    """Every module begins with a sentence, and it ends as one."""
    mute = {name for name, (_, tree) in modules.items() if "." not in (ast.get_docstring(tree) or "")}

    assert set() == mute


def test_the_inner_rooms_know_only_values(modules):
    """The domain and the sandbox import the standard library, attrs and one another."""
    foreign = {
        f"{name}: {module}"
        for name, (_, tree) in modules.items()
        if name.startswith(INNER)
        for module in imported(tree)
        if module not in sys.stdlib_module_names | MAY_IMPORT
    }

    assert set() == foreign


def imported(tree):
    """Yield the top-level names of all absolute imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_no_room_works_around_its_judges(modules):
    """Nothing in the library casts types away with ``type: ignore`` unless it says why behind it."""
    unexplained = {
        f"{name}: {line.strip()}"
        for name, (text, _) in modules.items()
        for line in text.split("\n")
        if "# type: ignore" in line and "  # " not in line.partition("# type: ignore")[2]
    }

    assert set() == unexplained
