"""A callback from somewhere else: refused with its reason, counted by the observer, and nobody's attempt is harmed."""

from urllib.parse import parse_qs, urlsplit

import pytest

from mailup_oauth import CallbackFault, CallbackRefused, Secret
from mailup_oauth.domain import events as e
from mailup_oauth.domain.policy import PRODUCTION
from mailup_oauth.sandbox.events import CodeExchanged
from mailup_oauth.testing.stage import CONNECTION

ANOTHER = Secret("canary-of-another-browser")
HOME = "https://app.example/mailup/callback"


@pytest.fixture(autouse=True)
def no_code_is_heard(request, house, ear):
    """Whatever is refused, no code that MailUp gave out was logged or told."""
    yield
    heard = "\n".join((*ear.heard, repr(house.observer.told)))

    assert [] == [code for code in house.codes if code in heard]


@pytest.fixture
def house(house):
    """The installation, which remembers every code that a browser brings it."""
    house.codes = []
    returning = house.returning

    def remembered():
        back = returning()
        house.codes += parse_qs(urlsplit(back.address).query)["code"]
        return back

    house.returning = remembered
    return house


def refused(house, deed):
    """Return why a callback is refused, having seen that nothing was sent and no stored octet changed."""
    error = house.endured(deed)
    assert isinstance(error, CallbackRefused)
    return error.reason


def test_a_callback_for_another_installation_is_unknown_here(house, houses):
    """A nonce that was begun elsewhere is nobody's here, whichever browser brings it; at home it goes on."""
    other = houses("other")
    theirs, mine = other.returning(), house.returning()
    faults = {
        refused(house, lambda key=key: theirs(house.oauth, binding=key)) for key in (theirs.binding, mine.binding)
    }

    assert {CallbackFault.NONCE_UNKNOWN} == faults
    assert ("", "callback:nonce-unknown") == house.observer.told[-1]
    assert ("Authorized", "Authorized") == (theirs(other.oauth).state, mine(house.oauth).state)


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example/mailup/callback",
        "https://app.example.evil.example/mailup/callback",
        "http://app.example/mailup/callback",
        "https://app.example:8443/mailup/callback",
        "https://app.example@evil.example/mailup/callback",
        "https://app.example/mailup/callback/",
        "https://app.example/mailup/other",
        "/",
    ],
)
def test_a_callback_at_another_place_is_refused(house, place):
    """Another host, scheme, port or path than the registered one is not ours, though all the rest is right."""
    back = house.returning()
    fault = refused(house, lambda: back(house.oauth, address=back.address.replace(HOME, place)))

    assert CallbackFault.ELSEWHERE is fault
    assert ("", "callback:elsewhere") == house.observer.told[-1]
    assert "Authorized" == back(house.oauth).state


HOSTILE = {
    "too large": (lambda address: f"{address}&x={'x' * 16 * 1024}", CallbackFault.TOO_LARGE),
    "a code twice": (lambda address: f"{address}&code=canary", CallbackFault.REPEATED_PARAMETER),
    "a state twice": (lambda address: f"{address}&state=a&state=a", CallbackFault.REPEATED_PARAMETER),
    "an error twice": (lambda address: f"{address}&error=a&error=b", CallbackFault.REPEATED_PARAMETER),
    "a null octet": (lambda address: f"{address}%00", CallbackFault.NOT_TEXT),
    "a new line": (lambda address: f"{address}\r\nSet-Cookie: canary", CallbackFault.NOT_TEXT),
    "no nonce": (lambda _: f"{HOME}?code=canary", CallbackFault.NONCE_MISSING),
    "only a fragment": (lambda address: address.replace("?", "#"), CallbackFault.NONCE_MISSING),
    "a made-up nonce": (lambda _: f"{HOME}?code=canary&state=canary", CallbackFault.NONCE_UNKNOWN),
    "nothing": (lambda _: "?", CallbackFault.NONCE_MISSING),
}


@pytest.mark.parametrize(("made", "fault"), HOSTILE.values(), ids=HOSTILE)
def test_fault_M02_M03_M07_a_hostile_callback_is_refused(house, made, fault):
    """What is too large, repeated, no text, or of no attempt is refused unread, and counted by its reason."""
    back = house.returning()

    assert fault is refused(house, lambda: back(house.oauth, address=made(back.address)))
    assert ("", f"callback:{fault.value}") == house.observer.told[-1]
    assert "Authorized" == back(house.oauth).state


def test_fault_M08_a_callback_in_another_browser_is_refused_and_listed(house):
    """Whoever stole the address has nothing: it is refused, the journal lists it, and the right browser goes on."""
    back, sent = house.returning(), len(house.wire.sent)
    with pytest.raises(CallbackRefused) as caught:
        back(house.oauth, binding=ANOTHER)

    assert (CallbackFault.ANOTHER_BROWSER, sent) == (caught.value.reason, len(house.wire.sent))
    assert (CONNECTION, "CallbackRefused") == house.observer.told[-1]
    assert "Authorized" == back(house.oauth).state


def test_fault_M09_an_old_callback_changes_nothing(house):
    """Replayed by another browser it is refused, by the same one it is answered as before; no code leaves again."""
    back = house.returning()
    first, token = back(house.oauth), house.oauth.access_token(CONNECTION)
    sent = len(house.wire.sent)
    with pytest.raises(CallbackRefused) as caught:
        back(house.oauth, binding=ANOTHER)
    again = back(house.oauth)

    assert CallbackFault.ANOTHER_BROWSER is caught.value.reason
    assert (first, sent) == (again, len(house.wire.sent))
    assert token.mark == house.oauth.access_token(CONNECTION).mark
    assert 2 == house.stage.happened(CodeExchanged)


def test_fault_M16_a_flood_is_counted_and_not_listed(house):
    """Of fifty strangers the journal lists the first eight; the observer counts them all; the right one still comes."""
    back, sent, told = house.returning(), len(house.wire.sent), len(house.observer.told)
    for _ in range(50):
        with pytest.raises(CallbackRefused):
            back(house.oauth, binding=ANOTHER)
    listed = [record for record in house.oauth.journal(CONNECTION) if isinstance(record.event, e.CallbackRefused)]
    counted = house.observer.told[told:]

    assert PRODUCTION.refusals_listed == len(listed)
    assert [(CONNECTION, "CallbackRefused")] * 8 + [(CONNECTION, "callback:another-browser")] * 42 == counted
    assert sent == len(house.wire.sent)
    assert "Authorized" == back(house.oauth).state
