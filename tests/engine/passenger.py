"""A program that boards flights and ends, or forks, while they are in the air; its one argument says how."""

import atexit
import os
import sys
from threading import Event, main_thread

from mailup_oauth.engine import FLIGHTS, FlightKey

HERE = FlightKey(store="store", connection="acme", kind="renew")
A_MOMENT = 0.2  # seconds


def say(*words):
    """Tell what happened, at once, so that a death that follows cannot swallow it."""
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


def outliving():
    """Fly until the main thread is over, and a moment longer."""
    while main_thread().is_alive():
        Event().wait(0.005)
    Event().wait(A_MOMENT)
    say("landed")


def ending():
    """End in the middle of a flight."""
    FLIGHTS.board(HERE, outliving)


def leaving():
    """Be ended by ``sys.exit`` in the middle of a flight."""
    FLIGHTS.board(HERE, outliving)
    sys.exit()


def failing():
    """Be ended by an exception in the middle of a flight."""
    FLIGHTS.board(HERE, outliving)
    raise ZeroDivisionError


def interrupted():
    """Be ended by Ctrl-C in the middle of a flight."""
    FLIGHTS.board(HERE, outliving)
    raise KeyboardInterrupt


def exiting():
    """Board a flight from an exit handler, when threads are no longer waited for, or no longer begun."""

    def handler():
        FLIGHTS.board(HERE, outliving)
        say("handler is over")

    atexit.register(handler)


def forking():
    """Fork in the middle of a flight, and fly anew in the child."""
    gate = Event()
    flight = FLIGHTS.board(HERE, gate.wait)
    child = os.fork()
    if child == 0:
        say("child finds", len(FLIGHTS.aloft("store")))
        say("child flies", FLIGHTS.board(HERE, lambda: "alone").result(10))
        os._exit(0)
    os.waitpid(child, 0)
    say("parent finds", len(FLIGHTS.aloft("store")))
    gate.set()
    say("parent lands", flight.result(10))


globals()[sys.argv[1]]()
