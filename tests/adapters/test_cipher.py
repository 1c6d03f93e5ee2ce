"""What is sealed is opened with its own key, in its own place, unchanged, and in no other way (security.md row 50)."""

import base64
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import Key, KeyRing, new_key
from mailup_oauth.domain.errors import KeyUnavailable, StoreCorrupted
from mailup_oauth.journal import open_row
from mailup_oauth.testing.stage import Stage

FORMAT = b"\x01"
HEAD = 9
"""One octet says the format, eight say which key."""

OVERHEAD = HEAD + 72
"""Octets that sealing adds; the 72 are Cobblestone's."""

OLD, NEW = Key(bytes(range(32))), new_key()
CIPHER = CobblestoneCipher(KeyRing((OLD,)))
CONTEXT = b"a row"
SEALED = CIPHER.seal(b"canary", context=CONTEXT)
PUBLISHED = bytes.fromhex(
    "0133333430626135356b66c1e1791fe6d6dfb45baa0aec3016537262193ae931b9d7aad13d6a9ce074e0d6bfea7f1da1"
    "706fe4ac43d216188c7c56a48e95f114826870da5e3cb0b4f1f259bae72501876b38af0a87017e"
)
"""What release 0.1.0 made of ``canary`` with this key and this context."""


def verdict(sealed, *, cipher=CIPHER, context=CONTEXT):
    """Return the kind of error that opening *sealed* ends in."""
    with pytest.raises((StoreCorrupted, KeyUnavailable)) as caught:
        cipher.unseal(sealed, context=context)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return type(caught.value)


@given(plain=st.binary(max_size=300), context=st.binary(max_size=300))
def test_what_is_sealed_is_opened(plain, context):
    """Any octets under any context come back as they were."""

    assert plain == CIPHER.unseal(CIPHER.seal(plain, context=context), context=context)


