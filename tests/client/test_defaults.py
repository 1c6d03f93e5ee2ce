"""What a client is made of when nothing is said, what is refused, and what is not loaded."""

import subprocess
import sys

import pytest

from mailup_oauth import (
    MAILUP,
    STANDARD,
    AsyncMailUpOAuth,
    BadRegistration,
    KeyUnavailable,
    MailUpOAuth,
    PredictableEntropy,
    Registration,
    Secret,
)
from mailup_oauth.adapters.auth.httpx import AsyncMailUpAuth, MailUpAuth
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import read_keys
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.clock.system import SystemClock
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.adapters.guard.host import HostGuard
from mailup_oauth.adapters.guard.process import ProcessGuard
from mailup_oauth.adapters.observe.log import LoggingObserver
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.transport.httpx import HttpxTransport
from mailup_oauth.adapters.transport.sandbox import SandboxTransport
from mailup_oauth.client.defaults import KEY_VARIABLE
from mailup_oauth.testing.entropy import SeededEntropy
from mailup_oauth.testing.stage import CONNECTION, KEYS, Stage

OLD, NEW = f"canary{'A' * 37}", f"canary{'B' * 37}"
"""Two keys."""

FACADES = pytest.mark.parametrize("facade", [MailUpOAuth, AsyncMailUpOAuth])
PLAIN = {
    "transport": HttpxTransport,
    "clock": SystemClock,
    "entropy": SystemEntropy,
    "cipher": CobblestoneCipher,
    "marker": HmacMarker,
    "observer": LoggingObserver,
}
"""What serves a port by default, whatever the store; the guard depends on it."""


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch):
    """Begin without a key."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def registration(redirect_uri="https://app.example/callback"):
    """Return an application."""
    return Registration(client_id="id", client_secret=Secret("canary-client-secret"), redirect_uri=redirect_uri)


class Homeless:
    """A store that is neither in memory nor on this machine's disk."""

    identity = "homeless"


@FACADES
def test_everything_has_a_default(facade):
    """An application and a store are enough; each port is served by the real thing."""
    ports = facade(registration(), store=MemoryStore())._core.ports

    assert {**PLAIN, "guard": ProcessGuard} == {name: type(getattr(ports, name)) for name in (*PLAIN, "guard")}


@FACADES
def test_a_store_on_disk_brings_its_guard_and_its_key(facade, tmp_path):
    """A store with a place of its own is guarded for the whole machine, and its key is beside it."""
    store = SqliteStore(tmp_path / "mailup.db")
    core = facade(registration(), store=store)._core

    assert isinstance(core.ports.guard, HostGuard)
    assert read_keys(store.key_file.read_text()).newest.id == core.setting.credential(Secret("canary")).mark.key
    store.close()


def key_of(oauth):
    """Return the id of the key that a client marks with."""
    return oauth._core.setting.credential(Secret("canary")).mark.key


def test_the_environment_may_bring_the_keys(tmp_path, monkeypatch):
    """Keys of the environment go before a key file, which is then not made; the first of them is used."""
    monkeypatch.setenv(KEY_VARIABLE, f"{NEW},{OLD}")
    store = SqliteStore(tmp_path / "mailup.db")

    assert read_keys(NEW).newest.id == key_of(MailUpOAuth(registration(), store=store))
    assert not store.key_file.exists()
    store.close()


def test_the_older_keys_of_the_environment_still_open(monkeypatch):
    """What was sealed with a key that is not the first any more is still read."""
    stage = Stage()
    monkeypatch.setenv(KEY_VARIABLE, OLD)
    rest = {"transport": stage.transport, "clock": stage.clock, "entropy": stage.entropy}
    stage.oauth = MailUpOAuth(stage.registration, store=stage.store, **rest)
    stage.connect()
    monkeypatch.setenv(KEY_VARIABLE, f"{NEW},{OLD}")
    rotated = MailUpOAuth(stage.registration, store=stage.store, **rest)
    monkeypatch.setenv(KEY_VARIABLE, NEW)
    locked_out = MailUpOAuth(stage.registration, store=stage.store, **rest)

    assert stage.oauth.access_token(CONNECTION).mark == rotated.access_token(CONNECTION).mark
    with pytest.raises(KeyUnavailable):
        locked_out.access_token(CONNECTION)


def test_in_memory_each_client_has_a_key_of_its_own():
    """A store that ends with the process gets a fresh key."""
    store = MemoryStore()

    assert key_of(MailUpOAuth(registration(), store=store)) != key_of(MailUpOAuth(registration(), store=store))


