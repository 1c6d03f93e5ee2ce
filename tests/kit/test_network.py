"""An application's own httpx reaches the sandbox without a socket, and fails there as it would at one."""

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest

from mailup_oauth import AsyncMailUpOAuth
from mailup_oauth.domain.wire.http import Ending
from mailup_oauth.sandbox.faults import LOST_REQUEST, CutBody, Slow, Target
from mailup_oauth.sandbox.router import INFO_PATH, TOKEN_PATH
from mailup_oauth.testing.stage import CLIENT_ID, CLIENT_SECRET, PASSWORD, Stage

INFO = f"https://services.mailup.com{INFO_PATH}"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stage():
    """Set a stage on which a user is connected."""
    play = Stage()
    play.connect()
    return play


def ask(stage, **options):
    """Ask synchronously who the user is."""
    with httpx.Client(transport=stage.network, auth=stage.oauth.auth("acme"), **options) as api:
        return api.get(INFO)


def ask_in_a_task(stage, **options):
    """Ask the same from a task."""

    async def asking():
        auth = stage.client(AsyncMailUpOAuth).auth("acme")
        async with httpx.AsyncClient(transport=stage.network, auth=auth, **options) as api:
            return await api.get(INFO)

    return asyncio.run(asking())


both = pytest.mark.parametrize("asking", [ask, ask_in_a_task])


@both
def test_the_api_answers(stage, asking):
    """Both kinds of httpx client get MailUp's answer, whatever host they name."""
    answer = asking(stage)

    assert (200, "m1", "application/json") == (
        answer.status_code,
        answer.json()["Username"],
        answer.headers["content-type"].partition(";")[0],
    )


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
def test_a_form_arrives_whole(stage, kind):
    """A body with its headers, and a query, come to MailUp as they were sent."""
    form = {"grant_type": "password", "username": "m2", "password": PASSWORD.reveal()}
    body = urlencode({**form, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET.reveal()}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = httpx.Request("POST", f"https://mailup.example{TOKEN_PATH}?a=b", headers=headers, content=body)
    if kind is httpx.Client:
        answer = stage.network.handle_request(request)
    else:
        answer = asyncio.run(stage.network.handle_async_request(request))

    assert {"access_token", "refresh_token"} <= answer.json().keys()


@both
@pytest.mark.parametrize(
    ("fault", "patience", "raised"),
    [
        (LOST_REQUEST, 5, httpx.RemoteProtocolError),
        (CutBody(keep=3, ending=Ending.CUT), 5, httpx.RemoteProtocolError),
        (Slow(delay=MINUTE), 5, httpx.ReadTimeout),
        (Slow(delay=MINUTE), 60, httpx.ReadTimeout),
    ],
)
def test_faults_are_those_of_a_socket(stage, asking, fault, patience, raised):
    """What the sandbox was told to break is raised as httpx raises it, with the request in it."""
    stage.plan(fault, target=Target.RESOURCE)

    with pytest.raises(raised) as error:
        asking(stage, timeout=patience)
    assert INFO == str(error.value.request.url)


@both
@pytest.mark.parametrize("patience", [61, None])
def test_a_patient_client_gets_a_late_answer(stage, asking, patience):
    """An answer that is late, and in time for its client, comes at once."""
    stage.plan(Slow(delay=MINUTE), target=Target.RESOURCE)

    assert 200 == asking(stage, timeout=patience).status_code


def test_a_whole_body_may_be_cut_short(stage):
    """An answer of a correct length that is no JSON arrives as it is."""
    stage.plan(CutBody(keep=3), target=Target.RESOURCE)

    assert 3 == len(ask(stage).content)
