"""The search that runs after every test finds what it is there to find: planted leaks, one by one."""

import ast
import base64
import logging
import os
import sys
from urllib.parse import quote

import pytest

from mailup_oauth.domain.errors import StoreUnavailable
from mailup_oauth.journal import read_record
from mailup_oauth.testing.canary import CANARY

LEAK = f"{CANARY}-token/+1"


def raised(error):
    """Raise and catch an exception of the library."""
    try:
        raise error
    except StoreUnavailable:
        pass


def chained():
    """Raise an exception of the library while one of another library is being handled."""
    try:
        int(LEAK)
    except ValueError:
        raised(StoreUnavailable("it hides something"))


def noted():
    """Raise an exception of the library that somebody wrote something on."""
    error = StoreUnavailable("it hides something")
    error.__dict__["extra"] = LEAK
    raised(error)


def kept_in_a_frame():
    """Let a frame of the library hold a secret in the clear while it raises."""
    with pytest.raises(Exception, match="form"):
        read_record(LEAK.encode())


LEAKS = {
    "a log line": lambda: logging.getLogger("somebody").debug("token %s", LEAK),
    "the arguments of a log line": lambda: logging.getLogger("urllib3").info("%.0s", LEAK),
    "httpcore's log": lambda: logging.getLogger("httpcore.http11").debug("return_value=%r", LEAK),
    "standard output": lambda: sys.stdout.write(LEAK),
    "standard error": lambda: sys.stderr.write(LEAK),
    "a write past Python": lambda: os.write(1, LEAK.encode()),
    "the words of an exception": lambda: raised(StoreUnavailable(LEAK)),
    "the chain of an exception": chained,
    "what hangs on an exception": noted,
    "the locals of a frame": kept_in_a_frame,
    "percent-encoding": lambda: sys.stdout.write(quote(LEAK, safe="")),
    "hexadecimal digits": lambda: sys.stdout.write(LEAK.encode().hex()),
    "base64": lambda: sys.stdout.write(base64.b64encode(LEAK.encode()).decode()),
    "base64 behind one octet": lambda: sys.stdout.write(base64.b64encode(b"x" + LEAK.encode()).decode()),
    "base64 behind two octets": lambda: sys.stdout.write(base64.b64encode(b"xy" + LEAK.encode()).decode()),
}


@pytest.mark.plants_a_leak
@pytest.mark.parametrize("way", LEAKS)
def test_sec_46_a_planted_leak_is_found(way, search):
    """A secret that leaks in this way is found by the search that runs around every test."""
    LEAKS[way]()

    assert set() != search()


def test_sec_46_nothing_is_found_where_nothing_leaks(search):
    """What is no secret is not taken for one."""
    sys.stdout.write("a can, a ry, and a Secret(…)")

    assert set() == search()


def test_sec_46_nothing_leaks_by_chance(modules):
    """No word in the source is the marker: Hypothesis reads them, and draws them where no secret belongs."""
    words = [node.value for _, tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.Constant)]

    assert [] == [word for word in words if CANARY in str(word)]
    assert "authorization_code" in words
