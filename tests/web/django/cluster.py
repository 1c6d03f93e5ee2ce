"""A PostgreSQL server in a folder, for as long as a run of tests: its own data, its own socket, nobody's port."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

HOW = "install it with: tests/install-servers"
PLACES = Path("/usr/lib/postgresql")
TUNED = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB", "autovacuum=off")
"""A test's data needs to survive no power cut, and nobody is here long enough to be tidied after."""


def binaries():
    """Return the folder of the newest server's programs, as Debian puts them, or as the path has them."""
    found = sorted(PLACES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    program = found[-1] if found else shutil.which("initdb")
    return Path(program).parent if program else None


def nobody():
    """Return how to start a program as somebody that PostgreSQL accepts, which root is not."""
    if os.geteuid():
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = names.get("postgres") or names["nobody"]
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


class Cluster:
    """
    The server, running inside the ``with``.

    Args:
        folder: Where its data and its socket are; made here.
    """

    def __init__(self, folder):
        self.folder = folder
        self._as = nobody()

    def __enter__(self):
        self.folder.mkdir()
        self.folder.parent.chmod(0o711)  # who is not root has to get through
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        made = ("--username=tester", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
        self._run("initdb", *made, f"--pgdata={self.folder / 'data'}")
        self._start()
        return self

    def __exit__(self, *_):
        self._stop()

    def restart(self):
        """End every session, as a server does that is updated."""
        self._stop()
        self._start()

    def _start(self):
        """Start, and return when the server answers."""
        tuned = [word for setting in TUNED for word in ("-c", setting)]
        where = f"-k {self.folder} -c listen_addresses= {' '.join(tuned)}"
        log = self.folder / "log"
        self._run(
            "pg_ctl",
            "start",
            "--wait",
            "--silent",
            f"--pgdata={self.folder / 'data'}",
            f"--log={log}",
            f"--options={where}",
        )
        self._number = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _stop(self):
        """Stop without waiting for sessions to end."""
        self._run("pg_ctl", "stop", "--mode=fast", "--wait", "--silent", f"--pgdata={self.folder / 'data'}")

    def _run(self, program, *words):
        """Run one of the server's programs, and let it tell why it failed."""
        done = subprocess.run(
            [binaries() / program, *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            **self._as,
        )
        assert not done.returncode, done.stderr