@FACADES
def test_a_store_without_a_place_wants_a_key(facade, monkeypatch):
    """A store of another kind is not used without a key from the environment; none is made up."""
    with pytest.raises(KeyUnavailable):
        facade(registration(), store=Homeless())
    monkeypatch.setenv(KEY_VARIABLE, OLD)

    assert read_keys(OLD).newest.id == key_of(facade(registration(), store=Homeless()))


def test_who_brings_cipher_and_marker_needs_no_key():
    """Where both are the application's, no key is looked for; where one is, the key is for the other."""
    cipher, marker = CobblestoneCipher(KEYS), HmacMarker(KEYS)
    own = MailUpOAuth(registration(), store=Homeless(), cipher=cipher, marker=marker)._core.ports
    half = MailUpOAuth(registration(), store=MemoryStore(), cipher=cipher)._core.ports

    assert (cipher, marker) == (own.cipher, own.marker)
    assert cipher is half.cipher
    assert marker.mark(Secret("canary")) != half.marker.mark(Secret("canary"))


class Notices(list):
    """An observer that is a list, and so is false while it is empty."""

    def notice(self, notice):
        """Take note."""
        self.append(notice.what)


def test_a_port_that_is_empty_is_not_mistaken_for_none(stage):
    """What an application brings is used, though it be false in a condition."""
    notices = Notices()
    stage.client(MailUpOAuth, observer=notices).begin(CONNECTION)

    assert ["AuthorizationBegun"] == notices


@FACADES
def test_sec_53_chance_that_repeats_never_meets_a_real_server(facade):
    """A predictable entropy is refused together with the transport that reaches real servers."""
    with pytest.raises(PredictableEntropy):
        facade(registration(), store=MemoryStore(), entropy=SeededEntropy())


@FACADES
def test_sec_53_chance_that_repeats_is_for_transports_of_tests(facade):
    """It is taken where the transport is the application's own, and what is not predictable is taken with any."""
    seeded, system = SeededEntropy(), SystemEntropy()
    transport = SandboxTransport(Stage().sandbox)

    assert (
        seeded is facade(registration(), store=MemoryStore(), entropy=seeded, transport=transport)._core.ports.entropy
    )
    assert system is facade(registration(), store=MemoryStore(), entropy=system)._core.ports.entropy


def test_sec_53_who_says_to_be_unpredictable_is_believed():
    """An entropy that says of itself that it is not predictable may reach a real server."""
    entropy = SeededEntropy()
    entropy.is_predictable = False

    assert entropy is MailUpOAuth(registration(), store=MemoryStore(), entropy=entropy)._core.ports.entropy


@FACADES
@pytest.mark.parametrize("query", ["mailup_attempt=1", "a=b&mailup_attempt="])
def test_a_redirect_uri_that_holds_the_nonces_place_is_refused(facade, query):
    """An address that already has the member which carries the nonce is refused, before anything is made."""
    with pytest.raises(BadRegistration) as caught:
        facade(registration(f"https://app.example/callback?{query}"), store=Homeless(), provider=MAILUP)

    assert "'mailup_attempt'" in str(caught.value)


def test_that_address_is_no_trouble_where_state_carries_the_nonce():
    """A provider that gives ``state`` back leaves the redirect URI alone."""
    address = "https://app.example/callback?mailup_attempt=1"

    assert MailUpOAuth(registration(address), store=MemoryStore(), provider=STANDARD)


@pytest.mark.parametrize(("facade", "kind"), [(MailUpOAuth, MailUpAuth), (AsyncMailUpOAuth, AsyncMailUpAuth)])
def test_each_facade_has_the_auth_of_its_client(facade, kind):
    """``auth`` is for the kind of ``httpx`` client that goes with the facade."""

    assert isinstance(facade(registration(), store=MemoryStore()).auth(CONNECTION), kind)


LOADED = """
import sys
{program}
print(sorted(name for name in sys.modules if name.startswith(("mailup_oauth.adapters", "httpx", "cryptography"))))
"""
OWN = """
from mailup_oauth import MailUpOAuth, Registration, Secret
from mailup_oauth.engine import FLIGHTS
own = dict.fromkeys(("transport", "clock", "entropy", "cipher", "marker", "spill", "guard", "observer"), FLIGHTS)
registration = Registration(client_id="id", client_secret=Secret("canary"), redirect_uri="https://app.example/")
MailUpOAuth(registration, store=FLIGHTS, **own)
"""


@pytest.mark.parametrize("program", ["import mailup_oauth", OWN], ids=["import", "every port brought"])
def test_no_adapter_is_loaded_before_it_is_needed(program):
    """Importing the library loads no adapter, no HTTP and no cryptography; nor does a client without defaults."""
    ran = subprocess.run(
        [sys.executable, "-c", LOADED.format(program=program)], capture_output=True, text=True, check=True
    )

    assert "[]\n" == ran.stdout
