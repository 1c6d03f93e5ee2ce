"""Whoever does not use a part of the kit neither loads it nor has to install what it needs."""

import json
import subprocess
import sys

import pytest

import mailup_oauth
from mailup_oauth import public

NEED_NOTHING = ("canary", "clock", "entropy", "network", "visitor", "scenario", "stage", "plays", "happenings", "asked")
NEED_PYTEST = ("plugin", "store_contract")
PLUGIN = {"mailup_oauth", "mailup_oauth.testing", "mailup_oauth.testing.plugin"}


def told(program):
    """Run a program in a new interpreter and return what it prints, as JSON."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_plugin_loads_nothing():
    """A run of pytest pays for the plugin with three small modules: no client, no httpx, no Hypothesis, nothing else."""
    program = """
import json, sys, pytest
before = {*sys.modules}
import mailup_oauth.testing.plugin
print(json.dumps([*{*sys.modules} - before]))
"""

    assert PLUGIN == {*told(program)}


@pytest.mark.parametrize(
    ("missing", "modules"),
    [
        (("hypothesis",), (*NEED_NOTHING, *NEED_PYTEST)),
        (("hypothesis", "pytest", "starlette", "uvicorn"), NEED_NOTHING),
    ],
)
def test_what_is_not_installed_is_not_missed(missing, modules):
    """Hypothesis is for strategies, pytest for fixtures and contracts, a web server for serving; all else does without."""
    program = f"""
import importlib, json, sys
sys.modules.update(dict.fromkeys({missing!r}))
for module in {modules!r}:
    importlib.import_module("mailup_oauth.testing." + module)
print(json.dumps("done"))
"""

    assert "done" == told(program)


def test_a_room_is_loaded_without_the_others():
    """Importing a room of the library, or asking what rooms there are, does not load the client; asking for a name does."""
    program = """
import json, sys
import mailup_oauth
from mailup_oauth import domain
before = hasattr(mailup_oauth, "rooms"), "mailup_oauth.client" in sys.modules
from mailup_oauth import MailUpOAuth
print(json.dumps([*before, "mailup_oauth.client" in sys.modules]))
"""

    assert [False, False, True] == told(program)


def test_the_library_offers_what_is_public():
    """The library's names are those of its list, by ``dir``, by star and one by one."""
    names = {}
    exec("from mailup_oauth import *", names)  # noqa: S102  # a star is for modules only

    assert {*public.__all__} == {*names} - {"__builtins__"}
    assert {*public.__all__} <= {*dir(mailup_oauth)}
    assert [getattr(public, name) for name in public.__all__] == [
        getattr(mailup_oauth, name) for name in public.__all__
    ]


@pytest.mark.parametrize("name", ["Nothing", "nothing", "_nothing", "__nothing__", ""])
def test_what_is_not_offered_is_not_there(name):
    """Any other name is an ``AttributeError``, as it is for every module."""
    with pytest.raises(AttributeError, match="has no attribute"):
        getattr(mailup_oauth, name)
