"""The two encodings of a posted form: a multipart one means the same, and nothing that looks like one harms."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth.sandbox.asking import Door
from mailup_oauth.sandbox.messages import FORM, Request, parameters

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12)
BOUNDARY = "canary-boundary"


def multipart(form, boundary=BOUNDARY, named=BOUNDARY):
    """Return a request whose body is *form*, a part each."""
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form.items()
    )
    body = f"{''.join(parts)}--{boundary}--\r\n".encode()
    headers = (("Content-Type", f'multipart/form-data; boundary="{named}"'),)
    return Request(method="POST", path=Door.LOG_ON.value, headers=headers, body=body)


@given(form=st.dictionaries(NAMES, WORDS, max_size=5))
def test_both_encodings_mean_the_same(form):
    """Any form is read alike, however it is encoded."""
    encoded = urlencode(form).encode()
    plain = Request(method="POST", path="/", headers=(("content-type", FORM),), body=encoded)

    assert form == parameters(plain) == parameters(multipart(form))


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("multipart/form-data", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--'),
        ("multipart/form-data; boundary=y", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\nb\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--"),
        ("multipart/form-data; boundary=x", b""),
    ],
)
def test_what_is_not_quite_multipart_holds_nothing(header, body):
    """Without its boundary, its name or its blank line a part is no part."""
    request = Request(method="POST", path="/", query="c=d", headers=(("content-type", header),), body=body)

    assert {"c": "d"} == parameters(request)


def test_of_a_repeated_part_the_first_counts():
    """As in the other encoding, the first of a repeated name wins."""
    part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}\r\n'
    body = f"{part.format(1)}{part.format(2)}--x--\r\n".encode()
    request = Request(
        method="POST", path="/", headers=(("content-type", "multipart/form-data; boundary=x"),), body=body
    )

    assert {"a": "1"} == parameters(request)


def test_log_on_takes_a_multipart_form(play):
    """An application may post its request to LogOn as multipart form data, as a 2016 test collection does."""
    asked = {"client_id": play.client["client_id"], "response_type": "code", "redirect_uri": "https://app.example/"}
    answer = play.service.handle(multipart(asked))

    assert (200, True) == (answer.status, b'name="password"' in answer.body)
