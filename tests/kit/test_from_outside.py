"""The kit is tried by a project that is not ours, with only the wheel installed."""

import os
import subprocess


def test_a_foreign_project_lives_on_the_wheel(python, project):
    """A project without a conftest uses every fixture, the store contract and every example of the page."""
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "."]
    done = subprocess.run(command, cwd=project, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr), done.stdout
