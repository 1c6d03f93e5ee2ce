"""When a browser comes back: who is believed, in which order, and where its code is (security.md 13, 14, 23)."""

import base64
from urllib.parse import quote

import attrs
import pytest

from mailup_oauth import MAILUP, CallbackFault, CallbackRefused, MailUpOAuth, Secret
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.provider import Issuer
from mailup_oauth.domain.wire.callback import LONGEST_ADDRESS
from mailup_oauth.testing.stage import CONNECTION

HOME = "https://app.example/mailup/callback"
ANOTHER = Secret("canary-of-another-browser")
ISSUER = "https://as.example"
F = CallbackFault

ORDER = (
    F.TOO_LARGE,
    F.NOT_TEXT,
    F.REPEATED_PARAMETER,
    F.ELSEWHERE,
    F.NONCE_MISSING,
    F.NONCE_UNKNOWN,
    F.NONCE_MISMATCH,
    F.ANOTHER_BROWSER,
    F.LAPSED,
    F.ISSUER_MISMATCH,
    F.CODE_AND_ERROR,
)
"""What can be wrong with a callback, in the order in which it must be found."""


@pytest.fixture
def issuing(stage, wire):
    """A client of a server that promises ``iss``."""
    stage.provider = attrs.evolve(MAILUP, issuer=ISSUER, issuer_promise=Issuer.ALWAYS_SENT)
    return stage.client(MailUpOAuth, transport=wire)


def address_with(wrong, back):
    """Return a callback address in which all of this is wrong."""
    nonce = back.query["mailup_attempt"]
    nonces = (
        ("state", "canary-of-nobody" if F.NONCE_UNKNOWN in wrong else nonce),
        ("mailup_attempt", "canary-of-another" if F.NONCE_MISMATCH in wrong else nonce),
    )
    members = [
        *(() if F.NONCE_MISSING in wrong else nonces),
        ("code", back.query["code"]),
        ("iss", "https://mallory.example" if F.ISSUER_MISMATCH in wrong else ISSUER),
        *([("error", "access_denied")] if F.CODE_AND_ERROR in wrong else ()),
        *([("code", "canary")] if F.REPEATED_PARAMETER in wrong else ()),
        *([("x", "\0")] if F.NOT_TEXT in wrong else ()),
        *([("x", "x" * LONGEST_ADDRESS)] if F.TOO_LARGE in wrong else ()),
    ]
    place = "https://evil.example/callback" if F.ELSEWHERE in wrong else HOME
    return f"{place}?{'&'.join(f'{name}={quote(value)}' for name, value in members)}"


def fault_of(back, client, **changes):
    """Return why a callback is refused."""
    with pytest.raises(CallbackRefused) as caught:
        back(client, **changes)
    return caught.value.reason


@pytest.mark.parametrize("first", range(len(ORDER)), ids=[fault.value for fault in ORDER])
def test_sec_13_what_is_wrong_first_is_what_is_told(stage, issuing, wire, returning, first):
    """With all that can be wrong from some point of the order on, the reason is the first of it; nothing is sent."""
    back, wrong = returning(issuing), set(ORDER[first:])
    stage.clock.move(stage.policy.attempt_life if F.LAPSED in wrong else stage.policy.attempt_life / 2)
    binding = ANOTHER if F.ANOTHER_BROWSER in wrong else back.start.binding

    assert ORDER[first] is fault_of(back, issuing, address=address_with(wrong, back), binding=binding)
    assert [] == wire.sent


def test_sec_13_with_nothing_wrong_it_is_accepted(issuing, returning):
    """The address that the others are made of is a good one."""
    back = returning(issuing)

    assert "Authorized" == back(issuing, address=address_with(set(), back)).state


