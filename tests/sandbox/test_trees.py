"""Trees as JSON and XML: both hold all of it, whatever the names and texts are."""

import json
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.sandbox.trees import Several, as_json, as_xml

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")))
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS
NAMES = st.text("abcdefghijXYZ", min_size=1, max_size=5)


def inner(parts):
    """Return trees that hold *parts*."""
    several = st.builds(Several, NAMES, st.lists(parts, max_size=3).map(tuple))
    return several | st.dictionaries(NAMES, parts, max_size=3)


TREES = st.recursive(LEAVES, inner, max_leaves=10)


def plain(tree):
    """Return a tree as Python's own values."""
    match tree:
        case Several(items=items):
            return [plain(one) for one in items]
        case dict():
            return {name: plain(one) for name, one in tree.items()}
        case _:
            return tree


def said(tree):
    """Return what the elements of a tree say, in order."""
    match tree:
        case Several(items=items):
            return [word for one in items for word in said(one)]
        case dict():
            return [word for one in tree.values() for word in said(one)]
        case None | "":
            return [None]
        case bool():
            return ["true" if tree else "false"]
        case _:
            return [str(tree)]


def leaves(element):
    """Return the texts of the elements that hold no others."""
    return [word for one in element for word in leaves(one)] if len(element) else [element.text]


@given(tree=TREES)
def test_json_holds_all_of_a_tree(tree):
    """What is written as JSON is read back as it was, in ASCII."""
    written = as_json(tree)

    assert written.isascii()
    assert plain(tree) == json.loads(written)


@given(tree=TREES)
def test_xml_holds_every_word_of_a_tree(tree):
    """What is written as XML is well-formed, and its words are the tree's, in their order."""
    root = ET.fromstring(as_xml("root", tree))  # noqa: S314  # our own bytes
    words = [word for word in leaves(root) if word is not None]

    assert [word for word in said(tree) if word is not None] == words


@given(text=st.text())
def test_any_text_is_well_formed(text):
    """Even text that XML cannot hold leaves a document that can be read."""
    root = ET.fromstring(as_xml("root", {"text": text}))  # noqa: S314  # our own bytes

    assert "text" == root[0].tag
