"""A Flask application's users connect, call, disconnect, and meet every misfortune on the way."""

import gc
import os
import re
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import attrs
import httpx
import pytest
from flask import session
from tests.web.flask_app import application, bare, oauth_of, person, signed_in, with_views
from tests.web.scene import CLIENT_ID, FROM_ELSEWHERE, LIST, USERS

from mailup_oauth import (
    BadConnection,
    ClientRejected,
    ContractNotSigned,
    DeathCause,
    MailUpOAuth,
    MailUpOAuthError,
    ReauthorizationRequired,
    ServerNotTrusted,
    StoreUnavailable,
    TemporarilyUnavailable,
    TrustFault,
)
from mailup_oauth.adapters.web.flask import ConnectionRequired, MailUp, Signals, Who
from mailup_oauth.sandbox.commands import Answer, ChangeSwitches, Effect, RevokeApplication
from mailup_oauth.sandbox.faults import LOST_ANSWER, Target
from mailup_oauth.sandbox.switches import DOCUMENTED, StateEcho

PAGE = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture
def app(scene):
    """Return the application."""
    return application(scene)


@pytest.fixture
def ada(app):
    """Return Ada of acme, signed in."""
    return person(app)


def status(app, connection="acme"):
    """Return how a connection stands."""
    return oauth_of(app).status(connection)


# --- the way it should go ---------------------------------------------------------------------------------------------


def test_the_whole_walk(app, ada):
    """Somebody connects, lands where they wanted to be, sees their lists, looks at the status, and disconnects."""
    before = ada.looks()
    came = ada.connects("/lists?page=2")
    lists = ada.follows(came)
    after = ada.looks()
    gone = ada.disconnects()
    told = ada.follows(gone)

    assert "Not connected" in before.body
    assert [303, "/lists?page=2"] == [came.status, came.location]
    assert LIST in lists.body
    assert USERS[0] in after.body
    assert [303, "/mailup/"] == [gone.status, gone.location]
    assert "The access to MailUp was erased here." in told.body
    assert not status(app).connected


def test_the_journal_knows_who_did_it_and_by_which_request(app, ada):
    """The actor is the signed-in user, and the steps of one request have its correlation id."""
    ada.connects()
    records = [one for one in oauth_of(app).journal("acme") if one.actor]

    assert {("ada", "connect")} == {(one.actor, one.reason) for one in records}
    assert 2 == len({one.correlation_id for one in records})


def test_an_access_token_that_expires_in_the_background_is_renewed(scene, ada):
    """After an hour the next call refreshes, and nobody notices."""
    ada.connects()
    scene.pass_time()

    assert LIST in ada.clicks("/lists").body
    assert 1 == scene.rotations


def test_storm_twenty_threads_over_an_expired_token_make_one_token_request(scene, app, ada):
    """However many requests find the token expired, MailUp is asked once, and all are answered."""
    ada.connects()
    scene.service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, calls_per_second=100)))
    scene.pass_time()
    together = Barrier(20)

    def ask(number):
        one = person(app, f"user{number}")
        together.wait()
        return one.clicks("/lists")

    with ThreadPoolExecutor(20) as threads:
        pages = list(threads.map(ask, range(20)))

    assert [200] * 20 == [page.status for page in pages]
    assert all(LIST in page.body for page in pages)
    assert 1 == scene.rotations


def test_state_may_come_back_or_not(scene, app, ada):
    """The attempt is found by the redirect URI's nonce alone, as MailUp sends it, and with ``state`` as well."""
    for echo in StateEcho:
        scene.service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, state_echo=echo)))

        assert "/mailup/" == ada.connects().location, echo
        assert status(app).connected


# --- misfortunes ------------------------------------------------------------------------------------------------------


def test_a_denial_is_told_and_changes_nothing(app, ada):
    """Who says no at MailUp is told so, and nothing is connected."""
    told = ada.follows(ada.connects(answer=Answer.DENY))

    assert "MailUp was not connected" in told.body
    assert not status(app).connected
    assert [] == ada.attempts()


