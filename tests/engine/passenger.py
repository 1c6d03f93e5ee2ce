"""A program that boards flights and ends, or forks, while they are in the air; its one argument says how."""

import atexit
import os
import signal
import sys
from random import Random
from threading import Event, main_thread

from mailup_oauth.engine import FLIGHTS, FlightKey

HERE = FlightKey(store="store", connection="acme", kind="renew")
A_MOMENT = 0.2  # seconds
LONGER_THAN_BOARDING = 0.00015  # seconds
OFTEN = 100


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


def struck():
    """Board again and again, and be struck by Ctrl-C at any moment of it: a timer's signal, a real one."""

    is_boarding = False

    def strike(*_):
        if is_boarding:
            raise KeyboardInterrupt

    sys.unraisablehook = lambda _: None  # the interpreter tells of a strike that a destructor swallowed
    signal.signal(signal.SIGALRM, strike)
    moments, strikes, made = Random("moments"), 0, []  # noqa: S311  # chance that repeats
    for number in range(3_000):
        try:
            is_boarding = True
            signal.setitimer(signal.ITIMER_REAL, moments.uniform(1e-6, LONGER_THAN_BOARDING))
            FLIGHTS.board(HERE, lambda number=number: made.append(number))
            is_boarding = False
        except KeyboardInterrupt:
            strikes += 1
        is_boarding = False
        for flight in FLIGHTS.aloft("store"):
            flight.exception()
    say("struck often:", strikes > OFTEN)
    say("made often:", len(made) > OFTEN)
    say("made twice:", len(made) - len(set(made)))
    say("left aloft:", len(FLIGHTS.aloft("store")))


globals()[sys.argv[1]]()
