"""Many requests at once: nothing is locked while one is under way, and one refused token is renewed once for all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx

from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.sandbox.events import ReuseDetected, TokensRotated
from mailup_oauth.sandbox.router import INFO_PATH
from mailup_oauth.testing.stage import CONNECTION

CROWD = 20
PATIENCE = 10  # seconds that somebody waits for others who ought to come


class Doorkeeper:
    """Refuses the first crowd once all of it is at the door, and lets everybody in who comes later."""

    def __init__(self):
        self._gate = threading.Barrier(CROWD)
        self.refused = []

    def __call__(self, request):
        """Answer one request."""
        if len(self.refused) == CROWD:
            return httpx.Response(204)
        self.refused.append(request.headers["Authorization"])
        self._gate.wait(PATIENCE)
        return httpx.Response(401)


def test_a_crowd_that_was_refused_causes_one_refresh(program, wire, stage):
    """Twenty requests that are told 401 for one token at the same moment cause one refresh, and all are answered."""
    doorkeeper = Doorkeeper()
    wire.answers += [doorkeeper] * 2 * CROWD
    statuses = program.crowd(CROWD)

    assert ([204] * CROWD, 1) == (statuses, len(set(doorkeeper.refused)))
    assert (1, 0) == (stage.happened(TokensRotated), stage.happened(ReuseDetected))
    assert {program.held()} == set(wire.shown[CROWD:])


def test_a_crowd_over_sockets_causes_one_refresh(program, stage):
    """The same with a real MailUp on a real socket, which has ended the token before its time."""
    stage.switch(sw.Switches(access_life=timedelta(minutes=15), expires_in_type=sw.ExpiresInType.MISSING))
    stage.oauth.refresh(CONNECTION)
    stage.switch(sw.Switches(calls_per_second=2 * CROWD))
    stage.clock.move(timedelta(minutes=20))
    with serve(stage.sandbox) as base:
        stage.provider = provider_at(base)
        program.oauth = stage.client(program.kind, transport=HttpxTransport())
        statuses = program.crowd(CROWD, base + INFO_PATH, transport=None, trust_env=False)

    assert ([200] * CROWD, 2, 0) == (statuses, stage.happened(TokensRotated), stage.happened(ReuseDetected))


def test_nothing_is_locked_while_a_request_is_under_way(program, wire, stage):
    """While two slow requests are being answered side by side, a third party refreshes the connection's token."""
    arrived, refreshed = threading.Semaphore(0), threading.Event()

    def slow(_):
        arrived.release()
        return httpx.Response(204 if refreshed.wait(PATIENCE) else 504)

    wire.answers += [slow, slow]
    with ThreadPoolExecutor(1) as elsewhere:
        statuses = elsewhere.submit(program.crowd, 2)
        are_there = [arrived.acquire(timeout=PATIENCE) for _ in range(2)]
        newer = stage.oauth.refresh(CONNECTION, timeout=timedelta(seconds=PATIENCE))
        refreshed.set()

    assert ([True, True], [204, 204]) == (are_there, statuses.result())
    assert newer.value.reveal() not in wire.shown
