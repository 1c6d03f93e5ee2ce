"""Every reader of what comes from outside takes time in proportion to it (security.md row 73)."""

from typing import get_args

import pytest

from mailup_oauth.adapters.cipher.keys import read_keys
from mailup_oauth.domain.credential import Credential
from mailup_oauth.domain.errors import CallbackFault, KeyUnavailable
from mailup_oauth.domain.provider import MAILUP
from mailup_oauth.domain.wire.answers import read_token_answer
from mailup_oauth.domain.wire.api import read_api_verdict, read_identity
from mailup_oauth.domain.wire.callback import Callback, CallbackUnreadable, read_callback
from mailup_oauth.domain.wire.grammar import shown
from mailup_oauth.domain.wire.headers import LONGEST_WAIT, retry_after
from mailup_oauth.domain.wire.http import Ending, HttpResponse
from mailup_oauth.domain.wire.lifetimes import read_life
from mailup_oauth.domain.wire.outcomes import ApiVerdict, TokenAnswer, UserUnknown
from mailup_oauth.journal import Broken, verify_chain
from mailup_oauth.testing.canary import marked
from mailup_oauth.testing.stage import CONNECTION, Stage

MEBIBYTE = 1 << 20
HOME = "https://app.example/callback"

HARD = {
    "quotes": '"',
    "backslashes": "\\",
    "escaped quotes": '\\"',
    "open strings": '{"',
    "half an answer": '{"refresh_token":"',
    "names without values": '"refresh_token":',
    "open lists": "[",
    "open objects": '{"a":',
    "blanks": " ",
    "digits": "0",
    "minus signs": "-",
    "fractions": "0.",
    "percent signs": "%",
    "half an escape": "%4",
    "ampersands": "&",
    "names": "code=&",
    "schemes": "a+",
    "slashes": "://",
    "letters": "a",
    "beyond ASCII": "\u00e9",
    "byte order marks": "\ufeff",
    "commas": ",",
}
"""What makes a careless reader look at the same place again and again."""

GOOD = ("", '{"refresh_token":"canary",', '{"x":[[],[],[],[],[],[],[],[],[]],"x":"')
"""Beginnings of an answer: none, one to salvage from, and an open string behind brackets enough to be measured."""


@pytest.fixture(params=HARD.values(), ids=HARD)
def hard(request):
    """A mebibyte of one of them."""
    return request.param * (MEBIBYTE // len(request.param))


def marking(secret):
    """Give a secret its mark."""
    return Credential(secret, marked(secret))


@pytest.mark.timeout(20)
def test_sec_73_a_mebibyte_is_read_as_an_answer(hard):
    """As an answer, whole or cut, by itself and behind good beginnings, it has one meaning."""
    texts = [beginning + hard for beginning in GOOD]
    cut = [HttpResponse(status=200, body=text.encode(), ending=Ending.CUT) for text in texts]
    whole = [HttpResponse(status=status, body=text.encode()) for text in texts for status in (200, 400)]

    assert all(isinstance(read_token_answer(one, MAILUP, marking), get_args(TokenAnswer)) for one in (*cut, *whole))
    assert {UserUnknown} == {type(read_identity(one, MAILUP)) for one in whole}
    assert {ApiVerdict.OTHER} == {read_api_verdict(400, (), text.encode()) for text in texts}


@pytest.mark.timeout(20)
def test_sec_73_a_mebibyte_is_read_as_a_callback(hard):
    """As a callback it is refused unread; as much of it as may be read has one meaning."""
    marks = {"redirect_uri": HOME, "provider": MAILUP, "marking": marking}

    assert CallbackUnreadable(CallbackFault.TOO_LARGE) == read_callback(hard, **marks)
    assert isinstance(read_callback(f"{HOME}?{hard[:16_000]}", **marks), CallbackUnreadable)
    assert isinstance(read_callback(f"state=canary&code={hard[:16_000]}", **marks), get_args(Callback))


@pytest.mark.timeout(20)
def test_sec_73_a_mebibyte_is_read_as_a_member(hard):
    """As a life, a wait, a stranger's words or a key file, it is read in one go."""
    assert MAILUP.default_life == read_life(hard, MAILUP)[0]
    assert retry_after((("retry-after", hard), ("date", hard))) <= LONGEST_WAIT
    assert 64 == len(shown(hard, longest=64))
    with pytest.raises(KeyUnavailable):
        read_keys(hard)


@pytest.mark.timeout(20)
def test_sec_73_a_mebibyte_is_read_as_a_record(hard):
    """As the record of a journal it is found not to be one."""
    stage = Stage()
    stage.oauth.begin(CONNECTION)
    row = stage.store.load(CONNECTION)

    assert Broken(sequence=1, what="not a record") == verify_chain(CONNECTION, [hard.encode()], row)
