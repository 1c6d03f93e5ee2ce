"""What the library offers, by name: nothing by accident, nothing without a word about it."""

import inspect

import pytest

import mailup_oauth

OFFERED = {
    "the facades": {"MailUpOAuth", "AsyncMailUpOAuth", "Start", "Status", "Farewell", "AccessToken"},
    "what they are given": {"Registration", "Secret", "Provider", "MAILUP", "STANDARD", "Policy", "PRODUCTION"},
    "errors": {
        "MailUpOAuthError",
        *("ProgramError", "BadRegistration", "BadProvider", "BadConnection", "ForeignAddress", "PredictableEntropy"),
        *("CallbackRefused", "CallbackFault"),
        *("ReauthorizationRequired", "NotConnected", "DeathCause", "AccountMismatch"),
        *("ClientRejected", "ServerNotTrusted", "TrustFault", "ContractNotSigned"),
        *("StorageError", "StoreUnavailable", "StoreCorrupted", "KeyUnavailable"),
        *("TryLater", "TemporarilyUnavailable", "StillRefreshing"),
    },
}
FACADE = {
    *("begin", "complete", "access_token", "refresh", "report_rejected"),
    *("status", "disconnect", "journal", "recent", "auth", "core", "provider"),
}
"""The methods of both facades; they close themselves each in its own way (architecture.md section 6)."""


def public(value):
    """Return the names of the public methods of a class."""
    return {name for name in vars(value) if not name.startswith("_")}


def test_the_names_are_these():
    """``mailup_oauth`` offers exactly these names."""

    assert set().union(*OFFERED.values()) == set(mailup_oauth.__all__)


def test_the_facades_have_these_methods():
    """Both facades have the same methods, and end by ``close`` and ``aclose``."""

    assert FACADE | {"close"} == public(mailup_oauth.MailUpOAuth)
    assert FACADE | {"aclose"} == public(mailup_oauth.AsyncMailUpOAuth)


@pytest.mark.parametrize("name", sorted(mailup_oauth.__all__))
def test_every_name_is_explained(name):
    """Every offered class has a docstring of its own; every constant is of a class that has one."""
    value = getattr(mailup_oauth, name)
    kind = value if inspect.isclass(value) else type(value)

    assert (kind.__doc__ or "").strip()


@pytest.mark.parametrize("facade", [mailup_oauth.MailUpOAuth, mailup_oauth.AsyncMailUpOAuth])
def test_every_method_is_explained(facade):
    """Every public method says what it does."""
    mute = {name for name in public(facade) if not inspect.getdoc(getattr(facade, name))}

    assert set() == mute
