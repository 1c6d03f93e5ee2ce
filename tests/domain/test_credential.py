"""What may be shown of a secret, and what stands where one was."""

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.credential import WITHHELD, Credential, Mark, Withheld
from mailup_oauth.domain.secret import Secret
from mailup_oauth.testing.strategies import marks

DIGESTS = st.text("0123456789abcdef", min_size=32, max_size=32)
KEYS = st.text("abcdef", max_size=3)
MARK = Mark("k1", "0123456789abcdef" * 2)


def test_a_mark_is_shown_with_its_key():
    """The key's id stands before the digest, so that marks of two installations are never taken for equal."""

    assert "k1:0123456789abcdef0123456789abcdef" == str(MARK)


@given(one=st.builds(Mark, KEYS, DIGESTS), other=st.builds(Mark, KEYS, DIGESTS))
def test_marks_are_equal_as_they_are_shown(one, other):
    """Two marks that look alike are one, and two that do not are two."""

    assert (one == other) is (str(one) == str(other))


def test_all_withheld_values_are_alike():
    """Nothing of a secret is left in the place where it was, not even which one it was."""

    assert Withheld() == WITHHELD
    assert "Withheld()" == repr(WITHHELD)


@given(mark=marks)
def test_sec_47_a_credential_shows_its_mark_only(mark):
    """A credential may be printed: the mark is seen, the secret is not."""
    shown = repr(Credential(Secret("canary"), mark))

    assert f"Credential(value=Secret(…), mark={mark!r})" == shown


def test_a_credential_is_equal_by_secret_and_by_mark():
    """The same mark over another secret, or without one, is another credential."""
    credential = Credential(Secret("canary"), MARK)

    assert credential == Credential(Secret("canary"), MARK)
    assert credential != Credential(Secret("canary-other"), MARK)
    assert credential != Credential(WITHHELD, MARK)


@pytest.mark.parametrize("name", ["value", "mark"])
def test_a_credential_never_changes(name):
    """Neither the secret nor the mark can be exchanged under somebody who holds both."""
    credential = Credential(Secret("canary"), MARK)

    with pytest.raises(FrozenInstanceError):
        setattr(credential, name, WITHHELD)