@pytest.mark.parametrize("size", [0, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 3 << 20])
def test_no_size_is_special(size):
    """Nothing at all, three mebibytes, and what lies just around a chunk come back as they were."""
    plain = bytes(range(256)) * (size // 256 + 1)

    assert plain[:size] == CIPHER.unseal(CIPHER.seal(plain[:size], context=CONTEXT), context=CONTEXT)


@given(around=st.tuples(st.binary(max_size=50), st.binary(max_size=50)), context=st.binary(max_size=50))
def test_sec_50_there_is_no_clear_mode(around, context):
    """No sealed message holds the plain text, as it is, in base64 or in hexadecimal, whatever stands around it."""
    sealed = CIPHER.seal(b"canary".join(around), context=context)
    shapes = {b"canary", b"canary".hex().encode(), base64.b64encode(b"canary")}

    assert set() == {shape for shape in shapes if shape in sealed}


def test_sec_50_a_message_begins_with_its_format_and_the_name_of_its_key():
    """One octet for the format and eight for the key stand in the clear; nothing else is added but 72 octets."""

    assert FORMAT + OLD.id.encode() == SEALED[:HEAD]
    assert OVERHEAD + len("canary") == len(SEALED)


def test_sec_50_equal_secrets_are_sealed_to_different_messages():
    """Every message has a fresh key of its own, so that nobody sees when a token did not change."""

    assert 100 == len({CIPHER.seal(b"canary", context=CONTEXT)[HEAD:] for _ in range(100)})


def test_sec_50_this_release_reads_what_was_published():
    """What release 0.1.0 sealed is opened by every later one."""

    assert b"canary" == CIPHER.unseal(PUBLISHED, context=CONTEXT)


@given(one=st.binary(max_size=20), other=st.binary(max_size=20))
def test_sec_50_another_context_opens_nothing(one, other):
    """What was sealed for one place is damaged in every other."""
    sealed = CIPHER.seal(b"canary", context=one)

    assert one == other or StoreCorrupted is verdict(sealed, context=other)


@pytest.mark.parametrize("bit", [1, 128])
def test_sec_50_a_change_is_found_wherever_it_is(bit):
    """No octet can change: not the format's, not one of the key's name, not one of what is sealed."""
    changed = [SEALED[:at] + bytes([SEALED[at] ^ bit]) + SEALED[at + 1 :] for at in range(len(SEALED))]
    expected = [StoreCorrupted] + [KeyUnavailable] * 8 + [StoreCorrupted] * (len(SEALED) - HEAD)

    assert expected == [verdict(message) for message in changed]


def test_sec_50_what_was_cut_or_added_to_is_found():
    """No beginning of a message, not even an empty one, and no longer message is taken for the whole."""
    others = [SEALED[:length] for length in range(len(SEALED))] + [SEALED + b"\0", SEALED + SEALED[HEAD:]]

    assert {StoreCorrupted} == {verdict(message) for message in others}


@given(junk=st.binary(max_size=200))
def test_sec_50_anything_else_is_refused(junk):
    """Octets that nobody sealed end in one of the two errors, also behind a good beginning."""

    assert verdict(junk) in {StoreCorrupted, KeyUnavailable}
    assert StoreCorrupted is verdict(SEALED[:HEAD] + junk)


def test_sec_50_another_key_opens_nothing():
    """Without its key a message is not opened, and the error names the missing key."""
    with pytest.raises(KeyUnavailable) as caught:
        CobblestoneCipher(KeyRing((NEW,))).unseal(SEALED, context=CONTEXT)

    assert OLD.id in str(caught.value)
    assert caught.value.remedy in str(caught.value)


def test_sec_50_a_key_that_only_claims_the_name_opens_nothing():
    """The name in the clear is believed by nobody: under another key's name a message is damaged."""

    assert StoreCorrupted is verdict(
        FORMAT + NEW.id.encode() + SEALED[HEAD:], cipher=CobblestoneCipher(KeyRing((NEW, OLD)))
    )


def test_sec_50_after_a_rotation_the_old_key_reads_and_the_new_one_writes():
    """A new key in front seals from now on; what an older one sealed is opened as long as it is kept."""
    rotated = CobblestoneCipher(KeyRing((NEW, OLD)))

    assert b"canary" == rotated.unseal(SEALED, context=CONTEXT)
    assert NEW.id.encode() == rotated.seal(b"canary", context=CONTEXT)[1:HEAD]
    assert KeyUnavailable is verdict(rotated.seal(b"canary", context=CONTEXT))


@pytest.fixture(scope="module")
def two():
    """Connect two users in one store, and return the cipher and the two rows."""
    stage = Stage()
    stage.connect("acme")
    stage.connect("ajax", username="m2")
    return stage.oauth._core.setting.cipher, stage.store.load("acme"), stage.store.load("ajax")


MOVES = {
    "the other row": attrs.asdict,
    "the other row's seal": lambda ajax: {"sealed": ajax.sealed},
    "the other row's clear part": lambda ajax: {"clear": ajax.clear},
    "another version": lambda ajax: {"version": ajax.version + 1},
    "no seal": lambda _: {"sealed": b""},
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_sec_50_rows_cannot_be_swapped_or_mixed(two, move):
    """A seal is opened in the row, the version and beside the clear part that it was made for, and nowhere else."""
    cipher, acme, ajax = two

    assert open_row("acme", acme, cipher) != open_row("ajax", ajax, cipher)
    with pytest.raises(StoreCorrupted):
        open_row("acme", attrs.evolve(acme, **move(ajax)), cipher)


def test_eight_threads_share_one_cipher():
    """Sealing and opening by many at once mixes nothing up."""
    plains = [f"canary-{number}".encode() * number for number in range(400)]
    with ThreadPoolExecutor(8) as crowd:
        sealed = list(crowd.map(lambda plain: CIPHER.seal(plain, context=plain), plains))
        opened = list(crowd.map(lambda pair: CIPHER.unseal(pair[0], context=pair[1]), zip(sealed, plains, strict=True)))

    assert plains == opened
