"""The documents cannot drift away: their pictures, links, rows and programs are tried."""

import re
import runpy

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(text):
    """Return the anchors that the headings of a document make."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in HEADING.findall(text))
    return {title.strip().replace(" ", "-") for title in titles}


def test_the_pictures_are_those_of_the_tables(root):
    """Every picture in a document is what its table prints; ``./dev pictures`` prints them anew."""
    pictures = runpy.run_path(str(root / "docs" / "pictures.py"))
    texts = [(root / name).read_text() for name in pictures["DOCUMENTS"]]

    assert [text.count("```mermaid") > 0 for text in texts] == [True, True]
    assert texts == [pictures["filled"](text) for text in texts]


def test_every_link_leads_somewhere(documents):
    """Every relative link in a document leads to a file that is there, and to a heading that it has."""
    broken = []
    for path, text in documents.items():
        for name, anchor in LINK.findall(text):
            target = path.parent / name if name else path
            if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
                broken.append(f"{path.name}: {name}#{anchor}")

    assert [] == broken


def test_no_document_names_this_machine_or_a_registry(documents):
    """No document holds a path of somebody's machine or a package registry's host."""
    found = [
        path.name for path, text in documents.items() if re.search(r"/(?:work|home|root)/|pythonhosted|index-url", text)
    ]

    assert [] == found


def test_sec_72_what_is_installed_for_the_tests_is_pinned_by_hash(root):
    """Every requirement of every list has one exact version and at least one SHA-256, and no list names a host."""
    for path in (root / "requirements").glob("*.txt"):
        text = path.read_text()
        pins = re.findall(
            r"^\S+?==\S+(?: ;[^\\\n]*)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE
        )
        named = re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)

        assert len(named) == len(pins) > 0, path.name
        assert not re.search(r"https?://|index-url|find-links|file://", text), path.name
