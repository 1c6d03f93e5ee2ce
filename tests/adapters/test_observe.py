"""Two observers: one that writes lines nobody can inject others into, and one that has nothing to say."""

import logging
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailup_oauth.adapters.observe.log import LoggingObserver
from mailup_oauth.adapters.observe.silent import SilentObserver
from mailup_oauth.ports import Notice
from mailup_oauth.testing.stage import CONNECTION, Stage


def noticed(connection="acme", what="TokensRefreshed"):
    """Return a notice."""
    return Notice(connection=connection, what=what, at=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_notice_is_one_line_at_info(caplog):
    """A notice says what happened, and to which connection, and nothing else."""
    with caplog.at_level(logging.INFO, "mailup_oauth"):
        LoggingObserver().notice(noticed())

    assert [("mailup_oauth", logging.INFO, "TokensRefreshed 'acme'")] == caplog.record_tuples


@given(name=st.text(st.characters()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sec_69_no_name_can_inject_a_line(caplog, name):
    """Whatever a connection is called, its notice is one line of printable ASCII."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "mailup_oauth"):
        LoggingObserver().notice(noticed(connection=name))
    (line,) = caplog.messages

    assert line.isascii()
    assert line.isprintable()


def test_the_logger_is_quiet_by_itself():
    """The library's logger has a handler that says nothing, so that logging complains of nobody's missing one."""

    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("mailup_oauth").handlers)


@pytest.mark.parametrize("observer", [SilentObserver(), LoggingObserver()])
def test_what_happens_is_noticed_or_not_and_happens_all_the_same(observer, caplog):
    """A connection is made with either observer; the silent one has said nothing."""
    stage = Stage()
    stage.oauth = stage.client(type(stage.oauth), observer=observer)
    with caplog.at_level(logging.INFO, "mailup_oauth"):
        caplog.clear()
        stage.connect()

    assert stage.oauth.status(CONNECTION).connected
    assert isinstance(observer, LoggingObserver) is bool([r for r in caplog.records if r.name == "mailup_oauth"])
