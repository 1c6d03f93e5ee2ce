"""Marks: they say "the same one again" inside one installation, and nothing to anybody else (security.md row 51)."""

import re

from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.adapters.cipher.keys import Key, KeyRing, new_key
from mailup_oauth.adapters.cipher.marker import HmacMarker
from mailup_oauth.domain.credential import Mark
from mailup_oauth.domain.secret import Secret

KNOWN, OTHER = Key(bytes(range(32))), new_key()
HERE, ELSEWHERE = HmacMarker(KeyRing((KNOWN,))), HmacMarker(KeyRing((OTHER,)))
tokens = st.text(st.characters(exclude_categories=()), min_size=4).map(lambda text: f"canary{text}")
"""Any text, lone surrogates too, for JSON can carry them."""


@given(token=tokens)
def test_sec_51_equal_secrets_have_equal_marks(token):
    """Under one key the same secret has the same mark each time, for every object that has the key."""

    assert HERE.mark(Secret(token)) == HmacMarker(KeyRing((KNOWN, OTHER))).mark(Secret(token))


@given(one=tokens, other=tokens)
def test_sec_51_other_secrets_have_other_marks(one, other):
    """Two marks are equal if and only if their secrets are."""

    assert (one == other) is (HERE.mark(Secret(one)) == HERE.mark(Secret(other)))


@given(token=tokens)
def test_sec_51_two_installations_cannot_compare(token):
    """The same token has another digest in another installation, under a key of another name."""
    here, elsewhere = HERE.mark(Secret(token)), ELSEWHERE.mark(Secret(token))

    assert (KNOWN.id, OTHER.id) == (here.key, elsewhere.key)
    assert here.digest != elsewhere.digest


@given(token=tokens)
def test_sec_51_a_mark_is_32_digits_and_no_part_of_its_token(token):
    """128 bits as hexadecimal digits are shown, and no four characters of the token are among them."""
    shown = str(HERE.mark(Secret(f"{token}zzzz")))
    pieces = {token[at : at + 4] for at in range(len(token) - 3) if not re.fullmatch("[0-9a-f]+", token[at : at + 4])}

    assert re.fullmatch("[0-9a-f]{8}:[0-9a-f]{32}", shown)
    assert set() == {piece for piece in pieces if piece in shown}


def test_sec_51_a_mark_is_not_made_with_the_key_that_seals():
    """The marking key is derived for marking alone, and the marks of release 0.1.0 are those of every later one."""

    assert Mark("3340ba55", "9b5a9d54f4a952c79c576952bca9708b") == HERE.mark(Secret("canary"))


def test_sec_51_the_newest_key_marks():
    """After a rotation marks are made with the new key, and never taken for equal to older ones."""
    rotated = HmacMarker(KeyRing((OTHER, KNOWN)))

    assert ELSEWHERE.mark(Secret("canary")) == rotated.mark(Secret("canary")) != HERE.mark(Secret("canary"))
