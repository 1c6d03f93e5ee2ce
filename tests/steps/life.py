"""One life of a process over an installation: its ports are numbered, it does one deed, and it says how that ended."""

import json
import os
import signal
import sys
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from socket import socketpair
from threading import Event, Thread

import attrs
from tests.steps.numbered import NumberedGuard, NumberedPort, Numbering
from tests.steps.passing import SharedClock

from mailup_oauth import PRODUCTION, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keyfile import open_key_file
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.spill.folder import FolderSpill
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.domain.errors import CallbackRefused, MailUpOAuthError, ReauthorizationRequired, TryLater
from mailup_oauth.journal import Context, prepare

CONNECTION = "acme"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_SECRET = "canary-client-secret"
POLICY = attrs.evolve(PRODUCTION, store_patience=timedelta(seconds=1), store_retry_wait=timedelta(milliseconds=500))
"""Production's numbers, but for a shorter patience with a store that is away, so that there are fewer calls to count."""

HANGING = 25
"""Seconds of real time after which a life that does not end is ended."""

TRIES = 12
"""How often a patient caller asks again, as late as it is told to."""

TRANSPORT = HttpxTransport()
"""Made before a fork: what is expensive about it, and nothing else, may be shared."""


class Life:
    """A client over the installation in a folder, with the real adapters behind numbered ports."""

    def __init__(self, order, numbering):
        self.order, self.numbering = order, numbering
        folder = Path(order["folder"])
        self.store = SqliteStore(folder / "mailup.db")
        self.clock = SharedClock(folder / "clock")
        ring = open_key_file(self.store.key_file, may_create=self.store.is_empty())

        def numbered(room, port):
            return NumberedPort(numbering, room, port)

        self.oauth = MailUpOAuth(
            Registration(
                client_id=CLIENT_ID,
                client_secret=lambda: numbering.call("secret.read", lambda: Secret(CLIENT_SECRET)),
                redirect_uri="https://app.example/mailup/callback",
            ),
            store=numbered("store", self.store),
            provider=provider_at(order["base"]),
            policy=attrs.evolve(POLICY, guard_patience=timedelta(seconds=order.get("patience", 10))),
            transport=numbered("transport", TRANSPORT),
            clock=numbered("clock", self.clock),
            entropy=numbered("entropy", SystemEntropy()),
            cipher=numbered("cipher", CobblestoneCipher(ring)),
            marker=numbered("marker", HmacMarker(ring)),
            spill=numbered("spill", FolderSpill(self.store.spill_folder)),
            guard=NumberedGuard(numbering, HostGuard(self.store.lock_folder)),
            observer=numbered("observer", _Notes(folder / "notices")),
        )

    def patiently(self, call):
        """Make a call again as late as it says, for as long as waiting is what it asks for."""
        for _ in range(TRIES):
            try:
                return call()
            except TryLater as later:
                self.clock.sleep(max(later.retry_after, timedelta(seconds=1)))
        return call()


class _Notes:
    """An observer that writes down what it is told."""

    def __init__(self, path):
        self._path = path

    def notice(self, notice):
        """Write it down."""
        with self._path.open("a") as file:
            file.write(f"{notice.what}\n")


# -- deeds -------------------------------------------------------------------------------------------------------------


def begin(life):
    """A user is sent to MailUp."""
    start = life.oauth.begin(CONNECTION)
    return {"end": "T", "url": start.url.reveal(), "binding": start.binding.reveal()}


def complete(life):
    """A user comes back."""
    status = life.oauth.complete(life.order["callback"], binding=Secret(life.order["binding"]))
    return {"end": "T" if status.connected else "not connected"}


def complete_patiently(life):
    """A user comes back, and loads the page again for as long as it says "later"."""
    return life.patiently(lambda: complete(life))


def use(life):
    """A token is used, which is renewed if it must be."""
    return _handed(life.oauth.access_token(CONNECTION))


def use_patiently(life):
    """A token is used, however long that takes."""
    return life.patiently(lambda: use(life))


def use_in_spite_of_all(life):
    """A token is used; what a first try met is forgotten, and the next goes on for as long as it takes."""
    with suppress(MailUpOAuthError):
        return use(life)
    return use_patiently(life)


def reject(life):
    """MailUp's API refuses the token that is used."""
    return _handed(life.oauth.report_rejected(CONNECTION, life.oauth.access_token(CONNECTION)))


def disconnect(life):
    """The connection is ended here."""
    life.oauth.disconnect(CONNECTION)
    return {"end": "T"}


