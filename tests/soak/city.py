"""Where a soak takes place: two servers, the relay before them, one store, four processes over it, and the users."""

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Self

from facts import GRACE, STRICT, Facts, Told
from ledger import Ledger
from relay import Relay
from user import PASSWORD, visited

from mailup_oauth import CallbackFault, CallbackRefused, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.cipher.keyfile import open_key_file
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.serving.sandbox import provider_at, service_of
from mailup_oauth.adapters.serving.server import serve
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.sandbox.scenario import Scenario
from mailup_oauth.sandbox.switches import Grace, OldRefresh, ReuseKillsFamily, Switches
from mailup_oauth.sandbox.world import Application, MailUpUser

WORKER = Path(__file__).with_name("worker.py")
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CALLBACK = "https://app.example/mailup/callback"
LIFE = timedelta(seconds=2)
"""How long an access token lives; so each connection is refreshed every 1.5 s."""
SPENT_TOKENS: dict[str, OldRefresh] = {STRICT: ReuseKillsFamily(), GRACE: Grace(timedelta(minutes=5))}
"""What becomes of a spent refresh token; several kills in a row make a client wait longer than the usual 30 s."""
STYLES = ("threads", "tasks", "threads", "tasks")
"""What the processes are: how each uses its connections."""
SLOTS = len(STYLES)
SHARED = 3
"""For each server, one connection a process, and so many that all of them use."""


def own(slot: int) -> list[str]:
    """Return the connections that only one process uses."""
    return [f"{server}-own-{slot}" for server in SPENT_TOKENS]


def shared() -> list[str]:
    """Return the connections that every process uses."""
    return [f"{server}-shared-{number}" for server in SPENT_TOKENS for number in range(SHARED)]


BEGUN_ANEW = [f"{server}-anew" for server in SPENT_TOKENS]
"""For each server, one more that every process uses, and whose user authorizes it anew now and then, for no reason."""
EVERY = [*(name for slot in range(SLOTS) for name in own(slot)), *shared(), *BEGUN_ANEW]


def used(slot: int) -> list[str]:
    """Return the connections that a process uses."""
    return [*own(slot), *shared(), *BEGUN_ANEW]


