"""A MailUp on a real socket that ends an authorization when a refresh token comes twice, and a store on a real disk."""

import json
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.domain.registration import Registration
from mailup_oauth.domain.secret import Secret
from mailup_oauth.sandbox.commands import Answer, PlanFault
from mailup_oauth.sandbox.events import FamilyRevoked, FaultMet, ReuseDetected, TokensRotated
from mailup_oauth.sandbox.faults import Slow, Target
from mailup_oauth.sandbox.switches import ReuseKillsFamily, Switches
from mailup_oauth.sandbox.world import Application, MailUpUser, founded
from mailup_oauth.testing.visitor import over_http, walk

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "canary-client-secret"
WORKER = Path(__file__).with_name("worker.py")
A_WHILE = timedelta(milliseconds=300)
"""How long MailUp takes over a token request, so that everybody arrives in the middle of it."""


class Port:
    """One installation: a database, a MailUp, and a connection called ``acme`` whose access token has expired."""

    def __init__(self, base, service, database):
        self.base = base
        self.service = service
        self.database = database

    def registration(self):
        """Return the application."""
        return Registration(
            client_id=CLIENT_ID,
            client_secret=Secret(CLIENT_SECRET),
            redirect_uri="https://app.example/mailup/callback",
        )

    def client(self, kind=MailUpOAuth, *, ahead=timedelta()):
        """Return a client of its own, over a store object of its own, whose clock is ahead by so much."""
        clock = ShiftedClock()
        clock.move(ahead)
        return kind(self.registration(), store=SqliteStore(self.database), provider=provider_at(self.base), clock=clock)

    def late(self, kind=MailUpOAuth):
        """Return a client in whose eyes the access token has expired."""
        return self.client(kind, ahead=timedelta(minutes=61))

    def connect(self):
        """Connect the user ``m1``."""
        with self.client() as oauth, httpx.Client() as browser:
            start = oauth.begin("acme")
            arrived = walk(
                start.url.reveal(),
                username="m1",
                password=Secret("canary-password"),
                answer=Answer.ALLOW,
                fetch=over_http(browser),
            )
            oauth.complete(arrived, binding=start.binding)

    def slow_down(self):
        """Let MailUp take its time over the next token request."""
        self.service.order(PlanFault(Target.TOKEN, Slow(delay=A_WHILE)))

    def wait_until_asked(self):
        """Return once the slow token request has reached MailUp, which then takes its time over the answer."""
        while not any(isinstance(event, FaultMet) for event in self.service.events):
            threading.Event().wait(0.002)

    def counted(self):
        """Return how many rotations, reuses and revocations MailUp saw."""
        return tuple(
            sum(isinstance(event, kind) for event in self.service.events)
            for kind in (TokensRotated, ReuseDetected, FamilyRevoked)
        )

    def worker(self, mode, **more):
        """Start a process that works over this installation as *mode* says."""
        order = {"database": str(self.database), "base": self.base, "mode": mode, **more}
        return subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def port(tmp_path):
    """Serve a strict MailUp on loopback, connect a user, and let the next token request take its time."""
    clock, entropy = ShiftedClock(), SystemEntropy()
    world = founded(
        (Application(client_id=CLIENT_ID, client_secret=Secret(CLIENT_SECRET), name="Storm"),),
        (MailUpUser(username="m1", password=Secret("canary-password"), uid="1", company="Company 1"),),
        Switches(old_refresh=ReuseKillsFamily()),
    )
    service = SandboxService(world, clock.now, lambda count: entropy.token().reveal().encode()[:count])
    with serve(service) as base:
        one = Port(base, service, tmp_path / "mailup.db")
        one.connect()
        one.slow_down()
        yield one