def test_sec_13_a_stranger_s_error_ends_nobody_s_attempt(oauth, wire, returning):
    """An error is believed from the browser that began and with its nonce, and from nobody else."""
    back = returning()
    denied = f"{HOME}?error=access_denied&mailup_attempt="
    nonce = back.query["mailup_attempt"]
    faults = [
        fault_of(back, oauth, address=f"{HOME}?error=access_denied"),
        fault_of(back, oauth, address=f"{denied}canary"),
        fault_of(back, oauth, address=f"{denied}{nonce}&state=canary"),
        fault_of(back, oauth, address=f"{denied}{nonce}", binding=ANOTHER),
    ]

    assert [F.NONCE_MISSING, F.NONCE_UNKNOWN, F.NONCE_UNKNOWN, F.ANOTHER_BROWSER] == faults
    assert [] == wire.sent
    assert "Authorized" == back(oauth).state


def test_sec_13_the_right_browser_s_error_ends_its_attempt(oauth, wire, returning):
    """What the user herself said is believed."""
    back = returning()
    denied = f"{HOME}?error=access_denied&mailup_attempt={back.query['mailup_attempt']}"

    assert F.DENIED is fault_of(back, oauth, address=denied)
    assert [] == wire.sent
    assert "denied" == oauth.status(CONNECTION).reason


@pytest.mark.parametrize(
    "issuer",
    ["", "https://AS.example", "https://as.example/", "https://as.example.", "http://as.example", "as.example"],
)
def test_sec_14_an_issuer_is_right_to_the_letter_or_wrong(issuing, wire, returning, issuer):
    """Another writing of the same place is another issuer, and so is none at all where one is promised."""
    back = returning(issuing)

    assert F.ISSUER_MISMATCH is fault_of(back, issuing, address=f"{back.address}&iss={quote(issuer)}")
    assert F.ISSUER_MISMATCH is fault_of(back, issuing)
    assert [] == wire.sent
    assert "Authorized" == back(issuing, address=f"{back.address}&iss={quote(ISSUER)}").state


def test_sec_14_an_issuer_that_nobody_promised_must_be_right_all_the_same(oauth, wire, returning):
    """MailUp promises no ``iss``: none is right, and one that comes is somebody else's."""
    back = returning()

    assert F.ISSUER_MISMATCH is fault_of(back, oauth, address=f"{back.address}&iss={quote(ISSUER)}")
    assert [] == wire.sent
    assert "Authorized" == back(oauth).state


class Spy:
    """A transport that looks at every stored octet while a request is under way."""

    def __init__(self, inner, folder):
        self._inner = inner
        self._folder = folder
        self.seen = []

    def look(self):
        """Read all files."""
        self.seen.append(b"".join(path.read_bytes() for path in self._folder.rglob("*") if path.is_file()))

    def send(self, request, *, deadline):
        """Look, and hand on."""
        self.look()
        return self._inner.send(request, deadline=deadline)

    def close(self):
        """Close what is behind."""
        self._inner.close()


def test_sec_23_a_code_is_in_memory_only(stage, tmp_path, returning, ear):
    """While it is on its way, and afterwards, no file holds a code in any form, sealed or not; nor does a log."""
    stage.store, spy = SqliteStore(tmp_path / "mailup.db"), Spy(stage.transport, tmp_path)
    client = stage.client(MailUpOAuth, transport=spy)
    back = returning(client)
    back(client)
    spy.look()
    code = back.query["code"]
    shapes = {
        code.encode(),
        code.encode().hex().encode(),
        *(base64.b64encode(b"x" * n + code.encode())[4:-4] for n in (0, 1, 2)),
    }

    assert 3 == len(spy.seen)
    assert [] == [shape for shape in shapes for octets in spy.seen if shape in octets]
    assert code not in "\n".join(ear.heard)


def test_sec_23_no_state_holds_a_code_even_sealed(stage, oauth, wire, returning, vault):
    """Before, during and after the exchange, the sealed secrets of a connection are not the code."""
    back = returning()
    seen = [vault()]
    wire.meanwhile = lambda: seen.append(vault())
    back(oauth)
    seen.append(vault())

    assert [1, 1] == [len(wire.forms), sum(form["code"] == back.query["code"] for form in wire.forms)]
    assert 4 == len(seen)
    assert set() == {secret for held in seen for secret in held if back.query["code"] in secret}
