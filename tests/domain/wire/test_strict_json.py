"""One JSON object out of any bytes, or a named defect."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.domain.wire.outcomes import Defect
from mailup_oauth.domain.wire.strict_json import DEEPEST, LONGEST_NUMBER, read_object

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**60), 10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", Defect.NOT_JSON),
        (b"<html>", Defect.NOT_JSON),
        (b'{"a":1', Defect.NOT_JSON),
        (b'{"a":1} x', Defect.NOT_JSON),
        (b"[]", Defect.NOT_AN_OBJECT),
        (b'"x"', Defect.NOT_AN_OBJECT),
        (b"null", Defect.NOT_AN_OBJECT),
        (b"1", Defect.NOT_AN_OBJECT),
        (b'{"a":"\xff"}', Defect.NOT_JSON),
        (b'{"a":"\xed\xa0\x80"}', Defect.NOT_JSON),
        (b'{"a":"\xc0\xaf"}', Defect.NOT_JSON),
        ('{"a":1}'.encode("utf-16"), Defect.NOT_JSON),
        (b'{"a":"\n"}', Defect.NOT_JSON),
        (b'{"a":NaN}', Defect.NOT_JSON),
        (b'{"a":Infinity}', Defect.NOT_JSON),
        (b'{"a":-Infinity}', Defect.NOT_JSON),
        (b'{"a":1e999}', Defect.NOT_JSON),
        (b'{"a":' + b"9" * (LONGEST_NUMBER + 1) + b"}", Defect.NOT_JSON),
        (b'{"a":' + b"9" * 5000 + b"}", Defect.NOT_JSON),
        (b'{"a":0.' + b"9" * 5000 + b"}", Defect.NOT_JSON),
        (b'{"a":1,"a":2}', Defect.REPEATED_MEMBER),
        (b'{"a":1,"a":true}', Defect.REPEATED_MEMBER),
        (b'{"a":1,"a":1.0}', Defect.REPEATED_MEMBER),
        (b'{"a":{"b":1,"b":2}}', Defect.REPEATED_MEMBER),
        (b'{"a":1,"b":2,"\\u0061":3}', Defect.REPEATED_MEMBER),
    ],
)
def test_sec_34_what_is_not_one_clear_object_is_a_defect(body, expected):
    """Each broken rule of JSON, or of ours, has its name."""
    assert read_object(body) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", {}),
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b' \r\n\t{"a":[1,2.5,null]} ', {"a": [1, 2.5, None]}),
        (b'{"a":1,"a":1}', {"a": 1}),
        (b'{"a":{"b":"x"},"a":{"b":"x"}}', {"a": {"b": "x"}}),
        (b'{"a":' + b"9" * LONGEST_NUMBER + b"}", {"a": int("9" * LONGEST_NUMBER)}),
        (b'{"a":"\\ud800"}', {"a": "\ud800"}),
        (b'{"a":"[[[[[[[[[[[[\\"{{{{"}', {"a": '[[[[[[[[[[[["{{{{'}),
        (b'{"a":[{},{},{},{},{},{},{},{},{}]}', {"a": [{}] * 9}),
        (b'{"a":[[[[[[[]]]]]]],"b":[]}', {"a": [[[[[[[]]]]]]], "b": []}),
    ],
)
def test_sec_34_clear_objects_are_read(body, expected):
    """A byte order mark, equal repeats and brackets inside strings are no defects."""
    assert read_object(body) == expected


@pytest.mark.parametrize(("depth", "is_read"), [(DEEPEST, True), (DEEPEST + 1, False), (30_000, False)])
def test_sec_34_depth_is_bounded_before_the_parser_recurses(depth, is_read):
    """Eight levels are read; one more, or a bomb, is not JSON for us, and no RecursionError."""
    body = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    assert isinstance(read_object(body), dict) is is_read
    assert is_read or read_object(body) is Defect.NOT_JSON


@given(members=st.dictionaries(st.text(), VALUES))
def test_what_a_peer_writes_is_read_back(members):
    """Any object of bounded depth survives the journey, or is refused for its depth or numbers alone."""
    body = json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass")
    seen = read_object(body)

    assert seen in (members, Defect.NOT_JSON)


@given(body=st.binary() | st.text(alphabet='{}[]":,\\ue0129.-nul ').map(str.encode))
def test_sec_34_any_bytes_give_an_object_or_a_defect(body):
    """Nothing else comes out and nothing is raised."""
    assert isinstance(read_object(body), dict | Defect)
