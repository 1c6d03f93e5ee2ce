"""What a hostile browser, a hostile server or a hostile file brings: a typed end, nothing sent, nobody honest harmed."""

import tracemalloc
from urllib.parse import quote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailup_oauth import CallbackFault, CallbackRefused, MailUpOAuthError, Secret, TemporarilyUnavailable
from mailup_oauth.domain.wire.http import Ending, HttpResponse
from mailup_oauth.sandbox.commands import Answer
from mailup_oauth.testing.stage import CONNECTION, Stage

HOME = "https://app.example/mailup/callback"
STRANGER = Secret("canary-of-a-stranger")
MIB = 1024 * 1024
F = CallbackFault


@attrs.frozen
class Visitor:
    """An honest user on the way back, among strangers."""

    stage: Stage
    start: object
    address: str

    @property
    def nonce(self):
        """The attempt's nonce, as a stranger may have seen it."""
        return self.address.partition("mailup_attempt=")[2].partition("&")[0]

    @property
    def code(self):
        """The code."""
        return self.address.partition("code=")[2].partition("&")[0]

    def refusal(self, address, binding=None):
        """Bring another address, and return why it is refused; nothing was sent, and little memory was taken."""
        sent = len(self.stage.sandbox.events)
        tracemalloc.start()
        try:
            with pytest.raises(CallbackRefused) as caught:
                self.stage.oauth.complete(address, binding=binding or self.start.binding)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (sent, True) == (len(self.stage.sandbox.events), most < MIB + 4 * len(address))
        return caught.value.reason

    def arrives(self):
        """Say whether the honest user can still finish."""
        return self.stage.oauth.complete(self.address, binding=self.start.binding).connected


@pytest.fixture
def visitor():
    """Give a user who is on the way back."""
    stage = Stage()
    start = stage.oauth.begin(CONNECTION)
    return Visitor(stage, start, stage.visit(start))


@given(octets=st.binary(max_size=300))
def test_fault_M01_random_octets_as_a_query_are_refused(octets):
    """Whatever octets come, in whatever coding a framework hands them over, the end is one of the closed set."""
    oauth = Stage().oauth
    for text in (octets.decode("latin-1"), octets.decode("utf-8", "surrogateescape"), quote(octets)):
        with pytest.raises(CallbackRefused):
            oauth.complete(f"{HOME}?{text}", binding=STRANGER)


@pytest.mark.parametrize("name", ["code", "state", "mailup_attempt"])
def test_fault_M03_a_parameter_of_a_mebibyte_is_refused_unread(visitor, name):
    """What is longer than any callback is refused by its length."""
    assert F.TOO_LARGE is visitor.refusal(f"{visitor.address}&{name}={'x' * MIB}")
    assert visitor.arrives()


def test_fault_M04_a_hundred_thousand_parameters_are_refused_unread(visitor):
    """They are not even taken apart."""
    many = "&".join(f"p{number}=1" for number in range(100_000))

    assert F.TOO_LARGE is visitor.refusal(f"{visitor.address}&{many}")
    assert visitor.arrives()


@pytest.mark.parametrize("name", ["state[]", "state[0]", "state%5B%5D", "state.x", "STATE"])
def test_fault_M05_nested_names_are_other_names(visitor, name):
    """No framework's idea of lists and objects makes a parameter out of another one's name."""
    address = f"{HOME}?code={visitor.code}&{name}={visitor.nonce}"

    assert F.NONCE_MISSING is visitor.refusal(address)
    assert visitor.arrives()


def test_fault_M06_only_the_query_is_read(visitor):
    """A callback comes as an address; there is no door for a body, and a query of another address is not joined to it."""
    bare = visitor.address.partition("?")[0]

    assert F.NONCE_MISSING is visitor.refusal(bare)
    assert {F.NONCE_MISSING, F.ELSEWHERE} >= {visitor.refusal(f"{bare}/?{visitor.address.partition('?')[2]}")}
    assert visitor.arrives()


def test_fault_M10_another_tenant_s_state_leads_to_nobody_else(visitor):
    """A nonce of another connection in the state, with one's own in the redirect URI, is refused."""
    other = visitor.stage.oauth.begin("beta")
    foreign = visitor.stage.visit(other, username="m2").partition("mailup_attempt=")[2].partition("&")[0]

    assert F.NONCE_MISMATCH is visitor.refusal(
        f"{visitor.address}&state={foreign}".replace(f"&state={visitor.nonce}", "", 1)
    )
    assert visitor.arrives()
    assert not visitor.stage.oauth.status("beta").connected


