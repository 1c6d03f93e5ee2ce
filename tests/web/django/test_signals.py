"""A project is told what happened, after it is stored, and nothing it does with that does harm."""

import threading
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import Group
from django.db import connections
from tests.web.django.test_making import connect, staged

from mailup_oauth import ReauthorizationRequired
from mailup_oauth.adapters.web.django import oauth, signals
from mailup_oauth.adapters.web.django.models import Connection
from mailup_oauth.adapters.web.django.observing import SENT
from mailup_oauth.ports import Notice

NAMES = ("connected", "token_refreshed", "needs_login", "disconnected")


class Heard:
    """Takes note of every signal, and of what was stored then."""

    def __init__(self):
        self.told = []

    def listen(self, name):
        """Return a receiver for one signal."""

        def receive(sender, connection, at, **_):
            stored = oauth().core.ports.store.version(connection)
            self.told.append((name, sender, connection, at.utcoffset().total_seconds(), stored > 0))

        return receive


@contextmanager
def receiving(name, receiver):
    """Be told of a signal."""
    signal = getattr(signals, name)
    signal.connect(receiver, weak=False)
    try:
        yield
    finally:
        signal.disconnect(receiver)


@pytest.fixture
def heard():
    """Hear everything."""
    ear = Heard()
    receivers = {name: ear.listen(name) for name in NAMES}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, weak=False)
    yield ear
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)


def test_a_life_is_told(alias, heard):
    """Connected, refreshed, disconnected: each once, with the connection's name, by the model, after it was stored."""
    with staged(alias) as stage:
        connect(stage)
        oauth().refresh("acme")
        oauth().disconnect("acme")

    names = ["connected", "token_refreshed", "disconnected"]
    assert [(name, Connection, "acme", 0.0, True) for name in names] == heard.told


def test_a_project_hears_that_only_the_user_can_help(sqlite, heard):
    """When MailUp's user has taken the permission back, the refresh ends in ``needs_login``."""
    with staged("default") as stage:
        connect(stage)
        stage.revoke()
        with pytest.raises(ReauthorizationRequired):
            oauth().refresh("acme")

    assert "needs_login" == heard.told[-1][0]


def test_a_receiver_that_fails_is_logged_and_dropped(sqlite, heard, caplog):
    """Others are told all the same, the connection is made, and Django logs which receiver it was."""

    def broken(**_):
        raise LookupError

    with receiving("connected", broken), staged("default") as stage:
        assert connect(stage).connected

    assert ["connected"] == [name for name, *_ in heard.told]
    assert ["broken"] == [line.args[0].rsplit(".")[-1] for line in caplog.records if line.name == "django.dispatch"]


def test_a_receiver_may_use_the_database(alias):
    """What a receiver writes on a token request's thread is stored, and no connection of its is left open."""
    left = []

    def write(**_):
        Group.objects.using(alias).create(name="told")
        left.append((threading.current_thread(), connections[alias]))

    with receiving("token_refreshed", write), staged(alias) as stage:
        connect(stage)
        oauth().refresh("acme")

    ((thread, connection),) = left
    assert thread is not threading.current_thread()
    assert None is connection.connection
    assert Group.objects.using(alias).filter(name="told").exists()


def test_the_connection_of_a_request_stays_open(sqlite):
    """A receiver on the request's own thread, as of ``disconnected``, uses the request's connection, which goes on."""
    Group.objects.count()
    theirs = connections["default"].connection

    with receiving("disconnected", lambda **_: Group.objects.count()), staged("default") as stage:
        connect(stage)
        oauth().disconnect("acme")

    assert theirs is connections["default"].connection is not None


def test_the_project_s_own_observer_is_told_too(sqlite, heard):
    """An observer among the ports hears everything, and the signals are sent all the same."""
    notices = []

    class Own:
        def notice(self, notice: Notice):
            notices.append(notice.what)

    with staged("default") as stage:
        ports = stage.ports | {"observer": Own()}
        with staged_with(ports):
            connect(stage)

    assert ["AuthorizationBegun", "CallbackAccepted", "TokensIssued"] == notices[:3]
    assert ["connected"] == [name for name, *_ in heard.told]


def staged_with(ports):
    """Have these ports in the settings."""
    from django.test import override_settings  # noqa: PLC0415
    from tests.web.django.test_making import settings  # noqa: PLC0415

    return override_settings(MAILUP_OAUTH=settings(PORTS=ports))


def test_every_signal_has_its_event():
    """Each of the four is sent for something."""
    assert {getattr(signals, name) for name in NAMES} == {*SENT.values()}
