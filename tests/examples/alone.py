"""Runs a program as if nothing were installed but what is named: ``python alone.py NAME,NAME PROGRAM ARGUMENTS``."""

import runpy
import sys
from importlib.metadata import packages_distributions
from pathlib import Path


class Absent:
    """Knows no module of a distribution that is not named; what Python itself brings is none of its business."""

    def __init__(self, named):
        self._absent = {
            module
            for module, owners in packages_distributions().items()
            if not named & {owner.lower().replace("_", "-") for owner in owners}
        }

    def find_spec(self, name, *_):
        """Refuse a module as Python does that has not found it."""
        if name.partition(".")[0] in self._absent:
            problem = f"No module named {name!r}"
            raise ModuleNotFoundError(problem, name=name)


names, program, *arguments = sys.argv[1:]
sys.meta_path.insert(0, Absent({*names.split(",")}))
sys.argv[:] = [program, *arguments]
sys.path[0] = str(Path(program).parent)
runpy.run_path(program, run_name="__main__")
