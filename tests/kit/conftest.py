"""The kit's page, and an environment in which somebody else has installed the wheel."""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = Path(__file__).with_name("foreign")
EXAMPLE = re.compile(r"```python\n# (test_\w+\.py)\n(.*?)```", re.DOTALL)

collect_ignore = ["foreign"]  # it is tried where only the wheel is


@pytest.fixture(scope="session")
def page():
    """The text of docs/testing.md."""
    return (ROOT / "docs" / "testing.md").read_text()


@pytest.fixture
def project(tmp_path, page):
    """A project of somebody else's: that of ``foreign``, with every example of the page as a file of tests."""
    folder = shutil.copytree(FOREIGN, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in EXAMPLE.findall(page):
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def python(tmp_path):
    """
    A Python that has the wheel with the extras ``test`` and ``sandbox``, and all that these ask for.

    Real are the wheel, built here and unpacked as an installer does, its entry points, and an interpreter of its own whose
    ``site-packages`` has nothing of this project's but that.  Not real is the download: what the wheel asks for, and
    what that asks for, is linked from this test's own environment; what it does not ask for is not there.
    """
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True)
    [packages] = folder.glob("lib/python*/site-packages")
    zipfile.ZipFile(built(tmp_path)).extractall(packages)
    [wheel] = importlib.metadata.distributions(path=[str(packages)])
    for name in needed(wheel, ("sandbox", "test")):
        link(importlib.metadata.distribution(name), packages)
    return folder / "bin" / "python"


def built(folder):
    """Build the wheel and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


def needed(distribution, extras):
    """Return the names of all that a distribution asks for with these extras, and of all that those ask for."""
    found, open_ends = set(), {(distribution.name, *extras)}
    while open_ends:
        name, *wanted = open_ends.pop()
        asked = distribution if name == distribution.name else importlib.metadata.distribution(name)
        found.add((name, *wanted))
        open_ends |= set(requirements(asked, wanted)) - found
    return {name for name, *_ in found} - {distribution.name}


def requirements(distribution, extras):
    """Yield what a distribution asks for here: a name, and the extras of it."""
    for requirement in map(Requirement, distribution.requires or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(requirement.name), *sorted(requirement.extras)


def link(distribution, packages):
    """Link what a distribution consists of into *packages*."""
    for name in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
        (packages / name).symlink_to(distribution.locate_file(name))
