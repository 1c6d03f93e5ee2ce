"""One value, one text."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.journal.canonical import canonical, compact, digest, framed, is_compact, parsed

texts = st.text(st.characters(codec="utf-8"))
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)

ascii_trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
)


@given(tree=trees)
def test_what_is_written_is_read(tree):
    """JSON comes back as it was."""
    assert tree == parsed(canonical(tree))


@given(tree=ascii_trees)
def test_the_quick_way_leads_where_rfc_8785_does(tree):
    """What is written quickly is what the reference implementation of RFC 8785 writes, under names in ASCII."""
    assert rfc8785.dumps(tree) == canonical(tree) == compact(tree)


SMILE_FIRST = {"\U0001f600": 1, "\ufb33": 2}
"""Two names whose order is another one by UTF-16, as RFC 8785 section 3.2.3 has it, than by code points."""


@pytest.mark.parametrize("tree", [SMILE_FIRST, {"a": SMILE_FIRST}, [SMILE_FIRST], [[{"a": SMILE_FIRST}]], {"a": 1e16}])
def test_what_is_not_plain_is_not_for_the_quick_way(tree):
    """However deep it stands, what the quick way writes otherwise is written canonically, and found not to be compact."""
    assert rfc8785.dumps(tree) == canonical(tree)
    assert not is_compact(tree, canonical(tree))


@given(tree=ascii_trees)
def test_compact_is_canonical_where_names_are_ascii(tree):
    """The quick check accepts exactly what RFC 8785 prescribes for the values that records hold."""
    text = canonical(tree)

    assert is_compact(tree, text)
    assert not is_compact(tree, text + b" ")


@given(members=st.dictionaries(texts, st.integers(0, 9)))
def test_the_order_of_members_makes_no_difference(members):
    """Equal objects have equal bytes."""
    assert canonical(members) == canonical(dict(reversed(members.items())))


@pytest.mark.parametrize("value", [2**53, float("nan"), "\ud800"])
def test_what_json_cannot_say_is_refused(value):
    """No value is written that other readers would not read alike."""
    for tree in ([value], {"a": value}):
        with pytest.raises(ValueError, match=r"."):
            canonical(tree)


@pytest.mark.parametrize("text", [b"", b"\xff", json.dumps("x").encode("utf-16")])
def test_what_is_no_json_is_refused(text):
    """Only JSON in UTF-8 is read."""
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


def test_the_digest_is_sha_256():
    """Anybody can check the chain with a tool of their own (FIPS 180-4, one of its examples)."""
    assert "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" == digest(b"abc").hex()


@given(one=st.lists(st.binary()), other=st.lists(st.binary()))
def test_no_two_lists_are_framed_alike(one, other):
    """Bytes cannot move from one part of a context into the next."""
    assert (one == other) is (framed(*one) == framed(*other))
