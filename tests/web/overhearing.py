"""A MailUp whose every secret is overheard, so that they can be searched for in what an application answers."""

import json
import re
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

from tests.web.scene import CLIENT_SECRET, PASSWORD, SCENARIO, Scene

from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.entropy.system import octets
from mailup_oauth.adapters.serving.desk import Desk
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.transport.sandbox import SandboxService
from mailup_oauth.sandbox.messages import header
from mailup_oauth.sandbox.world import begun

SECRET_MEMBERS = {"access_token", "refresh_token", "code", "code_verifier", "client_secret", "password"}
NONCE = re.compile(r"(?:state|attempt|nonce)")


class Overhearing(SandboxService):
    """A sandbox that remembers the tokens it gave, the codes it sent back, and every secret that it was told."""

    def __init__(self, *args):
        super().__init__(*args)
        self.secrets = {CLIENT_SECRET.reveal(), PASSWORD.reveal()}

    def handle(self, request):
        """Answer, and remember."""
        outcome = super().handle(request)
        members = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        members |= dict(parse_qsl(urlsplit(header(outcome, "location")).query))
        if outcome.body.startswith(b"{"):
            members |= json.loads(outcome.body)
        self.secrets |= {value for name, value in members.items() if name in SECRET_MEMBERS and value}
        return outcome


@contextmanager
def overheard(scenario=SCENARIO):
    """Serve a MailUp with one application and two users, which is overheard; with it comes the clock."""
    clock = ShiftedClock()
    service = Overhearing(begun(scenario, system=clock.now()), clock.now, octets)
    with serve(Desk(service)) as base:
        yield Scene(service, base, clock)
