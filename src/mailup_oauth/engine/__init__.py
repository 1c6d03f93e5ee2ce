"""The use cases as generators, what runs them, and the flights that carry them; ports are all it knows of the world."""

from .flights import FLIGHTS, FlightKey, Flights
from .flows import (
    Arrival,
    NeedsFlight,
    Start,
    accepting,
    arrive,
    begin,
    binding_digest,
    disconnect,
    exchange,
    judge,
    noted,
    renew,
    tidy,
)
from .setting import Held, Setting
from .steps import Flow, Step, ask, run
from .transact import Asking, Outcome, load, transact

__all__ = [
    "FLIGHTS",
    "Arrival",
    "Asking",
    "FlightKey",
    "Flights",
    "Flow",
    "Held",
    "NeedsFlight",
    "Outcome",
    "Setting",
    "Start",
    "Step",
    "accepting",
    "arrive",
    "ask",
    "begin",
    "binding_digest",
    "disconnect",
    "exchange",
    "judge",
    "load",
    "noted",
    "renew",
    "run",
    "tidy",
    "transact",
]
