"""The towns that plans begin with; each is walked into by the client itself, once, and is then gone on from."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from attrs import frozen

from ..dawn import Dawn
from ..founding import ONE_HOST, TWO_HOSTS, Hosts
from ..town import Town


@frozen
class Founding:
    """Which machines there are, and what happens first."""

    hosts: Hosts
    walk: Callable[[Town], None]


def _nothing(_: Town) -> None:
    """Let nothing happen."""


def _connected(town: Town) -> None:
    """Let one user connect."""
    town.connect("acme", "m1")


def _refreshed(town: Town) -> None:
    """Let one user connect, and the token be refreshed."""
    town.connect("acme", "m1")
    town.serve(town.refresh("one", "acme"))


def _two(town: Town) -> None:
    """Let two users connect, one of them earlier."""
    _refreshed(town)
    town.connect("bolt", "m2")


DAWNS: Final[Mapping[str, Founding]] = {
    f"{name}-{number}": Founding(hosts, walk)
    for number, hosts in ((1, ONE_HOST), (2, TWO_HOSTS))
    for name, walk in (("nothing", _nothing), ("connected", _connected), ("refreshed", _refreshed), ("two", _two))
}
"""By name; the number is how many machines there are."""


@cache
def dawn(name: str) -> Dawn:
    """Return what a town begins with."""
    founding = DAWNS[name]
    town = Town(hosts=founding.hosts, seed=name)
    founding.walk(town)
    town.rest()
    return town.dawn
