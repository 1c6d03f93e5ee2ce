"""Every exception has its place in the tree, its code, its remedy, and nothing of a secret."""

import ast
import copy
import pickle
import re
import sys
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

import mailup_oauth
from mailup_oauth.domain import errors
from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.errors import (
    CallbackFault,
    CallbackRefused,
    DeathCause,
    MailUpOAuthError,
    NotConnected,
    ReauthorizationRequired,
    StillRefreshing,
    TemporarilyUnavailable,
    TrustFault,
    TryLater,
)
from mailup_oauth.domain.evolve import ImpossibleEvent
from mailup_oauth.domain.redact import VaultIncomplete

SOURCE = Path(mailup_oauth.__file__).parent
INTERNAL = {ImpossibleEvent, VaultIncomplete}
"""Complaints about a stored value that is none of ours; whoever reads stored values makes ``StoreCorrupted`` of them."""

LIKELY = {
    str: "a word",
    timedelta: timedelta(seconds=7),
    CallbackFault: CallbackFault.LAPSED,
    DeathCause: DeathCause.DENIED,
    TrustFault: TrustFault.CERTIFICATE_OUT_OF_DATE,
}
"""A value for each type of member that an exception may have; none of them can hold a secret by accident."""


def children(kind):
    """Return the classes of the library that inherit directly from *kind*; what attrs made them from does not count."""
    found = [child for child in kind.__subclasses__() if child.__module__.startswith("mailup_oauth.")]
    return [child for child in found if child is getattr(sys.modules[child.__module__], child.__name__)]


def family(kind):
    """Yield a class and all that inherit from it, each after its parent."""
    yield kind
    for child in children(kind):
        yield from family(child)


PUBLIC = [kind for kind in family(MailUpOAuthError) if kind not in INTERNAL]
LEAVES = [kind for kind in PUBLIC if "code" in vars(kind) and kind is not MailUpOAuthError]
"""Those that are raised: each has a code of its own."""

GROUPS = [kind for kind in PUBLIC if kind not in LEAVES]
"""Those that are caught only."""

EACH = pytest.mark.parametrize("kind", LEAVES)


def example(kind):
    """Return an exception of one kind."""
    return kind(**{field.name: LIKELY[field.type] for field in attrs.fields(kind)})


def pickled(protocol):
    """Return what carries an exception to another process."""
    return lambda error: pickle.loads(pickle.dumps(error, protocol))  # noqa: S301  # the bytes are this test's own


def drawn():
    """Yield each class of the tree in the module's docstring, with its parent's name."""
    above = {}
    for branch, name in re.findall(r"^ {4}([ │├└─]*)(\w+)", errors.__doc__, re.MULTILINE):
        depth = len(branch) // 4
        above[depth] = name
        yield name, above.get(depth - 1)


def test_the_tree_that_is_drawn_is_the_tree_that_is():
    """The docstring shows each public exception once, under the one that it inherits from, and no other."""
    real = {(kind.__name__, kind.__base__.__name__) for kind in PUBLIC} - {("MailUpOAuthError", "Exception")}
    root, *rest = drawn()

    assert ("MailUpOAuthError", None) == root
    assert (len(real), real) == (len(rest), set(rest))


def test_the_tree_is_closed():
    """No module but this one has exceptions of that family, save the two that never leave the library."""
    names = {kind.__name__ for kind in family(MailUpOAuthError)}
    found = {
        node.name
        for path in SOURCE.rglob("*.py")
        if path != Path(errors.__file__)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and names & {ast.unparse(base).split(".")[-1] for base in node.bases}
    }

    assert {kind.__name__ for kind in INTERNAL} == found


@pytest.mark.parametrize("kind", PUBLIC)
def test_every_exception_can_be_caught_by_its_name(kind):
    """Each one is offered by the package itself, also the groups."""

    assert kind is getattr(mailup_oauth, kind.__name__)
    assert kind.__name__ in mailup_oauth.__all__


@EACH
def test_a_code_is_the_name_in_small_letters(kind):
    """``code`` is the class's name with underscores, so that it is unique and can be guessed."""

    assert re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() == kind.code


@EACH
def test_a_remedy_is_one_sentence_and_part_of_the_text(kind):
    """``remedy`` says in one sentence what to do, and ``str`` says what happened before it."""
    happened, remedy, rest = str(example(kind)).partition(kind.remedy)

    assert re.fullmatch(r"[A-Z][^.!?]*(?:\.\w[^.!?]*)*\.", kind.remedy)
    assert happened.rstrip().endswith((".", ":"))
    assert "a word" in happened or str not in {field.type for field in attrs.fields(kind)}
    assert (kind.remedy, True) == (remedy, rest in {"", " (7 s)"})


