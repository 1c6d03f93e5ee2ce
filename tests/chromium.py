"""Whether this machine has a Chromium, and what is said where it has none."""

import os
import shutil
from pathlib import Path

FOLDER = Path(__file__).parent / "browser"
"""The tests that need it."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
"""The program; ``None`` if there is none."""
REMEDY = "tests/install-servers (Debian: apt-get install chromium fonts-dejavu-core)"


def left_out(arguments, chromium=CHROMIUM):
    """
    Return the line about tests that were asked for and left out, or nothing.

    Args:
        arguments: What pytest was asked to run.
        chromium: The program, if there is one.
    """
    places = [Path(os.path.abspath(str(argument).partition("::")[0])) for argument in arguments]  # noqa: PTH100  # as typed
    is_wanted = any(place == FOLDER or place in FOLDER.parents or FOLDER in place.parents for place in places)
    if chromium or not is_wanted:
        return ""
    return f"tests/browser was left out: there is no Chromium on this machine. Run: {REMEDY}"