def test_an_attackers_callback_in_a_victims_browser_connects_nobody(app, ada):
    """A callback that another browser began is refused, whoever is signed in, and the attacker's attempt lives on."""
    victim = person(app, "bob", "bolt")
    callback = ada.consents(ada.begins().location)
    refused = victim.returns(callback)

    assert "This log-in was not begun here" in victim.follows(refused).body
    assert [False, False] == [status(app, name).connected for name in ("acme", "bolt")]
    assert "/mailup/" == ada.returns(callback).location


def test_a_switch_of_users_in_between_is_refused(app, ada):
    """Who is somebody else by the time they come back has connected nothing, for neither of the two."""
    callback = ada.consents(ada.begins().location)
    ada.submits("/sign-in/bob/bolt")
    told = ada.follows(ada.returns(callback))

    assert "Somebody else began this log-in" in told.body
    assert [False, False] == [status(app, name).connected for name in ("acme", "bolt")]


def test_a_switch_of_tenants_in_between_is_refused(app, ada):
    """The same person under another tenant has connected nothing either."""
    callback = ada.consents(ada.begins().location)
    ada.submits("/sign-in/ada/bolt")

    assert "Somebody else began this log-in" in ada.follows(ada.returns(callback)).body
    assert [False, False] == [status(app, name).connected for name in ("acme", "bolt")]


def test_who_signed_out_in_between_is_told_so(app, ada):
    """Who comes back signed out has connected nothing, and reads why without signing in."""
    callback = ada.consents(ada.begins().location)
    ada.submits("/sign-out")

    assert "You are signed out" in ada.follows(ada.returns(callback)).body
    assert not status(app).connected


def test_two_tabs_do_not_disturb_each_other(app, ada):
    """Each of two tabs comes back to the place that it wanted."""
    first, second = ada.begins("/lists?tab=1"), ada.begins("/lists?tab=2")

    assert "/lists?tab=2" == ada.returns(ada.consents(second.location)).location
    assert "/lists?tab=1" == ada.returns(ada.consents(first.location)).location
    assert status(app).connected


def test_a_callback_that_is_reloaded_changes_nothing(scene, app, ada):
    """The back button and a reload bring the same callback again: MailUp is not asked a second time."""
    callback = ada.consents(ada.begins().location)
    ada.returns(callback)
    again = ada.follows(ada.returns(callback))

    assert "was used already" in again.body
    assert status(app).connected
    assert 1 == scene.grants


def test_a_double_click_on_the_way_back_exchanges_the_code_once(scene, app, ada):
    """Two requests with one callback at one moment both land well, and the code is sent once."""
    callback = ada.consents(ada.begins().location)
    cookies, together = dict(ada.cookies), Barrier(2)

    def come_back(_):
        browser = person(app, user="")
        browser.cookies = dict(cookies)
        together.wait()
        return browser.returns(callback)

    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(come_back, range(2)))

    assert ["/mailup/"] * 2 == [page.location for page in both]
    assert 1 == scene.grants


def test_a_lapsed_attempt_is_refused(scene, app, ada):
    """Who comes back after an hour begins again."""
    callback = ada.consents(ada.begins().location)
    scene.pass_time()

    assert "took too long" in ada.follows(ada.returns(callback)).body
    assert not status(app).connected


def test_another_mailup_user_does_not_take_the_place_of_the_connected_one(app, ada):
    """Who logs in at MailUp as somebody else is told so, and the connection stays whose it was."""
    ada.connects()
    ada.at_mailup = USERS[1]

    assert "Another MailUp account is connected" in ada.follows(ada.connects()).body
    assert USERS[0] == status(app).user