def test_fault_M11_an_error_beside_a_code_is_refused(visitor):
    """Neither is believed, and the attempt is not over."""
    assert F.CODE_AND_ERROR is visitor.refusal(f"{visitor.address}&error=access_denied")
    assert visitor.arrives()


def test_fault_M12_a_denial_without_a_nonce_ends_no_attempt(visitor):
    """Anybody can send a browser to an address that says no; it is nobody's no."""
    assert F.NONCE_MISSING is visitor.refusal(f"{HOME}?error=access_denied")
    assert visitor.arrives()


def test_fault_M12_a_denial_in_another_browser_ends_no_attempt(visitor):
    """Whoever knows the nonce alone cannot say no for the user."""
    denial = f"{HOME}?mailup_attempt={visitor.nonce}&error=access_denied"

    assert F.ANOTHER_BROWSER is visitor.refusal(denial, STRANGER)
    assert visitor.arrives()


def test_fault_M12_a_denial_is_the_user_s_own(visitor):
    """The control: the user's own no ends the attempt."""
    start = visitor.stage.oauth.begin("beta")
    address = visitor.stage.visit(start, username="m2", answer=Answer.DENY)
    with pytest.raises(CallbackRefused) as caught:
        visitor.stage.oauth.complete(address, binding=start.binding)

    assert F.DENIED is caught.value.reason


def test_fault_M14_a_fragment_is_not_a_query(visitor):
    """What a browser never sends to a server is not read, even when somebody pastes it."""
    assert F.NONCE_MISSING is visitor.refusal(visitor.address.replace("?", "#", 1))
    assert visitor.arrives()


def test_fault_M16_a_flood_of_ten_thousand_strangers_leaves_no_trace(visitor):
    """Random nonces are counted by the observer: no row, no record, and the honest user is still awaited."""
    before = visitor.stage.store.connections(), len(list(visitor.stage.oauth.journal(CONNECTION)))
    for number in range(10_000):
        with pytest.raises(CallbackRefused):
            visitor.stage.oauth.complete(f"{HOME}?code=x&state={number:043}", binding=STRANGER)

    assert before == (visitor.stage.store.connections(), len(list(visitor.stage.oauth.journal(CONNECTION))))
    assert visitor.arrives()


HOSTILE = {
    "page": (200, b"<!doctype html><p>maintenance"),
    "nothing": (200, b""),
    "null": (200, b"null"),
    "array": (200, b'["canary"]'),
    "deep": (200, b"[" * 60_000),
    "twice": (200, b'{"access_token":"canary-a","refresh_token":"canary-b","refresh_token":"canary-c"}'),
    "not a number": (200, b'{"access_token":"canary-a","expires_in":NaN}'),
    "bad text": (200, b'{"access_token":"\xff"}'),
    "elsewhere": (307, b""),
    "endless": (200, b" " * 65_536),
    "teapot": (418, b"short and stout"),
}


class Hostile:
    """A transport behind which somebody else answers."""

    def __init__(self, status, body):
        self.answer = HttpResponse(
            status=status,
            headers=(("content-type", "application/json"), ("location", "https://evil.example/")),
            body=body,
            ending=Ending.WHOLE,
        )

    def send(self, request, *, deadline):  # noqa: ARG002  # whatever is asked
        """Answer."""
        return self.answer

    def close(self):
        """Keep nothing."""


@pytest.mark.parametrize(("status", "body"), HOSTILE.values(), ids=HOSTILE)
def test_fault_M17_a_hostile_answer_costs_no_authorization(status, body):
    """Whatever answers in the server's place, the caller gets a typed error, and the real one is asked again later."""
    stage = Stage()
    stage.connect()
    stage.expire()
    hostile = stage.client(type(stage.oauth), transport=Hostile(status, body))
    with pytest.raises(MailUpOAuthError) as caught:
        hostile.access_token(CONNECTION)
    stage.clock.move(caught.value.retry_after)

    assert isinstance(caught.value, TemporarilyUnavailable)
    assert stage.oauth.access_token(CONNECTION).expires_at > stage.clock.now()
