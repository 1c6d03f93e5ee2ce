"""Prints the state diagrams into the documents, between the marks that name them; ``./dev pictures`` runs it."""

import re
import sys
from pathlib import Path

from mailup_oauth.domain import diagram

DOCUMENTS = ("README.md", "docs/protocol.md")
_PICTURE = re.compile(r"(<!-- picture: (\w+) -->\n).*?(<!-- end of picture -->)", re.DOTALL)


def filled(text: str) -> str:
    """Return a document with every picture in it drawn anew from its table."""
    return _PICTURE.sub(lambda found: f"{found[1]}\n```mermaid\n{getattr(diagram, found[2])()}```\n\n{found[3]}", text)


def main(root: Path) -> None:
    """Draw the pictures of all documents below *root*."""
    for name in DOCUMENTS:
        document = root / name
        document.write_text(filled(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
