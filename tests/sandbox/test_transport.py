"""The Transport without sockets: what each outcome looks like to a client."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from mailup_oauth.adapters.transport.sandbox import SandboxTransport
from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.http import Ending, HttpRequest, HttpResponse, Silence, Unanswered
from mailup_oauth.sandbox.commands import PlanFault
from mailup_oauth.sandbox.faults import LOST_ANSWER, CutBody, Slow, Target
from mailup_oauth.sandbox.messages import FORM
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH

SECOND = timedelta(seconds=1)


def posted(play, **form):
    """Return the request of a client for tokens."""
    return HttpRequest(
        method="POST",
        url=f"https://mailup.example{TOKEN_PATH}",
        headers=(("Content-Type", FORM),),
        body=Secret(urlencode({**play.client, **form})),
    )


def test_a_client_gets_tokens_and_uses_them(play):
    """A form goes in, JSON comes out, and a Bearer header is heard."""
    transport = SandboxTransport(play.service)
    answer = transport.send(posted(play, grant_type="authorization_code", code=play.code()), deadline=SECOND)

    assert (answer.status, answer.ending) == (200, Ending.WHOLE)
    token = answer.body.decode().split('"')[3]
    info = HttpRequest(
        method="GET", url=f"https://mailup.example{INFO_PATH}?a=b", authorization=Secret(f"Bearer {token}")
    )
    assert transport.send(info, deadline=SECOND).status == 200
    transport.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (LOST_ANSWER, Unanswered(Silence.CLOSED)),
        (Slow(delay=SECOND), Unanswered(Silence.TIMEOUT)),
    ],
)
def test_silence_is_silence(play, fault, expected):
    """A lost answer is a closed connection; one that is late for its deadline is a time-out."""
    play.service.order(PlanFault(Target.TOKEN, fault))

    assert expected == SandboxTransport(play.service).send(posted(play), deadline=SECOND)


def test_a_slow_answer_within_its_deadline_comes(play):
    """A delay that is shorter than the deadline changes nothing."""
    play.service.order(PlanFault(Target.TOKEN, Slow(delay=SECOND)))
    answer = SandboxTransport(play.service).send(posted(play), deadline=2 * SECOND)

    assert isinstance(answer, HttpResponse)


def test_a_cut_body_is_marked(play):
    """A body that broke in the middle says so."""
    play.service.order(PlanFault(Target.TOKEN, CutBody(keep=3, ending=Ending.CUT)))
    answer = SandboxTransport(play.service).send(posted(play), deadline=SECOND)

    assert (len(answer.body), answer.ending) == (3, Ending.CUT)
