"""Named members within members, and how they are written as JSON and as XML; what they say is not known here."""

import json
import re
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, tostring

from attrs import frozen


@frozen
class Several:
    """Any number of things of one kind; JSON leaves *name* out, XML gives it to each."""

    name: str
    items: "tuple[Tree, ...]"


Tree = str | int | None | Several | Mapping[str, "Tree"]
"""Text, a whole number, a truth value, nothing, or things made of them."""

_UNWRITABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 has no place for."""


_WRITER: Final = json.JSONEncoder(separators=(",", ":"))


def as_json(tree: Tree) -> bytes:
    """Return *tree* as compact JSON in ASCII, its members in their order."""
    return _WRITER.encode(_plain(tree)).encode("ascii")


def as_xml(name: str, tree: Tree) -> bytes:
    """Return *tree* as the element *name*, in UTF-8; characters that XML cannot hold become U+FFFD."""
    return tostring(_element(name, tree), encoding="unicode").encode()


Plain = str | int | None | list["Plain"] | dict[str, "Plain"]


def _plain(tree: Tree) -> Plain:
    match tree:
        case Several(items=items):
            return [_plain(one) for one in items]
        case Mapping():
            return {name: _plain(one) for name, one in tree.items()}
        case _:
            return tree


def _element(name: str, tree: Tree) -> Element:
    element = Element(name)
    match tree:
        case Several(name=each, items=items):
            element.extend([_element(each, one) for one in items])
        case Mapping():
            element.extend([_element(member, one) for member, one in tree.items()])
        case None:
            pass
        case bool():
            element.text = "true" if tree else "false"
        case _:
            element.text = _UNWRITABLE.sub("\ufffd", str(tree))
    return element