def reseal(life):
    """Every row is sealed anew, with the newest key of the key file."""
    setting, store = life.oauth._core.setting, life.oauth._core.ports.store
    for name in store.connections():
        held = life.oauth._core.held(name)
        change, _ = prepare(
            name,
            held.row,
            held.state,
            (),
            now=life.clock.now(),
            context=Context(),
            cipher=setting.cipher,
            policy_hash=setting.policy_hash,
        )
        store.commit(change)
    return {"end": "T"}


def keep_a_spill(life):
    """Something is spilled, over what was spilled before."""
    life.oauth._core.ports.spill.keep(CONNECTION, life.order["text"].encode())
    return {"end": "T"}


def leave_a_child_in_the_midst(life):
    """The process forks while MailUp holds its answer back, and dies; the child lives on and wants nothing."""
    with suppress(TryLater):
        life.oauth.access_token(CONNECTION, timeout=timedelta())
    while not (Path(life.order["folder"]) / "arrived").exists():
        Event().wait(0.001)
    child = os.fork()
    if not child:
        signal.pause()
    _say(life.order, {"child": child}, "child")
    os.kill(os.getpid(), signal.SIGKILL)


def fork_and_use(life):
    """The client was used before its process forks; then both use it at once, and each says what it got."""
    life.oauth.access_token(CONNECTION)
    life.clock.move(timedelta(minutes=61))
    child = os.fork()
    mine = use(life)
    if not child:
        _say(life.order, mine, "said-by-child")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return mine if status == 0 else {"end": f"the child ended with {status}"}


def fork_in_the_midst(life):
    """
    A thread stands still at its chosen call while the main thread forks and the child does what the thread does.

    Then the thread goes on, and the main thread does it too; when they are through, the child does it once more.
    """
    deed = partial(_told, partial(DEEDS[life.order["midst"]], life))
    said, (here, there) = [], socketpair()
    thread = Thread(target=lambda: said.append(deed()))
    thread.start()
    life.numbering.fork_wanted.wait()
    child = os.fork()
    if not child:
        signal.alarm(HANGING)
        here.close()
        met = deed()
        there.send(b".")
        there.recv(1)
        _say(life.order, {"met": met, "said": deed()}, "said-by-child")
        os._exit(0)
    there.close()
    here.recv(1)
    life.numbering.forked.set()
    said.append(deed())
    thread.join()
    here.close()
    _, status = os.waitpid(child, 0)
    return said[0] if status == 0 and said[0] == said[1] else {"end": f"{said}, and the child ended with {status}"}


DEEDS = {
    deed.__name__: deed
    for deed in (
        *(begin, complete, complete_patiently, use, use_patiently, use_in_spite_of_all),
        *(reject, disconnect, reseal, keep_a_spill),
        *(fork_and_use, fork_in_the_midst, leave_a_child_in_the_midst),
    )
}


def _handed(token):
    return {"end": "T", "mark": str(token.mark)}


# -- living ------------------------------------------------------------------------------------------------------------


def live(order):
    """
    Live one life as ordered, and end as ordered: at once, or as programs do.

    What is said at the end is in the file ``said`` of the installation, the calls are in ``calls``.
    """
    signal.alarm(HANGING)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if order.get("handles"):
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))  # noqa: ARG005  # as docs/reliability.md has it
    folder = Path(order["folder"])
    os.dup2(os.open(folder / "stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), sys.stderr.fileno())
    (folder / "process").write_text(str(os.getpid()))
    plan = {number: (way, inner) for number, way, inner in order["plan"]}
    if any(way == "short" for way, _ in plan.values()):
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and so would see an error instead
    try:
        numbering = Numbering(folder / order.get("calls", "calls"), plan)
        said = _told(lambda: DEEDS[order["deed"]](Life(order, numbering)))
    except KeyboardInterrupt:
        sys.exit(130)
    _say(order, said, order.get("said", "said"))
    if not order.get("ends"):
        os._exit(0)


def _told(deed):
    """Return what a deed came to; only what a program may fairly meet is caught."""
    try:
        return deed()
    except (ReauthorizationRequired, CallbackRefused) as error:
        return {"end": error.code, "reason": error.reason.value}
    except MailUpOAuthError as error:
        return {"end": error.code}
    except MemoryError:
        return {"end": "memory"}


def _say(order, said, name):
    """Write down how it ended."""
    (Path(order["folder"]) / name).write_text(json.dumps(said))
