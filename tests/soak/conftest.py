"""The soak's own modules, for the tests of it."""

from importlib import import_module
from pathlib import Path

import pytest


@pytest.fixture
def names(monkeypatch):
    """Give the names of the soak's own modules, which know one another by their folder."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    modules = [import_module(name) for name in ("facts", "referee", "ledger", "caller")]
    return {name: value for module in modules for name, value in vars(module).items()}
