"""A Chromium that hangs or dies costs one test, not all that follow."""

import os
import signal

import pytest
from playwright.sync_api import Error
from tests.browser import house as its
from tests.browser.application import Application
from tests.browser.house import House

NOWHERE = Application(name="none", address="http://127.0.0.1:9", mailup="http://127.0.0.1:9")


@pytest.fixture
def another():
    """A house of the test's own."""
    with House() as house:
        yield house
        house.does(house.close)


def resting(house):
    """Let somebody come and rest."""
    house.rest(house.person(NOWHERE))


def test_who_waits_for_ever_is_told_and_the_next_one_has_another_chromium(another, monkeypatch):
    """What does not answer ends with an error where it was; the next person has a page that works."""
    another.does(resting, another)
    monkeypatch.setattr(its, "PATIENCE", 0.5)
    person = another.does(another.person, NOWHERE)
    with pytest.raises(Error, match="closed"):
        another.does(person.page.evaluate, "() => new Promise(() => 0)")
    monkeypatch.undo()
    person = another.does(another.person, NOWHERE)

    assert 2 == another.does(person.page.evaluate, "() => 1 + 1")


def test_a_house_whose_chromium_died_is_closed(another):
    """Who rested in it is not asked to go."""
    another.does(resting, another)
    os.kill(another.pid, signal.SIGKILL)
