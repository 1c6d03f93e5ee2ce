"""Where there is no Chromium, whoever asks for the tests of it is told what is left out, and how to mend that."""

import pytest
from tests.chromium import FOLDER, left_out


@pytest.mark.parametrize("asked", [".", "tests", "tests/browser", "tests/browser/test_journeys.py::test_x", FOLDER])
def test_what_is_left_out_is_said(asked, monkeypatch):
    """Who runs everything, or these, reads a line with the remedy."""
    monkeypatch.chdir(FOLDER.parents[1])

    assert "tests/browser was left out" in left_out([asked], None)
    assert "tests/install-servers" in left_out([asked], None)


@pytest.mark.parametrize(("asked", "chromium"), [("tests/web", None), ("tests/browser", "/usr/bin/chromium")])
def test_nothing_is_said_of_what_was_not_asked_for_or_was_run(asked, chromium, monkeypatch):
    """Who asks for other tests, or has a Chromium, reads nothing."""
    monkeypatch.chdir(FOLDER.parents[1])

    assert "" == left_out([asked], chromium)
