"""A Flask application that was made, and used, before its workers were forked."""

import subprocess
import sys
from pathlib import Path

import attrs
from tests.web.flask_app import application, person
from tests.web.scene import AN_HOUR, CLIENT_ID, CLIENT_SECRET

from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.commands import ChangeSwitches
from mailup_oauth.sandbox.switches import DOCUMENTED

PROGRAM = Path(__file__).with_name("flask_forks.py")
WORKERS = 4


def test_workers_that_were_forked_share_one_refresh_and_no_socket(scene, tmp_path):
    """Four workers over an expired token make one token request, each over sockets of its own; the parent goes on too."""
    database = tmp_path / "mailup.db"
    person(application(scene, store=SqliteStore(database))).connects()
    scene.service.order(ChangeSwitches(attrs.evolve(DOCUMENTED, calls_per_second=100)))
    places = [scene.base, str(database), CLIENT_ID, CLIENT_SECRET.reveal()]
    words = [sys.executable, "-W", "error", str(PROGRAM), *places, str(WORKERS)]

    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert "ready\n" == program.stdout.readline()
        scene.pass_time()
        _, complaints = program.communicate(f"{int(AN_HOUR.total_seconds())}\n", timeout=60)

    assert (0, "") == (program.returncode, complaints)
    assert 1 == scene.rotations
