"""Which address is the answer, whoever brings it."""

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth import MAILUP, STANDARD, Secret
from mailup_oauth.adapters.cli.awaiting import belongs, nonce_of

NONCE = "canary-nonce"
CARRIERS = ("state", "mailup_attempt")


def brought(fields):
    """Say whether an answer with these fields belongs to the attempt."""
    return belongs(Secret(NONCE), MAILUP)(f"http://127.0.0.1:1/callback?{urlencode(fields)}\n")


def test_the_nonce_is_the_state_of_the_journey():
    """What has to come back is what the authorization URL sends as ``state``."""

    assert Secret("canary one") == nonce_of(Secret("https://x.example/?a=1&state=canary+one&b=2"))


@given(st.lists(st.tuples(st.sampled_from(CARRIERS), st.sampled_from([NONCE, "canary-other"])), max_size=4))
def test_an_answer_brings_our_nonce_and_no_other(carried):
    """It is ours if at least one nonce comes back and every one that does is ours."""

    assert brought([("code", "canary"), *carried]) is ({NONCE} == {value for _, value in carried})


@given(st.text())
def test_any_text_can_be_judged(text):
    """Whatever is pasted or asked for, the question can be answered; a stranger's text is not ours."""

    assert belongs(Secret(NONCE), MAILUP)(text) is False


def test_a_bare_query_will_do():
    """A person may paste the whole address, its path and query, or the query alone."""
    is_ours = belongs(Secret(NONCE), MAILUP)

    assert [True] * 3 == [
        is_ours(f"{begin}state={NONCE}") for begin in ("http://127.0.0.1/callback?", "/callback?", "")
    ]


def test_where_state_alone_carries_it_the_other_member_means_nothing():
    """A provider that promises ``state`` back is taken at its word."""
    is_ours = belongs(Secret(NONCE), STANDARD)

    assert (False, True) == (is_ours(f"?mailup_attempt={NONCE}"), is_ours(f"?mailup_attempt=canary&state={NONCE}"))
