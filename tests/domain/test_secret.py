"""A secret is silent in every way that Python has of printing, storing or copying a value."""

import ast
import copy
import dataclasses
import inspect
import json
import logging
import marshal
import operator
import pickle
import pprint
import reprlib
import string
import textwrap
import traceback
import weakref

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.secret import MASK, Secret
from mailup_oauth.testing.canary import CANARY

SECRET = Secret(f"{CANARY}-value")


@attrs.frozen
class Kept:
    """A value of attrs that holds a secret."""

    secret: Secret


@dataclasses.dataclass(frozen=True)
class Noted:
    """A dataclass that holds a secret."""

    secret: Secret


def traced(secret):
    """Return the traceback of a failure beside which *secret* was a local, with all locals."""
    try:
        secret.nothing  # noqa: B018  # it fails
    except AttributeError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def logged(template, *args):
    """Return a line of a log."""
    return logging.Formatter().format(logging.LogRecord("x", logging.INFO, "x", 1, template, args, None))


PRINTED = {
    "repr": repr,
    "str": str,
    "format": format,
    "format with width": lambda secret: format(secret, ">40"),
    "f-string": lambda secret: f"{secret}",
    "f-string with !r": lambda secret: f"{secret!r}",
    "f-string with =": lambda secret: f"{secret=}",
    "f-string with !s and width": lambda secret: f"{secret!s:^40}",
    "str.format": "{0} {0!r} {0:>40}".format,
    "% with s": lambda secret: operator.mod("%s", secret),
    "% with r": lambda secret: operator.mod("%r", secret),
    "template": lambda secret: string.Template("$secret").substitute(secret=secret),
    "in a list": lambda secret: str([secret]),
    "in a dict": lambda secret: str({"secret": secret}),
    "in a tuple": lambda secret: str((secret,)),
    "in an exception": lambda secret: f"{ValueError(secret)} {ValueError(secret)!r}",
    "in an attrs value": lambda secret: repr(Kept(secret)),
    "in a dataclass": lambda secret: repr(Noted(secret)),
    "attrs.asdict": lambda secret: str(attrs.asdict(Kept(secret))),
    "attrs.astuple": lambda secret: str(attrs.astuple(Kept(secret))),
    "pprint": pprint.pformat,
    "reprlib": reprlib.repr,
    "json with default=str": lambda secret: json.dumps([secret], default=str, ensure_ascii=False),
    "logging with %s": lambda secret: logged("%s", secret),
    "logging with %r": lambda secret: logged("%r", secret),
    "logging as the message": logged,
    "traceback with locals": traced,
}
"""Ways that give a text."""

REFUSED = {
    **{f"pickle {number}": lambda it, number=number: pickle.dumps(it, number) for number in range(6)},
    "pickle of a holder": lambda secret: pickle.dumps(Kept(secret)),
    "marshal": marshal.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy of a holder": lambda secret: copy.deepcopy([secret]),
    "dataclasses.asdict": lambda secret: dataclasses.asdict(Noted(secret)),
    "__reduce__": lambda secret: secret.__reduce__(),
    "__reduce_ex__": lambda secret: secret.__reduce_ex__(2),
    "__getstate__": lambda secret: secret.__getstate__(),
    "json": json.dumps,
    "json with default=vars": lambda secret: json.dumps(secret, default=vars),
    "vars": vars,
    "__dict__": operator.attrgetter("__dict__"),
    "value": operator.attrgetter("value"),
    "hash": hash,
    "in a set": lambda secret: {secret},
    "as a key": lambda secret: {secret: 1},
    "as a key of json": lambda secret: json.dumps({secret: 1}),
    "weak reference": weakref.ref,
    "bytes": bytes,
    "list": list,
    "len": len,
    "int": int,
    "index": lambda secret: secret[0],
    "plus": lambda secret: secret + "",
    "plus from the left": lambda secret: "" + secret,
    "join": lambda secret: str.join(",", [secret]),
    "in": lambda secret: secret in "text",
    "order": lambda secret: secret < Secret(CANARY),
    "sort": lambda secret: sorted([secret, secret]),
    "setattr": lambda secret: setattr(secret, "_Secret__value", "x"),
    "a new attribute": lambda secret: setattr(secret, "note", "x"),
    "delattr": lambda secret: delattr(secret, "_Secret__value"),
}
"""Ways that must fail, so that there is nothing to show."""