class City:
    """Everything of one soak; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "soak.db"
        self.chance = Random()  # noqa: S311  # whom to kill, and when
        self.stack = ExitStack()
        self.workers: dict[int, tuple[int, subprocess.Popen[str]]] = {}
        self.ears: list[threading.Thread] = []
        self.killed: dict[int, float] = {}
        self.unverified: list[str] = []
        self.complaints: list[str] = []
        self.told: list[Told] = []
        self.asked: set[tuple[int, str]] = set()
        self.served: Counter[str] = Counter()
        self.born = self.checks = 0
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        self.bases = {
            server: self.stack.enter_context(serve(service_of(_scenario(spent))))
            for server, spent in SPENT_TOKENS.items()
        }
        self.store = SqliteStore(self.database)
        self.oauths = {server: self._client(base) for server, base in self.bases.items()}
        marker = HmacMarker(open_key_file(self.store.key_file, may_create=False))
        self.relay = Relay(self.bases, lambda token: str(marker.mark(Secret(token))))
        self.ledgers = {name: Ledger(self.store, name) for name in EVERY}
        return self

    def __exit__(self, *_: object) -> None:
        for _, process in self.workers.values():
            process.kill()
            process.wait()
        self.relay.shutdown()
        self.relay.server_close()
        for oauth in self.oauths.values():
            oauth.close()
        self.stack.close()

    def _client(self, base: str) -> MailUpOAuth:
        """Return the client with which users are connected; nobody kills it, and it refreshes nothing."""
        registration = Registration(client_id=CLIENT_ID, client_secret=Secret("soak"), redirect_uri=CALLBACK)
        return MailUpOAuth(registration, store=self.store, provider=provider_at(base))

    # -- what happens ------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Connect every user, and start every process."""
        self.visit()
        for slot in range(SLOTS):
            self._start(slot)

    def visit(self) -> None:
        """Let every user log on whose authorization is not there, or not any more; who comes too late, comes again."""
        for name in EVERY:
            oauth = self.oauths[name.partition("-")[0]]
            status = oauth.status(name)
            if status.owed != "reauthorization" and status.connected:
                continue
            start = oauth.begin(name)
            try:
                oauth.complete(visited(start.url.reveal(), name), binding=start.binding)
            except CallbackRefused as error:
                if (
                    error.reason is not CallbackFault.NONCE_UNKNOWN
                ):  # other log-ons may have taken the place of this one
                    raise

    def kill_one(self) -> None:
        """Kill one process, verify every journal that it may have been writing, and start it again."""
        slot = self.chance.randrange(SLOTS)
        incarnation, process = self.workers[slot]
        self.killed[incarnation] = monotonic()
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name in used(slot):
            self._note(self.ledgers[name].check())
            self.checks += 1
        self._start(slot)

    def is_starting(self) -> bool:
        """Say whether some process has not used all of its connections yet, and so not seen what a dead one left there."""
        return any(
            (incarnation, name) not in self.asked
            for slot, (incarnation, _) in self.workers.items()
            for name in used(slot)
        )

    def unserved(self) -> list[str]:
        """Return the connections that have no usable access token, or something still open."""
        found = []
        for name in EVERY:
            status = self.oauths[name.partition("-")[0]].status(name)
            if status.state not in {"Authorized", "Refreshed"} or status.owed not in {"nothing", "refresh-in-flight"}:
                found.append(name)
        return found

    def close_up(self) -> None:
        """Let every process end as one should, and read every journal from its first record."""
        for slot, (_, process) in sorted(self.workers.items()):
            process.stdin.close()
            if process.wait(90):
                self.complaints.append(f"the process in slot {slot} ended with {process.returncode}")
        for ear in self.ears:
            ear.join()
        self.left_unserved = tuple(self.unserved())
        for ledger in self.ledgers.values():
            self._note(ledger.check())
            self._note(ledger.check_all())

    def facts(self) -> Facts:
        """Return everything that the referee wants to know."""
        return Facts(
            passages=self.relay.passages,
            killed=dict(self.killed),
            journals={name: tuple(ledger.entries) for name, ledger in self.ledgers.items()},
            told=tuple(self.told),
            unverified=tuple(self.unverified),
            complaints=tuple(self.complaints),
            unserved=self.left_unserved,
        )

    # -- inside ------------------------------------------------------------------------------------------------------

    def _note(self, problem: str) -> None:
        """Keep what is wrong with a journal."""
        if problem:
            self.unverified.append(problem)

    def _start(self, slot: int) -> None:
        """Start a process anew."""
        self.born += 1
        order = {
            "database": str(self.database),
            "bases": self.bases,
            "relay": self.relay.base,
            "incarnation": self.born,
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "style": STYLES[slot],
            "connections": used(slot),
            "begun_anew": BEGUN_ANEW,
        }
        process = subprocess.Popen(
            [sys.executable, str(WORKER), json.dumps(order)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.workers[slot] = (self.born, process)
        ear = threading.Thread(target=self._listen, args=(self.born, STYLES[slot], process), daemon=True)
        self.ears = [*(one for one in self.ears if one.is_alive()), ear]
        ear.start()

    def _listen(self, incarnation: int, style: str, process: "subprocess.Popen[str]") -> None:
        """Hear what a process says, as far as it comes to say it."""
        for said in _lines(process):
            with self.lock:
                self.served[style] += said.get("served", 0)
                if "asked" in said:
                    self.asked.add((incarnation, said["asked"]))
                if "told" in said:
                    self.told.append(Told(**said["told"]))
                if "complaint" in said:
                    self.complaints.append(said["complaint"])


def _scenario(spent: OldRefresh) -> Scenario:
    """Return a server on which every connection has a user of its own."""
    return Scenario(
        applications=(Application(client_id=CLIENT_ID, client_secret=Secret("soak"), name="Soak"),),
        users=tuple(
            MailUpUser(username=name, password=PASSWORD, uid=str(number), company="Soak")
            for number, name in enumerate(EVERY, start=1)
        ),
        switches=Switches(old_refresh=spent, access_life=LIFE),
    )


def _lines(process: "subprocess.Popen[str]") -> Generator[dict[str, object], None, None]:
    """Yield what a process says; the last line of one that is killed may be cut."""
    with process.stdout as lines:
        for line in lines:
            if line.endswith("}\n"):
                yield json.loads(line)
