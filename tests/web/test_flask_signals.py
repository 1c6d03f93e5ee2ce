"""A Flask application is told what happens to its connections, and cannot break it by listening."""

import logging
import threading

import attrs
import pytest
from flask import current_app, g, has_request_context
from tests.web.flask_app import bare, oauth_of, person, settings, signed_in, with_views
from tests.web.scene import CLIENT_ID, CLIENT_SECRET, LIST, USERS

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.web.flask import (
    MailUp,
    Signals,
    connected,
    disconnected,
    needs_login,
    token_refreshed,
)
from mailup_oauth.sandbox.commands import Effect, RevokeApplication

SIGNALS = {
    "connected": connected,
    "token_refreshed": token_refreshed,
    "needs_login": needs_login,
    "disconnected": disconnected,
}


def listening(app, hear):
    """Let *hear* be told of every signal of *app*, with its name first; return what has to be kept alive."""

    def named(name):
        def receiver(sender, connection, at):
            hear(name, sender, connection, at)

        return receiver

    receivers = {name: named(name) for name in SIGNALS}
    for name, signal in SIGNALS.items():
        signal.connect(receivers[name], sender=app)
    return receivers


@pytest.fixture
def app(scene):
    """Return the application."""
    app, mailup = bare(), MailUp()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth, observer=Signals()))
    return with_views(app, mailup)


def revoke(scene):
    """Let the user take the permission back at MailUp."""
    scene.service.order(
        RevokeApplication(username=USERS[0], client_id=CLIENT_ID, effect=Effect.IMMEDIATE, now=scene.service.now)
    )


def test_every_turn_of_a_connections_life_is_told(scene, app):
    """Connecting, refreshing, the end of a grant and disconnecting are told, with sender, name and moment."""
    heard = []
    kept = listening(app, lambda *told: heard.append(told))
    ada = person(app)
    ada.connects()
    scene.pass_time()
    ada.clicks("/lists")
    revoke(scene)
    scene.pass_time()
    ada.clicks("/lists")
    ada.disconnects()

    assert [*SIGNALS] == [name for name, *_ in heard] == [*kept]
    assert {app} == {sender for _, sender, _, _ in heard}
    assert {"acme"} == {connection for _, _, connection, _ in heard}
    assert [at for *_, at in heard] == sorted(at for *_, at in heard)


def test_receivers_run_in_a_context_of_their_own_and_not_in_the_request(scene, app):
    """A receiver has ``current_app``, and no ``g`` of anybody; only a disconnection is told on the thread that asked."""
    found, here = [], threading.get_ident()

    def hear(name, *_):
        found.append((name, current_app.name, "mark" in g, threading.get_ident() == here))

    kept = listening(app, hear)
    app.before_request(lambda: setattr(g, "mark", 1))
    ada = person(app)
    ada.connects()
    ada.disconnects()

    assert [("connected", "shop", False, False), ("disconnected", "shop", False, True)] == found
    assert kept


def test_a_receiver_that_fails_breaks_nothing_and_is_logged(scene, app, caplog):
    """The flight goes on, the other receivers are told, and the log names the one that failed, with its traceback."""
    heard = []

    def failing(sender, **_):
        problem = "not today"
        raise ValueError(problem)

    kept = listening(app, lambda name, *_: heard.append(name))
    for signal in SIGNALS.values():
        signal.connect(failing, sender=app)
    ada = person(app)
    with caplog.at_level(logging.ERROR, logger="mailup_oauth.web"):
        ada.connects()
        scene.pass_time()

        assert LIST in ada.clicks("/lists").body
        assert 303 == ada.disconnects().status
    assert ["connected", "token_refreshed", "disconnected"] == heard
    assert kept
    told = [record for record in caplog.records if record.name == "mailup_oauth.web"]
    assert 3 == len(told)
    assert all("failing raised ValueError" in record.getMessage() and record.exc_info for record in told)


def test_a_receiver_may_be_a_coroutine_function(app):
    """Flask's own way of calling coroutine functions is used."""
    heard = []

    async def receiver(sender, connection, at):
        heard.append((sender, connection, has_request_context()))

    connected.connect(receiver, sender=app)
    person(app).connects()

    assert [(app, "acme", False)] == heard


def test_a_receiver_may_call_the_api_at_once(scene):
    """Who is told that somebody has connected can ask MailUp what they have, while the flight has not ended yet."""
    found, mailup, app = [], MailUp(), bare()
    mailup.init_app(app, oauth=scene.facade(MailUpOAuth, observer=Signals()))

    def receiver(sender, connection, **_):
        with mailup.client_for(connection) as api:
            found.append(api.get("User/Lists").json()["Items"][0]["Name"])

    connected.connect(receiver, sender=app)
    person(with_views(app, mailup)).connects()

    assert [LIST] == found


def test_a_muted_signal_is_not_sent(app):
    """blinker's ``muted`` holds for ours as for every signal."""
    heard = []
    kept = listening(app, lambda name, *_: heard.append(name))
    ada = person(app)
    with connected.muted():
        ada.connects()
    ada.disconnects()

    assert ["disconnected"] == heard
    assert kept


def test_each_application_hears_its_own(scene, tmp_path):
    """Of two applications made of configs, one hears nothing of what happens in the other."""
    heard, apps = [], []
    for number in range(2):
        app, mailup = bare(), MailUp(who=signed_in)
        app.config.update(
            settings(scene, MAILUP_CLIENT_SECRET=CLIENT_SECRET, MAILUP_DATABASE=tmp_path / f"{number}.db")
        )
        mailup.init_app(app)
        apps.append(with_views(app, mailup))
    kept = [listening(app, lambda name, sender, *_: heard.append((name, sender))) for app in apps]
    person(apps[1]).connects()

    assert [("connected", apps[1])] == heard
    assert kept


def test_two_applications_over_one_facade_both_hear(scene):
    """Whoever shares a facade is told of everything that it does."""
    heard, mailup, oauth = [], MailUp(who=signed_in), scene.facade(MailUpOAuth, observer=Signals())
    apps = [bare(), bare()]
    for app in apps:
        mailup.init_app(app, oauth=oauth)
        with_views(app, mailup)
    kept = [listening(app, lambda name, sender, *_: heard.append((name, sender))) for app in apps]
    person(apps[0]).connects()

    assert sorted([("connected", id(app)) for app in apps]) == sorted((name, id(sender)) for name, sender in heard)
    assert kept


def test_the_log_is_told_as_well(app, caplog):
    """Every notice, also of what there is no signal for, is a line of the library's log."""
    with caplog.at_level(logging.INFO, logger="mailup_oauth"):
        person(app).connects()

    assert {"AuthorizationBegun 'acme'", "TokensIssued 'acme'"} <= {record.getMessage() for record in caplog.records}


def test_an_observer_of_ones_own_may_be_told_first(scene):
    """``Signals(further)`` hands every notice on before anybody else hears of it."""
    notices = []
    mailup, app = MailUp(), bare()

    @attrs.frozen
    class Counting:
        def notice(self, notice):
            notices.append(notice.what)

    mailup.init_app(app, oauth=scene.facade(MailUpOAuth, observer=Signals(Counting())))
    oauth_of(app).disconnect("acme")
    oauth_of(app).begin("acme")

    assert ["AuthorizationBegun"] == [what for what in notices if what == "AuthorizationBegun"]
