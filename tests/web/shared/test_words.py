"""Every end of an attempt and every event has its words, and none of them is a stranger's."""

from datetime import timedelta

import pytest

from mailup_oauth.adapters.web import words as w
from mailup_oauth.domain import errors as er
from mailup_oauth.domain.errors import CallbackFault, DeathCause, MailUpOAuthError, TrustFault
from mailup_oauth.testing.stage import CONNECTION, Stage

FAULTS = {
    CallbackFault.TOO_LARGE: "refused",
    CallbackFault.NOT_TEXT: "refused",
    CallbackFault.REPEATED_PARAMETER: "refused",
    CallbackFault.ELSEWHERE: "refused",
    CallbackFault.NONCE_MISSING: "refused",
    CallbackFault.NONCE_UNKNOWN: "browser",
    CallbackFault.NONCE_MISMATCH: "refused",
    CallbackFault.ANOTHER_BROWSER: "browser",
    CallbackFault.LAPSED: "lapsed",
    CallbackFault.ALREADY_USED: "used",
    CallbackFault.ISSUER_MISMATCH: "refused",
    CallbackFault.CODE_MISSING: "refused",
    CallbackFault.CODE_MALFORMED: "refused",
    CallbackFault.CODE_AND_ERROR: "refused",
    CallbackFault.DENIED: "denied",
    CallbackFault.SERVER_ERROR: "later",
    CallbackFault.APPLICATION_REFUSED: "keys",
}
ENDINGS = [
    (er.AccountMismatch(), "account"),
    (er.ContractNotSigned(), "terms"),
    (er.ClientRejected("invalid_client"), "keys"),
    (er.ServerNotTrusted(TrustFault.TLS_TOO_OLD), "trust"),
    (er.StoreUnavailable("full"), "store"),
    (er.StoreCorrupted("torn"), "store"),
    (er.KeyUnavailable("gone"), "store"),
    (er.TemporarilyUnavailable("timeout", timedelta(seconds=1)), "later"),
    (er.StillRefreshing(), "later"),
    (er.ReauthorizationRequired(DeathCause.EXCHANGE_OUTCOME_LOST), "lost"),
    (er.ReauthorizationRequired(DeathCause.EXCHANGE_REFUSED), "refused"),
    (MailUpOAuthError(), "refused"),
]


@pytest.mark.parametrize("fault", CallbackFault)
def test_every_fault_of_a_callback_has_a_word(fault):
    """What a stranger brought is told apart from a denial and from a server's failure."""

    assert FAULTS[fault] == w.word_for(er.CallbackRefused(fault))


@pytest.mark.parametrize(("error", "word"), ENDINGS, ids=lambda value: str(value)[:30])
def test_every_error_has_a_word(error, word):
    """Each kind of end has the sentence of its own remedy; what is unknown is told in general."""

    assert word == w.word_for(error)


def test_every_word_can_be_told():
    """The words of failures, and those of other pages, have a heading and a sentence each."""
    others = {w.ASKED, w.SIGN_IN, w.METHOD, w.EARLY, w.APART, w.MUTE, w.ELSEWHERE, w.DONE, w.GONE, w.NEEDED}

    assert set(w.TOLD) == w.FAILURES | others
    assert not w.FAILURES & others
    assert {*FAULTS.values(), *(word for _, word in ENDINGS)} <= w.FAILURES
    assert all(told.title and told.text.endswith(".") for word, told in w.TOLD.items())


def test_a_word_fits_into_a_cookie():
    """No word has a character that a cookie or the dot behind it would not bear."""

    assert not [word for word in w.TOLD if not word.replace("-", "").isalpha() or not word.isascii()]


@pytest.mark.parametrize("most", [0, 1, 2, 100])
def test_what_happened_is_told_newest_first(most):
    """Only what concerns an administrator is told, and not more than is wanted."""
    stage = Stage()
    stage.connect()
    stage.oauth.disconnect(CONNECTION)
    told = w.lines(tuple(stage.oauth.journal(CONNECTION)), most)
    expected = ["The connection was ended here.", "MailUp was connected.", "Somebody went to MailUp to connect."]

    assert expected[:most] == [line.sentence for line in told]
    assert {"good", "bad", ""} >= {line.kind for line in told}
