"""``demo``: the demonstration for a person, or in a sentence for a program."""

import os
from pathlib import Path

from rich.console import Console

from .demo import demo as play
from .exits import Exit
from .paper import Paper


def demo(paper: Paper) -> Exit:
    """Play the demonstration; for a program only whether it ends well counts."""
    if not paper.is_json:
        return Exit.OK if play(paper.console) else Exit.FAILED
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        is_proved = play(Console(file=nowhere))
    paper.result({"is_proved": is_proved})
    return Exit.OK if is_proved else Exit.FAILED
