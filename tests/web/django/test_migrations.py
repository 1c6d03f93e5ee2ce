"""The shipped migrations make the models, and their fields mean the same under every setting."""

from datetime import UTC, datetime, timedelta, timezone
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from tests.web.django.test_making import run

from mailup_oauth.adapters.web.django.loans import loans_of
from mailup_oauth.adapters.web.django.models import Connection
from mailup_oauth.adapters.web.django.moments import MomentField
from mailup_oauth.adapters.web.django.store import DjangoStore
from mailup_oauth.domain.instants import END_OF_TIME
from mailup_oauth.testing.store_claims.changes import ACME, commit, following, loaded, with_row

MOMENT = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.usefixtures("sqlite")
def test_no_migration_is_missing():
    """Django finds nothing in the models that the migrations do not make."""
    out = StringIO()
    call_command("makemigrations", "mailup_oauth", check=True, dry_run=True, stdout=out)

    assert "No changes detected in app 'mailup_oauth'\n" == out.getvalue()


def test_the_tables_can_be_taken_away_and_made_again(alias):
    """The migrations go both ways; afterwards there is an empty store."""
    commit(DjangoStore(alias), following(DjangoStore(alias)))
    loans_of(alias).close()
    for target in ("zero", "0001"):
        call_command("migrate", "mailup_oauth", target, database=alias, verbosity=0)

    assert () == DjangoStore(alias).connections()


@pytest.mark.parametrize("words", [{"USE_TZ": False}, {"USE_TZ": True, "TIME_ZONE": "Pacific/Kiritimati"}])
def test_time_zones_of_the_project_change_no_moment(alias, words):
    """Whatever the project says of time zones, moments come back as they were, from both ends of time as well."""
    store = DjangoStore(alias)
    for moment in (datetime.min.replace(tzinfo=UTC), MOMENT, END_OF_TIME):
        with override_settings(**words):
            commit(store, with_row(following(store), due_at=moment, written_at=moment))

            assert (moment, moment) == (loaded(store).due_at, loaded(store).written_at)
        assert moment == loaded(store).due_at


def test_moments_are_compared_by_the_database(alias):
    """Rows are found by moments in any zone, and sort as moments do."""
    store = DjangoStore(alias)
    for number in range(3):
        commit(store, with_row(following(store, str(number)), due_at=MOMENT + timedelta(microseconds=number)))
    east = MOMENT.astimezone(timezone(timedelta(hours=13))) + timedelta(microseconds=1)
    rows = Connection.objects.using(alias).order_by("-due_at").values_list("name", flat=True)

    assert ["2", "1", "0"] == list(rows)
    assert ["1", "0"] == list(rows.filter(due_at__lte=east))


@pytest.mark.parametrize("value", ["soon", datetime(2026, 1, 1)])  # noqa: DTZ001  # no zone is what is tried
def test_what_is_no_moment_is_refused(value):
    """Neither text that is none nor a moment of an unknown zone is stored."""
    with pytest.raises(ValueError):  # noqa: PT011  # Django's own message or ours
        MomentField().get_prep_value(value)


def test_a_row_survives_dumpdata(sqlite):
    """What Django's ``dumpdata`` writes ``loaddata`` reads, to the last octet."""
    store = DjangoStore()
    change = commit(store, with_row(following(store, nonces=["1"], sealed=b"\xff\x00"), due_at=MOMENT))
    text = serializers.serialize("json", Connection.objects.all())
    Connection.objects.update(due_at=END_OF_TIME, sealed=b"")
    (found,) = serializers.deserialize("json", text)
    found.save()

    assert change.row == loaded(store, ACME)


def test_nothing_may_be_missing():
    """A moment that is none is NULL for Django's own questions, such as ``isnull``."""
    assert None is MomentField().get_prep_value(None)
    assert None is MomentField().from_db_value(None, None, connections["default"])


def test_tests_of_a_user_s_own_run_in_django_s_runner(sqlite):
    """With a store in memory in ``TestCase``, or the real one in ``TransactionTestCase``, as the documentation says."""
    program = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "test", "tests.web.django.project.tests_of_a_user", "--verbosity=0"])
"""
    done = run(program, "default")

    assert 0 == done.returncode, done.stderr
    assert "Ran 4 tests" in done.stderr