@pytest.mark.parametrize("kind", GROUPS)
def test_a_group_is_for_catching_and_is_never_raised(kind):
    """No module makes an exception that has no code of its own."""
    making = re.compile(rf"(?<!class )(?<!case )\b{kind.__name__}\(|raise {kind.__name__}\b")

    assert [] == [path.name for path in SOURCE.rglob("*.py") if making.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("fault", CallbackFault)
def test_every_callback_fault_has_words(fault):
    """A refused callback says why: by the word for programs, and by a sentence of its own for people."""
    words = str(CallbackRefused(fault)).removesuffix(CallbackRefused.remedy)
    others = {str(CallbackRefused(other)).partition(": ")[2] for other in CallbackFault if other is not fault}

    assert re.fullmatch(rf"The callback was refused \({fault.value}\): [a-z][^.]+\. ", words)
    assert words.partition(": ")[2] + CallbackRefused.remedy not in others


@pytest.mark.parametrize("kind", [ReauthorizationRequired, NotConnected])
@pytest.mark.parametrize("cause", DeathCause)
def test_every_cause_of_death_is_told(kind, cause):
    """Whoever has to log on again is told why, by the word for programs."""

    assert f"({cause.value})" in str(kind(cause))
    assert cause is kind(cause).reason


@pytest.mark.parametrize("kind", [CallbackFault, DeathCause, TrustFault])
def test_the_closed_sets_are_words_for_programs(kind):
    """Each member's value is its name with dashes; the names are what users' programs compare."""

    assert [member.name.lower().replace("_", "-") for member in kind] == [member.value for member in kind]


@EACH
@pytest.mark.parametrize("carried", [copy.copy, copy.deepcopy, *map(pickled, range(6))])
def test_an_exception_can_be_carried_to_another_thread_or_process(kind, carried):
    """A copy, or what another process unpickles, has the same class, members and text, and no traceback."""
    error = example(kind)
    other = carried(error)

    assert (kind, str(error), repr(error)) == (type(other), str(other), repr(other))
    assert [getattr(error, field.name) for field in attrs.fields(kind)] == [
        getattr(other, field.name) for field in attrs.fields(kind)
    ]
    assert other.__traceback__ is None


@EACH
def test_an_exception_is_frozen_and_can_still_be_raised_and_annotated(kind):
    """Members never change; traceback, context and notes are Python's own and do."""
    error = example(kind)
    error.add_note("seen by a test")
    with pytest.raises(MailUpOAuthError) as caught:
        raise error from None

    assert (error, ["seen by a test"]) == (caught.value, error.__notes__)
    for field in attrs.fields(kind):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(error, field.name, getattr(error, field.name))


def test_sec_48_members_are_of_types_that_hold_no_secret():
    """Members are words, lengths of time and closed sets; no exception has a response, a request or a token."""
    types = {field.type for kind in LEAVES for field in attrs.fields(kind)}

    assert types == LIKELY.keys()


def test_whoever_is_told_to_wait_is_told_how_long():
    """Every exception that waiting cures has ``retry_after``, and it is not negative."""
    waiting = [kind for kind in LEAVES if issubclass(kind, TryLater)]

    assert [TemporarilyUnavailable, StillRefreshing] == waiting
    assert [timedelta(), timedelta(seconds=1)] == [
        TemporarilyUnavailable("x").retry_after,
        StillRefreshing().retry_after,
    ]


def test_sec_48_nothing_is_raised_with_the_exception_of_another_library_behind_it():
    """Within an ``except``, a new exception is raised ``from None``; another library's could hold a request."""
    chained = {
        f"{path.name}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        for handler in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(handler, ast.ExceptHandler)
        for node in ast.walk(handler)
        if isinstance(node, ast.Raise) and node.exc is not None and "from None" not in ast.unparse(node)
    }

    assert set() == chained


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ImpossibleEvent("RefreshStarted", "Idle"), "RefreshStarted cannot happen to Idle"),
        (VaultIncomplete(Mark("k", "0" * 32)), f"there is no secret for the mark k:{'0' * 32}"),
    ],
)
def test_internal_complaints_name_kinds_and_marks_only(error, text):
    """What never leaves the library says what did not fit, by what may be shown, and has no remedy of its own."""

    assert (text, MailUpOAuthError.remedy) == (str(error), error.remedy)