def test_a_lost_exchange_is_told_as_such(scene, app, ada):
    """Where MailUp does not answer the exchange, the person is told that the answer was lost, and nothing is half connected."""
    url = ada.begins().location
    scene.plan(Target.TOKEN, LOST_ANSWER)
    told = ada.follows(ada.returns(ada.consents(url)))

    assert "answer was lost" in told.body
    assert not status(app).connected


def test_nobody_begins_from_somebody_elses_page(app, ada):
    """A link or form on another site begins nothing; the page asks first, and its button works."""
    page = ada.ask("POST", "/mailup/begin", FROM_ELSEWHERE, form={"next": "/lists"})
    link = ada.comes_from_elsewhere("/mailup/begin?next=/lists")

    assert [403, 403] == [page.status, link.status]
    assert [] == ada.attempts()
    assert 'name="next" value="/lists"' in page.body


def test_nobody_disconnects_from_somebody_elses_page(app, ada):
    """A form on another site does not disconnect, and neither does a link."""
    ada.connects()

    assert 403 == ada.ask("POST", "/mailup/disconnect", FROM_ELSEWHERE).status
    assert 405 == ada.clicks("/mailup/disconnect").status
    assert status(app).connected


def test_nobody_who_is_not_signed_in_gets_past_the_doors(app):
    """Without a log-in every page but the one that tells of failures is refused, and so is the client."""
    stranger = person(app, user="")
    pages = [stranger.looks(), stranger.begins(), stranger.disconnects(), stranger.clicks("/lists")]

    assert [401] * 4 == [page.status for page in pages]
    assert 200 == stranger.types("/mailup/failed").status


# --- what a view meets ------------------------------------------------------------------------------------------------


def test_a_view_that_requires_a_connection_leads_to_it_and_back(app, ada):
    """Who is not connected gets 409 and a button; they end up where they wanted to be."""
    page = ada.ask("GET", "/lists?page=2", PAGE)

    assert 409 == page.status
    assert '<form method="post" action="/mailup/begin">' in page.body
    assert 'name="next" value="/lists?page=2"' in page.body
    assert LIST in ada.follows(ada.connects("/lists?page=2")).body


def test_a_view_that_requires_a_connection_is_not_entered_without_one(scene):
    """Nothing of the view runs before there is a connection, whatever it would do."""
    entered = []

    def more(app, mailup):
        app.get("/entered")(mailup.required(lambda: entered.append("entered") or "done"))

    ada = person(application(scene, more=more))
    before = ada.clicks("/entered").status, list(entered)
    ada.connects()

    assert (409, []) == before
    assert (200, ["entered"]) == (ada.clicks("/entered").status, entered)


def test_nobody_is_led_back_to_what_was_posted(scene):
    """After a form, connecting leads to the status page: a form cannot be sent again by a redirect."""
    app = application(scene, more=lambda app, mailup: app.post("/send")(mailup.required(lambda: "sent")))
    page = person(app).ask("POST", "/send", PAGE)

    assert (409, True, False) == (page.status, "/mailup/begin" in page.body, 'name="next"' in page.body)


def test_the_reference_on_the_page_is_in_the_log(ada, caplog):
    """Whoever is asked about a page finds it by its reference."""
    page = ada.ask("GET", "/lists", PAGE)
    [reference] = re.findall(r"<code>(\w+)</code>", page.body)

    assert [reference in record.getMessage() for record in caplog.records if record.name == "mailup_oauth.web"] == [
        True
    ]


def test_a_program_gets_json(ada):
    """Who does not ask for HTML is told in JSON, with the path of the page that connects."""
    page = ada.ask("GET", "/lists", {"accept": "application/json"})

    assert 409 == page.status
    assert "application/json" == page.header("content-type")
    assert '"connect":"/mailup/"' in page.body.replace(" ", "")
    assert '"code":"not_connected"' in page.body.replace(" ", "")


