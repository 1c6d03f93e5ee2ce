"""Keys: told apart by their names, read from text, derived for one purpose each, and never shown."""

import re
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailup_oauth import MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.cipher.keys import KEY_OCTETS, Key, KeyRing, new_key, read_keys
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.client.defaults import KEY_VARIABLE
from mailup_oauth.domain.errors import KeyUnavailable

keys = st.binary(min_size=KEY_OCTETS, max_size=KEY_OCTETS).map(Key)
KNOWN = Key(bytes(range(32)))
TEXT = Key(b"a canary that is 32 octets long.").text()
SHAPE = re.compile("[A-Za-z0-9_-]{43}")


def problem_of(text):
    """Return what is said of a text that does not hold keys."""
    with pytest.raises(KeyUnavailable) as caught:
        read_keys(text)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value.problem


def test_new_keys_are_never_the_same():
    """A thousand new keys are a thousand keys of 256 bits."""

    assert 1000 == len({new_key() for _ in range(1000)})
    assert {KEY_OCTETS} == {len(new_key().octets) for _ in range(10)}


@given(key=keys)
def test_a_key_survives_being_written_down(key):
    """Its text is 43 characters of base64url, and reading them gives the key again."""

    assert SHAPE.fullmatch(key.text())
    assert KeyRing((key,)) == read_keys(key.text())


@given(key=keys)
def test_a_name_tells_a_key_from_others_and_nothing_else(key):
    """Its name is eight hexadecimal digits that are no part of the key, nor of its plain digest."""

    assert re.fullmatch("[0-9a-f]{8}", key.id)
    assert key.id not in key.octets.hex() + sha256(key.octets).hexdigest()


def test_names_and_derived_keys_are_those_that_were_published():
    """What a key is called, and what is derived from it by RFC 5869, is a stored format and never changes."""

    assert ("3340ba55", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8") == (KNOWN.id, KNOWN.text())
    assert "2965d0b8feb239f8e888bae7da728027fe58afcb5c5ba7100ad0fb9dd65c39dc" == KNOWN.derived("x").hex()


@given(key=keys, purposes=st.sets(st.text(st.characters(codec="utf-8")), min_size=2, max_size=5))
def test_every_purpose_has_a_key_of_its_own(key, purposes):
    """No two purposes share a derived key, and none is the key itself."""
    derived = {key.derived(purpose) for purpose in purposes}

    assert len(purposes) == len(derived)
    assert key.octets not in derived


def test_a_key_is_not_shown():
    """Printing a key, or a ring of them, shows nothing of it."""

    assert ("Key()", "KeyRing(keys=(Key(),))") == (repr(KNOWN), repr(KeyRing((KNOWN,))))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_key_of_another_size_is_none(size):
    """A key has 256 bits; the error tells the size and not the octets."""
    with pytest.raises(KeyUnavailable) as caught:
        Key((b"canary" * 11)[:size])

    assert f"a key has 32 octets, and this one has {size}" == caught.value.problem


@pytest.mark.parametrize("separator", ["\n", ",", "\r\n", " , ", "\n\n,,\n"])
def test_keys_are_read_in_their_order(separator):
    """Newest first, one a line or between commas; blanks and blank lines are passed over."""
    ring = [new_key() for _ in range(3)]
    text = separator.join(key.text() for key in ring)

    assert ring == list(read_keys(f"\n {text} \n").keys)
    assert ring[0] == read_keys(text).newest


@pytest.mark.parametrize("text", ["", "\n", " ,, \n , "])
def test_no_key_at_all_is_an_error(text):
    """A text of blanks holds no key, and no key is made in its place."""

    assert "the key ring is empty" == problem_of(text)


NEARLY = [
    TEXT[:-1],
    TEXT + "A",
    TEXT + "=",
    TEXT[:-1] + "=",
    TEXT[:-1] + "+",
    TEXT[:-1] + "/",
    TEXT[:20] + " " + TEXT[21:],
    TEXT[:-1] + "é",
    f'"{TEXT}"',
    f"KEY={TEXT}",
    "canary",
]


@pytest.mark.parametrize("garbage", NEARLY)
@pytest.mark.parametrize("before", [0, 1, 4])
def test_a_line_that_is_no_key_is_named_and_not_shown(garbage, before):
    """The error tells the line's number; neither it nor its traceback tells what stands there, or in other lines."""
    text = "\n".join([*[TEXT] * before, garbage, TEXT])

    assert f"line {before + 1} is not a key of 43 characters of base64url" == problem_of(text)


@given(garbage=st.text(st.characters(codec="utf-8"), min_size=1), before=st.integers(0, 3))
@example(garbage="=" * 43, before=0)
def test_any_text_is_keys_or_a_typed_error(garbage, before):
    """Whatever a file holds, reading it gives keys of 256 bits or says which line is none."""
    text = "\n".join([*[TEXT] * before, garbage.strip()])
    try:
        said = {f"{len(key.octets)} octets" for key in read_keys(text).keys}
    except KeyUnavailable as error:
        said = {re.sub(r"\d+", "n", error.problem)}

    assert said <= {"32 octets", "line n is not a key of n characters of basenurl", "the key ring is empty"}


def test_a_key_is_found_by_its_name():
    """The ring gives each of its keys by name, and says which one it does not have."""
    ring = KeyRing((new_key(), KNOWN))
    with pytest.raises(KeyUnavailable) as caught:
        ring.named("ffff\n<b>")

    assert KNOWN is ring.named(KNOWN.id)
    assert "the key 'ffff\\n<b>' is not in the key ring" == caught.value.problem


def client():
    """Return a client that looks for its keys itself."""
    keys = Registration(client_id="id", client_secret=Secret("canary-secret"), redirect_uri="https://app.example/back")
    return MailUpOAuth(keys, store=MemoryStore())


def test_the_environment_gives_the_keys(monkeypatch):
    """``MAILUP_OAUTH_KEY`` holds the keys, newest first; whoever has the same sees the same marks."""
    monkeypatch.setenv(KEY_VARIABLE, f"{TEXT},{KNOWN.text()}")
    marks = {str(client()._core.setting.marker.mark(Secret("canary"))) for _ in range(2)}

    assert {str(HmacMarker(read_keys(TEXT)).mark(Secret("canary")))} == marks


def test_without_a_place_for_keys_every_client_has_its_own(monkeypatch):
    """A store that ends with the process needs no key that outlasts it, and an empty variable is none."""
    monkeypatch.setenv(KEY_VARIABLE, "")
    marks = {str(client()._core.setting.marker.mark(Secret("canary"))) for _ in range(2)}

    assert 2 == len(marks)


def test_a_garbage_key_in_the_environment_is_named_and_not_shown(monkeypatch):
    """A wrong second key stops the start and tells its number; neither key is in the error or its traceback."""
    monkeypatch.setenv(KEY_VARIABLE, f"{TEXT},canary")
    with pytest.raises(KeyUnavailable) as caught:
        client()

    assert "line 2 is not a key of 43 characters of base64url" == caught.value.problem
