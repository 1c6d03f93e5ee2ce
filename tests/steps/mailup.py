"""MailUp's door on loopback: leads every request to the installation that is looked at now, and judges what comes in."""

import os
import signal
from datetime import timedelta
from urllib.parse import parse_qs

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.attempts import Exchanging
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.work import InFlight, Retrying
from mailup_oauth.journal import decode_state
from mailup_oauth.ports import Absent
from mailup_oauth.sandbox.messages import HungUp
from mailup_oauth.sandbox.router import TOKEN_PATH

SETTLE = timedelta(seconds=2)
"""The least pause between two sendings of one refresh token (reliability.md 4.3-2c)."""


class Door:
    """
    The service behind the socket.

    At every token request it looks at the disk: what is being sent must stand there as an intent, be the newest that is
    stored, and not come a second time too early; a code must never come a second time at all.
    """

    def __init__(self):
        self.case = None

    def handle(self, request):
        """Judge a request, then hand it to the sandbox of the case; or let its sender die meanwhile."""
        case = self.case
        if request.path != TOKEN_PATH:
            return case.service.handle(request)
        if request.body:
            self._judge(case, parse_qs(request.body.decode()))
        outcome = HungUp() if case.deadly == "unread" else case.service.handle(request)
        case.arrived.append(request)
        (case.folder / "arrived").touch()
        if case.deadly:
            os.kill(int((case.folder / "process").read_text()), signal.SIGKILL)
            case.deadly = ""
        return outcome

    def _judge(self, case, form):
        """Complain of what must not be sent."""
        store = SqliteStore(case.database)
        row = store.load("acme")
        store.close()
        state = None if isinstance(row, Absent) else decode_state(row.clear)
        if "code" in form:
            self._judge_code(case, form["code"][0], state)
        else:
            self._judge_token(case, form["refresh_token"][0], state)

    def _judge_code(self, case, code, state):
        if code in case.sent:
            case.complaints.append("a code was sent twice")
        attempts = () if state is None else state.attempts
        marks = case.marks(Secret(code))
        if not any(isinstance(attempt, Exchanging) and attempt.code in marks for attempt in attempts):
            case.complaints.append("a code was sent without an intent on the disk")
        case.sent[code] = case.clock.now()

    def _judge_token(self, case, token, state):
        now, marks = case.clock.now(), case.marks(Secret(token))
        before = case.sent.get(token)
        if before is not None and now - before < SETTLE:
            case.complaints.append("a refresh token was sent again before the first request could settle")
        work = getattr(state, "work", None)
        if not isinstance(work, InFlight | Retrying) or work.intent.mark not in marks:
            case.complaints.append("a refresh token was sent without an intent on the disk")
        elif state.grant.refresh.mark not in marks:
            case.complaints.append("an old refresh token was sent")
        if before is not None and not isinstance(work, Retrying):
            case.complaints.append("a refresh token was sent again as if nobody had sent it")
        if case.has_spill():
            case.complaints.append("a refresh token was sent while a newer one waits in the spill")
        case.sent[token] = now