def test_a_grant_that_died_at_mailup_leads_to_connecting(scene, app, ada):
    """Where MailUp refuses the refresh token during a view, the view ends in the page that connects."""
    ada.connects()
    revoked = RevokeApplication(username=USERS[0], client_id=CLIENT_ID, effect=Effect.IMMEDIATE, now=scene.service.now)
    scene.service.order(revoked)
    scene.pass_time()
    page = ada.ask("GET", "/lists", PAGE)

    assert 409 == page.status
    assert "reauthorization" == status(app).owed
    assert LIST in ada.follows(ada.connects("/lists")).body


def raising(error):
    """Return a view that ends in *error*."""

    def view():
        raise error

    return view


ERRORS = [
    ReauthorizationRequired(reason=DeathCause.DISCONNECTED),
    TemporarilyUnavailable(cause="rate-limited", retry_after=timedelta(seconds=7)),
    ServerNotTrusted(reason=TrustFault.TLS_TOO_OLD),
    ContractNotSigned(),
    ClientRejected(error="invalid_client"),
    StoreUnavailable(problem="full"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_only_the_persons_own_connection_is_told_as_theirs(scene, error):
    """An error about another connection, or one that waiting cures, goes through a view that requires one."""
    app = application(scene, more=lambda app, mailup: app.get("/error")(mailup.required(raising(error))))
    ada = person(app)
    ada.connects()

    with pytest.raises(type(error)):
        ada.clicks("/error")


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_an_application_may_let_all_errors_be_explained(scene, error):
    """``explain`` as an error handler gives every error of the library its status, and people a page."""

    def more(app, mailup):
        app.register_error_handler(MailUpOAuthError, mailup.explain)
        app.get("/error")(raising(error))

    page = person(application(scene, more=more)).ask("GET", "/error", PAGE)

    assert (409 if error.code in {"reauthorization_required", "contract_not_signed"} else 503) == page.status
    assert ("7" if error.code == "temporarily_unavailable" else "") == page.header("retry-after")
    assert ("reauthorization_required" == error.code) == ("/mailup/begin" in page.body)
    assert "full" not in page.body


def test_a_programs_own_fault_is_not_explained_away(scene):
    """A connection's name that cannot be used stays an error of the program."""

    def more(app, mailup):
        app.register_error_handler(MailUpOAuthError, mailup.explain)
        app.get("/error")(raising(BadConnection()))

    with pytest.raises(BadConnection):
        person(application(scene, more=more)).clicks("/error")


def test_an_application_may_answer_in_its_own_way(scene):
    """``errorhandler(ConnectionRequired)`` takes the place of the page, and knows where to connect."""

    def more(app, _):
        app.errorhandler(ConnectionRequired)(lambda error: (f"go to {error.connect_at}", 418))

    page = person(application(scene, more=more)).clicks("/lists")

    assert (418, "go to /mailup/") == (page.status, page.body)


def test_async_views_and_an_async_who_work_as_flasks_do(scene):
    """A view and the one who says who is signed in may both be coroutine functions."""

    def more(app, mailup):
        @mailup.who
        async def who():
            return signed_in()

        @app.get("/async")
        @mailup.required
        async def view():
            return mailup.client().get("Authentication/Info").json()

    ada = person(application(scene, more=more))
    ada.connects()

    assert f'"Username":"{USERS[0]}"' in ada.clicks("/async").body.replace(" ", "")


# --- clients ----------------------------------------------------------------------------------------------------------


def test_a_request_has_one_client_which_ends_with_it(scene):
    """The same client is given as often as it is asked for, a new one if it was closed, and none outlives the request."""
    kept = []

    def more(app, mailup):
        @app.get("/clients")
        def view():
            kept.extend((mailup.client(), mailup.client()))
            kept[0].close()
            kept.append(mailup.client())
            assert not kept[2].is_closed
            return ""

    person(application(scene, more=more)).clicks("/clients")

    assert kept[0] is kept[1] is not kept[2]
    assert kept[2].is_closed


def test_a_person_who_signs_in_during_a_request_gets_their_own_client(scene):
    """Clients are kept by connection, so that nobody is given somebody else's."""
    kept = []

    def more(app, mailup):
        @app.get("/switch")
        def view():
            kept.append(mailup.client())
            session["tenant"] = "bolt"
            kept.append(mailup.client())
            return ""

    person(application(scene, more=more)).clicks("/switch")

    assert kept[0] is not kept[1]
    assert all(one.is_closed for one in kept)


def test_clients_share_the_sockets_of_their_application(scene, app, ada):
    """Two requests one after the other use one socket to MailUp's API."""
    ada.connects()
    ada.clicks("/lists")
    pool = app.extensions["mailup_oauth"].pool
    [first] = sockets(pool)
    ada.clicks("/lists")

    assert [first] == sockets(pool)
    pool.close()
    assert LIST in ada.clicks("/lists").body


def sockets(pool):
    """Return the connections of the pool of this process."""
    return pool._pools[os.getpid()]._pool.connections


def test_a_transport_of_the_applications_own_is_used_and_not_closed(scene):
    """Who brings a transport has every call go through it, and closes it themselves."""
    asked = []
    transport = httpx.MockTransport(lambda request: asked.append(request) or httpx.Response(200, json={"Items": []}))
    mailup, app = MailUp(), bare()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth), transport=transport)
    ada = person(with_views(app, mailup))
    ada.connects()
    app.extensions["mailup_oauth"].pool.close()
    ada.clicks("/lists")

    assert ["/API/v1.1/Rest/ConsoleService.svc/Console/User/Lists"] == [request.url.path for request in asked]


