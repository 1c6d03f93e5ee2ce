"""A flow's steps are calls of the facade; waiting and awaiting make the same ones, and errors go into the flow."""

import attrs
import pytest
from tests.web.shared.conftest import ADA, PAGES, PLACES, awaited, waited

from mailup_oauth.adapters.web import flows
from mailup_oauth.adapters.web import steps as s
from mailup_oauth.adapters.web.apis import api_base
from mailup_oauth.adapters.web.visit import Answer, Visit, Who, moved, person
from mailup_oauth.domain.errors import CallbackRefused, StillRefreshing
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.domain.secret import Secret
from mailup_oauth.testing.stage import CONNECTION, Stage

END = Answer(status=200, headers=())


def of(*steps):
    """Return a flow of these steps, and the list in which it notes what came of each."""
    noted = []

    def flow():
        for step in steps:
            try:
                noted.append((yield from s.ask(step)))
            except CallbackRefused as error:
                noted.append(error)
        return END

    return flow(), noted


@pytest.mark.parametrize("take", [waited, awaited])
def test_every_step_brings_what_the_facade_returns(take):
    """Begin, look, finish and disconnect: each result comes back into the flow."""
    stage = Stage()
    flow, noted = of(s.Begin(CONNECTION, {"actor": "ada"}), s.Look(CONNECTION))
    assert END == take(stage, flow)
    start, sight = noted
    back = Secret(stage.visit(start).partition("?")[2])
    flow, more = of(s.Complete(back, start.binding, {}), s.Look(CONNECTION), s.Disconnect(CONNECTION, {}))
    assert END == take(stage, flow)
    status, later, farewell = more

    assert ("callback", 1) == (sight.status.owed, len(sight.records))
    assert stage.clock.now() == later.now
    assert status.connected
    assert later.status.connected
    assert farewell.was_connected


@pytest.mark.parametrize("take", [waited, awaited])
def test_an_error_is_thrown_into_the_flow_which_goes_on(take):
    """A refused callback is one result among others."""
    stage = Stage()
    flow, noted = of(s.Complete(Secret("code=x"), Secret("y"), {}), s.Look(CONNECTION))

    assert END == take(stage, flow)
    assert [CallbackRefused, s.Sight] == [type(one) for one in noted]


@pytest.mark.parametrize("take", [waited, awaited])
def test_what_a_flow_does_not_catch_comes_out(take):
    """An error that nobody wanted is the caller's."""

    class Refusing:
        def take(self, _):
            raise StillRefreshing

        async def take_async(self, _):
            raise StillRefreshing

    with pytest.raises(StillRefreshing):
        take(Stage(), of(Refusing())[0])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_ways_answer_alike(page, method):
    """The same visit to the same stage gets the same answer, to the byte."""
    headers = {"sec-fetch-site": "same-origin"}
    query = "code=x&state=y"
    seen = Visit(
        method=method, query=query, headers=headers, cookies={}, who=ADA, places=PLACES, reference="0123456789ab"
    )
    stages = Stage(), Stage()
    one, other = (
        take(stage, flows.answered(PAGES[page], stage.oauth.core, seen))
        for take, stage in zip((waited, awaited), stages, strict=True)
    )

    assert [one.status, one.headers, one.body, one.has_linked] == [
        other.status,
        other.headers,
        other.body,
        other.has_linked,
    ]
    assert [(cookie.name, cookie.lives) for cookie in one.cookies] == [
        (cookie.name, cookie.lives) for cookie in other.cookies
    ]
    assert stages[0].store.records(CONNECTION) == stages[1].store.records(CONNECTION)


def test_one_name_is_a_person_and_a_connection():
    """An application with one connection a user says one word."""

    assert Who(user="ada", connection="ada") == person("ada")
    assert ADA is person(ADA)
    assert person(None) is None


def test_no_representation_tells_what_a_browser_sent():
    """A visit and an answer that are printed show lengths and names, no query, cookie, header or address."""
    seen = Visit(
        method="GET",
        query="code=told-query",
        headers={"cookie": "told-header"},
        cookies={"a": "told-cookie"},
        who=ADA,
        places=PLACES,
        csrf="told-token",
    )
    printed = repr(seen) + repr(moved(Secret("https://services.mailup.com/?state=told-address")))

    assert "told-" not in printed
    assert "<15 characters>" in printed


@pytest.mark.parametrize(
    ("identity", "base"),
    [
        ("https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info", None),
        ("https://id.example:8443/who/am/i", "https://id.example:8443"),
        ("", ""),
    ],
)
def test_the_api_begins_where_the_provider_says(identity, base):
    """MailUp's methods are beside its identity page; of others it is the origin, of none it is nothing."""
    expected = identity.removesuffix("/Authentication/Info") if base is None else base

    assert expected == api_base(attrs.evolve(MAILUP, identity_url=identity))
    assert api_base(MAILUP).endswith("/Console")
