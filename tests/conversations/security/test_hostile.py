"""What an enemy brings: repeated, endless, garbled or loud; read in proportion, refused in words (rows 15, 17, 18)."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth import CallbackFault, CallbackRefused, Secret
from mailup_oauth.domain import events as e
from mailup_oauth.domain.wire.callback import LONGEST_ADDRESS, LONGEST_CODE, LONGEST_NONCE
from mailup_oauth.testing.stage import CONNECTION, Stage

HOME = "https://app.example/mailup/callback"
ANOTHER = Secret("canary-of-another-browser")
F = CallbackFault


def fault_of(back, client, **changes):
    """Return why a callback is refused."""
    with pytest.raises(CallbackRefused) as caught:
        back(client, **changes)
    return caught.value.reason


@pytest.mark.parametrize("name", ["code", "state", "iss", "error", "mailup_attempt"])
@pytest.mark.parametrize("values", [("canary", "canary"), ("canary", "other"), ("", ""), ("", "canary")])
def test_sec_15_a_parameter_given_twice_is_refused(oauth, wire, returning, name, values):
    """Equal, different or empty: no framework's pick is waited for, and the attempt goes on."""
    back = returning()
    twice = "".join(f"&{name}={value}" for value in values)

    assert F.REPEATED_PARAMETER is fault_of(back, oauth, address=back.address + twice)
    assert [] == wire.sent
    assert "Authorized" == back(oauth).state


@pytest.fixture(scope="module")
def pending():
    """A user who is on the way, while strangers come."""
    stage = Stage()
    start = stage.oauth.begin(CONNECTION)
    return stage, stage.visit(start)


PIECES = (
    "code=",
    "state=",
    "iss=",
    "error=",
    "mailup_attempt=",
    "&",
    "=",
    ";",
    "#",
    "?",
    "/",
    "%",
    "%00",
    "%C3",
    "+",
    HOME,
)


@given(pieces=st.lists(st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=3) | st.none()))
def test_sec_17_whatever_a_stranger_brings_is_a_typed_refusal(pending, pieces):
    """Any text, the right nonce in any place of it too, raises one error, sends nothing and harms no attempt."""
    stage, arrived = pending
    nonce = arrived.partition("mailup_attempt=")[2].partition("&")[0]
    events = len(stage.sandbox.events)
    with pytest.raises(CallbackRefused):
        stage.oauth.complete("".join(nonce if piece is None else piece for piece in pieces), binding=ANOTHER)

    assert events == len(stage.sandbox.events)
    assert "callback" == stage.oauth.status(CONNECTION).owed


SIZES = {
    "the whole": ("code={code}&state={nonce}&x=" + "x" * LONGEST_ADDRESS, F.TOO_LARGE),
    "the code": ("code=" + "c" * (LONGEST_CODE + 1) + "&state={nonce}", F.CODE_MALFORMED),
    "the nonce": ("code={code}&state=" + "s" * (LONGEST_NONCE + 1), F.NONCE_UNKNOWN),
    "not ASCII": ("code={code}%C3%A9&state={nonce}", F.CODE_MALFORMED),
    "a null octet": ("code={code}&state={nonce}%00", F.NOT_TEXT),
    "a new line": ("code={code}&state={nonce}%0D%0AX:1", F.NOT_TEXT),
    "a surrogate": ("code={code}%ED%A0%80&state={nonce}", F.NOT_TEXT),
    "overlong UTF-8": ("code={code}%C0%AF&state={nonce}", F.NOT_TEXT),
    "no code": ("code=&state={nonce}", F.CODE_MISSING),
}


@pytest.mark.parametrize(("query", "fault"), SIZES.values(), ids=SIZES)
def test_sec_17_sizes_and_characters_are_bounded(oauth, wire, returning, query, fault):
    """From the right browser too, what no server gives out is refused, and the good callback still counts."""
    back = returning()
    address = query.format(code=back.query["code"], nonce=back.query["mailup_attempt"])

    assert fault is fault_of(back, oauth, address=address)
    assert [] == wire.sent
    assert "Authorized" == back(oauth).state


@pytest.mark.parametrize(
    "words", ['"<script>alert(1)</script>\\', "\u202eevil\u2028", "%E2%80%AE", "x" * 5000, "{{7*7}}"]
)
def test_sec_18_a_stranger_s_words_are_cut_cleaned_and_not_repeated(oauth, returning, ear, words):
    """The journal has at most 64 harmless characters of an error, and no exception or log line has any of it."""
    back = returning()
    told = "&".join(f"{name}={quote(words)}" for name in ("error", "error_description", "error_uri"))
    with pytest.raises(CallbackRefused) as caught:
        back(oauth, address=f"{HOME}?{told}&mailup_attempt={back.query['mailup_attempt']}")
    (denied,) = [
        record.event for record in oauth.journal(CONNECTION) if isinstance(record.event, e.AuthorizationDenied)
    ]
    heard = "\n".join([str(caught.value), repr(caught.value), *ear.heard])

    assert F.APPLICATION_REFUSED is caught.value.reason
    assert len(denied.error) <= 64
    assert set() == {character for character in denied.error if not " " <= character <= "~" or character in '"\\'}
    assert words[:20] not in heard
