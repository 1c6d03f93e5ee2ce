"""Processes of one project, threads in each, one expired token: MailUp hears of it once, and everybody goes on."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from django.test import override_settings
from tests.web.django.test_making import KEY, environment, settings
from tests.web.scene import PASSWORD, USERS, scene

from mailup_oauth.adapters.web.django import oauth
from mailup_oauth.client.proof import verified
from mailup_oauth.journal import Verified
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.testing.visitor import over_http, walk

WORKER = Path(__file__).with_name("storm_worker.py")
PROCESSES, THREADS = 3, 4


@pytest.fixture
def mailup(alias):
    """A MailUp on a socket, with the user connected whom every process of the project knows as ``acme``."""
    with scene() as mailup, override_settings(MAILUP_OAUTH=settings(DATABASE=alias, PROVIDER=mailup.base, KEYS=[KEY])):
        start = oauth().begin("acme")
        with httpx.Client() as browser:
            back = walk(
                start.url.reveal(), username=USERS[0], password=PASSWORD, answer=Answer.ALLOW, fetch=over_http(browser)
            )
        oauth().complete(back, binding=start.binding)
        yield mailup


def test_fault_K01_processes_that_find_the_token_expired_send_one_request(alias, mailup):
    """Twelve threads of three processes want a token at once an hour later: one refresh, and everybody has its token."""
    crowd = [
        subprocess.Popen(
            [sys.executable, "-W", "error", WORKER],
            env=environment(alias, TESTS_MAILUP=mailup.base, TESTS_LATER="61"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    assert ["ready\n"] * PROCESSES == [one.stdout.readline() for one in crowd]
    for one in crowd:
        one.stdin.write("go\n")
        one.stdin.flush()
    said = [one.communicate()[0].split() for one in crowd]

    assert [THREADS] * PROCESSES == list(map(len, said))
    assert (1, 1) == (len({mark for marks in said for mark in marks}), mailup.rotations)
    assert [0] * PROCESSES == [one.returncode for one in crowd]
    assert isinstance(verified(oauth().core.ports.store, "acme"), Verified)
