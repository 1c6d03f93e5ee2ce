"""A process of its own that holds a guard; told which by its arguments, and when to go on by lines on its stdin."""

import os
import signal
import sys
import threading
import warnings
from datetime import timedelta
from pathlib import Path

from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.guard.process import ProcessGuard
from mailup_oauth.ports import Busy

warnings.simplefilter("ignore", DeprecationWarning)  # to fork beside threads is what is tried here

MODE, FOLDER, NAME = sys.argv[1:]
HOST, PROCESS = HostGuard(Path(FOLDER)), ProcessGuard()
AT_ONCE, A_WHILE = timedelta(), timedelta(seconds=60)


def ready():
    """Say so, and wait for the word."""
    print("ready", flush=True)
    sys.stdin.readline()


def free(guard):
    """Say whether the name can be held right now."""
    try:
        with guard.hold(NAME, patience=AT_ONCE):
            return True
    except Busy:
        return False


def hold():
    """Hold the name until told."""
    with HOST.hold(NAME, patience=A_WHILE):
        ready()


def count():
    """Add to the number in a file ten times, by reading and writing it under the guard."""
    ready()
    for _ in range(10):
        with HOST.hold(NAME, patience=A_WHILE):
            counter = Path(f"{FOLDER}.counter")
            counter.write_text(str(int(counter.read_text()) + 1))


def free_in_child(guard):
    """Say whether the name can be held in a forked child right now; a child that hangs is ended."""
    number = os.fork()
    if not number:
        signal.alarm(30)
        os._exit(not free(guard))
    return os.waitpid(number, 0)[1] == 0


def fork_beside():
    """Fork while another thread holds both guards, and say what is free, in the child and here, then and afterwards."""
    held, over = threading.Event(), threading.Event()

    def work():
        with HOST.hold(NAME, patience=A_WHILE), PROCESS.hold(NAME, patience=A_WHILE):
            held.set()
            over.wait()

    thread = threading.Thread(target=work)
    thread.start()
    held.wait()
    ready()
    print(free_in_child(HOST), free_in_child(PROCESS), free(HOST), free(PROCESS))
    hear, speak = os.pipe()
    number = os.fork()
    if not number:
        signal.alarm(30)
        os.read(hear, 1)
        os._exit(not free(HOST))
    over.set()
    thread.join()
    os.write(speak, b"!")
    print(os.waitpid(number, 0)[1] == 0, free(HOST), free(PROCESS))


def fork_inside():
    """Fork while this very thread holds the guard, let the child leave the ``with``, and say what is free then."""
    with HOST.hold(NAME, patience=A_WHILE):
        ready()
        number = os.fork()
        if number:
            os.waitpid(number, 0)
            print(free_in_child(HOST))
    if not number:
        os._exit(0)
    print(free_in_child(HOST))


globals()[MODE]()
