"""A new refresh token is found in whatever is left of an answer, and never invented."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.secret import Secret
from mailup_oauth.domain.wire.grammar import LONGEST_TOKEN
from mailup_oauth.domain.wire.outcomes import Defect, OutcomeUnknown, Salvaged
from mailup_oauth.domain.wire.salvage import spoilt

VISIBLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)


@pytest.mark.parametrize(
    ("body", "token"),
    [
        (b'{"refresh_token":"canary-new"}', "canary-new"),
        (b'{"refresh_token":"canary-new"', "canary-new"),
        (b'\xef\xbb\xbf \r\n{ "refresh_token" :\t"canary-new" , ', "canary-new"),
        (b'{"access_token":"canary-a","expires_in":3600,"refresh_token":"canary-new","tok', "canary-new"),
        (b'{"access_token":"\xff\xfe","refresh_token":"canary-new"}', "canary-new"),
        (b'{"n":NaN,"l":[{"x":"}"}],"refresh_token":"canary-new"}', "canary-new"),
        (b'{"refresh_token":"canary\\u002Bnew\\/\\"\\\\"}', 'canary+new/"\\'),
        (b'{"refresh_token":"canary-new","refresh_token":"canary-new"}', "canary-new"),
        (b'{"refresh_token":null,"refresh_token":"canary-new"}', "canary-new"),
        (b'{"hint":"refresh_token","refresh_token":"canary-new"}', "canary-new"),
    ],
)
def test_a_whole_refresh_token_is_salvaged(marking, body, token):
    """A top-level refresh token with its closing quote is saved, whatever is wrong around it."""
    saved = Salvaged(refresh=marking(Secret(token)), defect=Defect.NOT_JSON)

    assert spoilt(body, Defect.NOT_JSON, marking) == saved


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"refresh_token"',
        b'{"refresh_token":',
        b'{"refresh_token":"canary-cut',
        b'{"refresh_token":"canary-cut\\',
        b'{"refresh_token":"canary-cut\\"',
        b'{"refresh_token":""}',
        b'{"refresh_token":null}',
        b'{"refresh_token":7,"x":"canary"}',
        b'{"refresh_token":["canary"]}',
        b'{"refresh_token":"canary\\u00e9"}',
        b'{"refresh_token":"canary\\ud800"}',
        b'{"refresh_token":"canary\xff"}',
        b'{"refresh_token":"canary\n"}',
        b'{"refresh_token":"canary\\x"}',
        b'{"refresh_token":"' + b"c" * (LONGEST_TOKEN + 1) + b'"}',
        b'{"refresh_token":"canary-1","refresh_token":"canary-2"}',
        b'{"refresh_token":"canary-1","refresh_token":"canary-2',
        b'{"request":{"refresh_token":"canary-old"}}',
        b'[{"refresh_token":"canary-deep"}]',
        b'{"error_description":"{\\"refresh_token\\":\\"canary-echo\\"}"}',
        b'{"x":"refresh_token","canary":"y"}',
        b'<html><script>x={"refresh_token":"canary-page"}</script>',
        b'"refresh_token":"canary-bare"',
        b'X{"refresh_token":"canary-behind"}',
    ],
)
def test_what_is_not_one_whole_refresh_token_is_left(marking, body):
    """Cut, empty, nested, echoed, malformed or ambiguous tokens are not used."""
    assert spoilt(body, Defect.BODY_CUT, marking) == OutcomeUnknown(defect=Defect.BODY_CUT)


@given(token=VISIBLE, other=st.text(), cut=st.integers(min_value=0))
def test_fault_N12_a_body_cut_anywhere_gives_the_token_or_nothing(marking, token, other, cut):
    """Wherever the connection broke, the whole token is saved or none is, never a part of it."""
    body = json.dumps({"access_token": other, "refresh_token": token, "z": other}).encode()
    end = body.index(b'"z":') - 2
    where = cut % (len(body) + 1)
    left = spoilt(body[:where], Defect.BODY_CUT, marking)
    whole = Salvaged(refresh=marking(Secret(token)), defect=Defect.BODY_CUT)

    assert left == (whole if where >= end else OutcomeUnknown(defect=Defect.BODY_CUT))


@given(body=st.binary() | st.text(alphabet='{}[]":,\\ 1').map(lambda text: f'{{"refresh_token":{text}'.encode()))
def test_any_bytes_are_salvaged_or_given_up(marking, body):
    """Nothing else comes out and nothing is raised."""
    assert isinstance(spoilt(body, Defect.NOT_JSON, marking), Salvaged | OutcomeUnknown)
