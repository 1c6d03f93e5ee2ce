"""Before the browser leaves: what goes out with it, what stays here, and how much of it (security.md rows 2 to 12)."""

import base64
import re
from urllib.parse import unquote, urlsplit

import attrs
import pytest

from mailup_oauth import MAILUP, MailUpOAuth, Secret
from mailup_oauth.adapters.entropy.system import SystemEntropy
from mailup_oauth.domain import commands as c
from mailup_oauth.domain import errors
from mailup_oauth.domain import states as s
from mailup_oauth.domain.provider import Issuer
from mailup_oauth.domain.wire.callback import nonce_digest
from mailup_oauth.ports import Absent
from mailup_oauth.sandbox import switches as sw
from mailup_oauth.testing import scenario as scene
from mailup_oauth.testing.stage import CONNECTION, Stage

APPENDIX_B = ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
"""The verifier and the challenge of RFC 7636 appendix B."""

KEPT = 5
"""Attempts of one connection that are remembered."""


def test_sec_02_ten_thousand_states_are_as_many_secrets_of_256_bits():
    """What the system's chance gives is 32 octets as 43 characters of base64url, and never the same twice."""
    states = {SystemEntropy().token().reveal() for _ in range(10_000)}

    assert 10_000 == len(states)
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}", state) for state in states)
    assert {32} == {len(base64.urlsafe_b64decode(f"{state}=")) for state in states}


def test_sec_02_the_state_is_what_chance_gave_and_nothing_else(oauth, dice):
    """Each attempt draws three secrets: the state, the verifier and the binding, none of them ever used again."""
    starts = [oauth.begin(f"acme-{number % 7}") for number in range(100)]
    states = [dict(part.split("=") for part in urlsplit(start.url.reveal()).query.split("&")) for start in starts]
    drawn = [secret.reveal() for secret in dice.drawn]

    assert 300 == len(drawn) == len(set(drawn))
    assert drawn[::3] == [unquote(asked["state"]) for asked in states]
    assert drawn[2::3] == [start.binding.reveal() for start in starts]


def test_sec_03_a_state_works_in_its_own_browser_once_and_in_time(stage, oauth, wire, returning):
    """Another browser, a second time and ten minutes later: none of them makes a token request."""
    first, second, late = returning(), returning(), returning()
    faults = []
    first(oauth)
    sent = len(wire.sent)
    for back, changes in ((second, {"binding": first.start.binding}), (first, {"binding": second.start.binding})):
        with pytest.raises(errors.CallbackRefused) as caught:
            back(oauth, **changes)
        faults.append(caught.value.reason)
    again = first(oauth)
    stage.clock.move(stage.policy.attempt_life)
    with pytest.raises(errors.CallbackRefused) as caught:
        late(oauth)

    assert [errors.CallbackFault.ANOTHER_BROWSER] * 2 == faults
    assert ("Authorized", errors.CallbackFault.LAPSED) == (again.state, caught.value.reason)
    assert sent == len(wire.sent)


class Script:
    """An entropy that gives what it was told to."""

    def __init__(self, *tokens):
        self._tokens = [Secret(token) for token in tokens]

    def token(self):
        """Give the next one."""
        return self._tokens.pop(0)

    def chance(self):
        """Give no surprise."""
        return 0.5


def test_sec_04_the_vector_of_rfc_7636(stage, wire, returning):
    """A verifier that is drawn leaves as the challenge of appendix B, with S256, and as itself with the code only."""
    verifier, challenge = APPENDIX_B
    stage.switch(sw.Switches(pkce=sw.Pkce.CHECKED))
    client = stage.client(MailUpOAuth, transport=wire, entropy=Script("canary-state", verifier, "canary-binding"))
    back = returning(client)
    status = back(client)

    assert (challenge, "S256") == (back.asked["code_challenge"], back.asked["code_challenge_method"])
    assert verifier not in back.start.url.reveal()
    assert ("Authorized", [verifier]) == (status.state, [form["code_verifier"] for form in wire.forms])


def test_sec_04_a_verifier_stays_here_until_the_exchange(stage, oauth, wire, dice, returning):
    """It is in no address, no record and no clear part of a row; and once it was sent it is kept nowhere."""
    back = returning()
    verifier = dice.drawn[1].reveal()
    clear = b"".join((stage.store.load(CONNECTION).clear, *stage.store.records(CONNECTION)))
    back(oauth)

    assert verifier not in back.start.url.reveal() + back.address + clear.decode()
    assert [verifier] == [form["code_verifier"] for form in wire.forms]
    assert verifier not in "".join(request.url for request in wire.sent)