TEXTS = st.text(st.characters(), max_size=20).map(lambda text: CANARY + text)
PAIRS = st.tuples(TEXTS, TEXTS) | TEXTS.map(lambda text: (text, text))


@pytest.mark.parametrize("way", PRINTED.values(), ids=PRINTED)
def test_sec_47_whatever_prints_a_secret_prints_a_mask(way):
    """Every way of turning a secret into text gives the mask, and nothing of the value."""
    shown = way(SECRET)

    assert MASK in shown
    assert CANARY not in shown


@pytest.mark.parametrize("way", REFUSED.values(), ids=REFUSED)
def test_sec_47_whatever_would_store_copy_or_change_a_secret_is_refused(way):
    """Every way of serialising, copying, hashing, taking apart or changing a secret fails, shows nothing, harms none."""
    with pytest.raises((TypeError, AttributeError, ValueError)) as refused:
        way(SECRET)

    assert CANARY not in f"{refused.value!r} {refused.value} {refused.value.args}"
    assert "canary-value" == SECRET.reveal()


def test_sec_47_a_subclass_is_forbidden_and_would_be_silent():
    """Type checkers refuse a subclass; one that is made all the same has nothing of the value in its ``__dict__``."""
    loose = type("Loose", (Secret,), {})("canary-value")

    assert Secret.__final__
    assert ({}, MASK, MASK) == (vars(loose), repr(loose), f"{loose}")


@given(text=TEXTS)
def test_sec_47_only_reveal_gives_the_value(text):
    """What goes in comes out by ``reveal``, and by nothing else that a type checker would let pass."""
    secret = Secret(text)

    assert text == secret.reveal()
    assert {"reveal"} == {name for name in dir(secret) if not name.startswith("_")}


@pytest.mark.parametrize(
    "value", [b"canary", None, 7, ["canary"], {"canary": 1}, SECRET], ids=lambda it: type(it).__name__
)
def test_sec_47_what_is_not_text_is_refused_by_its_type_alone(value):
    """The complaint names the type; neither it nor the locals of the refusing frame show the value."""
    with pytest.raises(TypeError) as refused:
        Secret(value)
    *_, frame = traceback.TracebackException.from_exception(refused.value, capture_locals=True).stack

    assert f"a Secret holds text, not {type(value).__name__}" == str(refused.value)
    assert ("__init__", False) == (frame.name, CANARY in str(frame.locals))


@given(pair=PAIRS)
def test_sec_20_secrets_are_equal_as_their_texts_are(pair):
    """Equality agrees with that of the texts, also for lone surrogates and for letters beyond ASCII."""
    one, other = pair

    assert (one == other) is (Secret(one) == Secret(other))
    assert (one != other) is (Secret(one) != Secret(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("canary", "Canary"),
        ("canary", "canary "),
        ("canary", "canary\0"),
        ("canary-\u00e9", "canary-e\u0301"),
        ("canary-\ud800", "canary-\ud801"),
        ("canary-\ud83d\ude00", "canary-\U0001f600"),
    ],
)
def test_sec_20_what_only_looks_alike_is_unequal(one, other):
    """Nothing is folded, trimmed, normalised or joined before two secrets are compared."""

    assert Secret(one) != Secret(other)


@pytest.mark.parametrize("other", ["canary-value", b"canary-value", None, MASK, Kept(SECRET), ["canary-value"]])
def test_sec_20_a_secret_equals_nothing_but_a_secret(other):
    """Its own text, its mask and everything else is unequal to it, from both sides, and nothing is raised."""

    assert [False, False, True] == [other == SECRET, SECRET == other, SECRET != other]


def test_sec_20_secrets_are_compared_in_constant_time():
    """Equality is ``hmac.compare_digest`` over bytes; no operator that stops at the first difference is used."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(Secret.__eq__)))
    results = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Return)]

    assert [] == [node for node in ast.walk(tree) if isinstance(node, ast.Compare)]
    assert {"return NotImplemented", "return hmac.compare_digest(mine, theirs)"} == set(results)