def test_a_worker_calls_without_a_request(scene, app, ada):
    """``client_for`` needs an application context, and nobody who is signed in."""
    ada.connects()
    mailup = MailUp()

    with app.app_context(), mailup.client_for("acme") as api:
        assert LIST == api.get("User/Lists").json()["Items"][0]["Name"]
        assert oauth_of(app) is mailup.oauth


def test_an_application_that_was_never_prepared_says_so():
    """Who forgot ``init_app`` reads what to do."""
    with bare().app_context(), pytest.raises(RuntimeError, match="call init_app"):
        MailUp().client_for("acme")


def test_an_application_that_does_not_say_who_is_signed_in_is_told(scene):
    """Without ``who`` nobody is anybody, and the sentence names the decorator."""
    mailup, app = MailUp(), bare()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth))

    with app.test_request_context(), pytest.raises(RuntimeError, match=r"@mailup\.who"):
        mailup.client()


def test_who_may_be_given_at_once_and_one_name_stands_for_both(scene):
    """``MailUp(app, who=, oauth=)`` is all in one, and a string is person and connection."""
    app = bare()
    mailup = MailUp(app, who=lambda: "ada", oauth=scene.facade(MailUpOAuth))

    with app.test_request_context():
        assert Who(user="ada", connection="ada") == mailup.person()


def test_one_extension_serves_several_applications(scene):
    """Two applications of one ``MailUp`` have each their own facade, and know nothing of each other."""
    mailup, apps = MailUp(who=signed_in), [bare(), bare()]
    for app in apps:
        mailup.init_app(app, oauth=scene.facade(MailUpOAuth))
        with_views(app, mailup)
    people = [person(app) for app in apps]
    people[0].connects()

    assert [True, False] == [status(app).connected for app in apps]
    assert [200, 409] == [one.clicks("/lists").status for one in people]


def test_an_application_is_not_kept_alive(scene):
    """Neither the extension nor the facade holds on to an application that everybody else has forgotten."""
    mailup, app, oauth = MailUp(who=signed_in), bare(), scene.facade(MailUpOAuth, observer=Signals())
    mailup.init_app(app, oauth=oauth)
    forgotten = weakref.ref(app)
    del app
    gc.collect()

    assert forgotten() is None
    assert not oauth.status("acme").connected