def test_sec_04_a_used_verifier_is_forgotten(oauth, dice, returning, vault):
    """The sealed part holds a verifier while its attempt is awaited, and not afterwards."""
    back = returning()
    before = vault()
    back(oauth)

    assert dice.drawn[1].reveal() in before - vault()


@pytest.mark.parametrize(
    "registered",
    [
        "https://app.example",
        "https://app.example/mailup/callback/",
        "https://App.Example/MailUp/Callback",
        "https://app.example/%7Eacme/a%2Fb/",
        "https://app.example/cb?page=%7e&Q=A+B",
        "http://127.0.0.1:5000/cb",
    ],
)
def test_sec_06_the_redirect_uri_is_the_same_to_the_byte_at_both_steps(stage, wire, returning, registered):
    """It begins with the registered bytes, in the authorization URL and in the exchange, whatever they look like."""
    stage.switch(sw.Switches(redirect_check=sw.RedirectCheck.AT_TOKEN))
    stage.registration = attrs.evolve(stage.registration, redirect_uri=registered)
    client = stage.client(MailUpOAuth, transport=wire)
    back = returning(client)
    status = back(client)
    body = wire.sent[0].body.reveal()
    raw = [
        re.search("(?:^|&)redirect_uri=([^&]*)", text)[1] for text in (urlsplit(back.start.url.reveal()).query, body)
    ]

    assert raw[0] == raw[1]
    assert unquote(raw[0]).startswith(registered)
    assert "Authorized" == status.state


def test_sec_09_no_scope_is_ever_asked_for(oauth, wire, connected):
    """Neither the authorization URL, nor the exchange, nor a refresh names one."""
    oauth.access_token(CONNECTION)
    forms = wire.forms

    assert ["authorization_code", "refresh_token"] == [form["grant_type"] for form in forms]
    assert [] == [asked for asked in (connected.asked, *forms) if "scope" in asked]


def test_sec_11_ten_thousand_beginnings_are_remembered_as_five():
    """However often somebody begins, the newest five attempts are known and no more."""
    play = scene.given(s.INITIAL)
    sizes = set()
    for number in range(10_000):
        play = play.when(
            c.BeginAuthorization(
                now=scene.NOW,
                attempt=scene.attempt_id(number),
                binding=scene.binding(number),
                rule=scene.browser().rule,
                verifier=scene.credential("verifier"),
                redirect_uri=scene.credential("redirect-uri"),
            )
        )
        sizes.add(len(play.state.attempts))

    assert set(range(1, KEPT + 1)) == sizes
    assert [scene.attempt_id(number) for number in range(9_995, 10_000)] == [
        attempt.browser.id for attempt in play.state.attempts
    ]


def test_sec_11_rows_and_index_do_not_grow(stage, oauth, dice):
    """After two hundred beginnings a row is as large as after six, and only five nonces lead to it."""
    sizes = []
    for _ in range(200):
        oauth.begin(CONNECTION)
        row = stage.store.load(CONNECTION)
        sizes.append(len(row.clear) + len(row.sealed))
    found = [stage.store.find(nonce_digest(nonce)) for nonce in dice.drawn[::3]]

    assert max(sizes[KEPT:]) == min(sizes[KEPT:])
    assert [Absent()] * 195 + [CONNECTION] * KEPT == found


def test_sec_12_a_code_of_one_server_is_unknown_to_the_client_of_another(oauth, wire, returning):
    """Brought to another server's client, a callback belongs to no attempt, and neither server is asked anything."""
    other = Stage(seed="other")
    back = returning()
    with pytest.raises(errors.CallbackRefused) as caught:
        back(other.oauth)

    assert (errors.CallbackFault.NONCE_UNKNOWN, []) == (caught.value.reason, wire.sent)
    assert () == other.sandbox.events
    assert "Authorized" == back(oauth).state


def test_sec_12_the_issuer_tells_servers_apart(stage, wire, returning):
    """A callback that another issuer sent is refused before its code is looked at; the attempt goes on."""
    issuing = attrs.evolve(MAILUP, issuer="https://as.example", issuer_promise=Issuer.ALWAYS_SENT)
    stage.provider = issuing
    client = stage.client(MailUpOAuth, transport=wire)
    back = returning(client)
    with pytest.raises(errors.CallbackRefused) as caught:
        back(client, address=f"{back.address}&iss=https%3A%2F%2Fmallory.example")

    assert (errors.CallbackFault.ISSUER_MISMATCH, []) == (caught.value.reason, wire.sent)
    assert "Authorized" == back(client, address=f"{back.address}&iss=https%3A%2F%2Fas.example").state
