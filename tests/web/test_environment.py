"""An application that is set up by its environment, as ``MailUp.from_env`` is."""

import pytest

from mailup_oauth import MAILUP, AsyncMailUpOAuth, BadRegistration, MailUpOAuth, Secret
from mailup_oauth.adapters.web import fastapi, starlette
from mailup_oauth.adapters.web.environment import from_environment
from mailup_oauth.testing.canary import CANARY

SECRET = f"{CANARY}-secret"


@pytest.fixture
def given(tmp_path):
    """What an application cannot do without."""
    return {
        "MAILUP_OAUTH_CLIENT_ID": "an-application",
        "MAILUP_OAUTH_CLIENT_SECRET": SECRET,
        "MAILUP_OAUTH_REDIRECT_URI": "https://app.example/mailup/complete",
        "MAILUP_OAUTH_DATABASE": str(tmp_path / "mailup.db"),
    }


@pytest.mark.parametrize("kind", [MailUpOAuth, AsyncMailUpOAuth])
def test_both_facades_are_set_up(given, kind, tmp_path):
    """The registration, the store and MailUp itself are what the environment says."""
    core = from_environment(kind, given).core
    registration = core.setting.registration

    assert ("an-application", "https://app.example/mailup/complete") == (
        registration.client_id,
        registration.redirect_uri,
    )
    assert Secret(SECRET) == registration.client_secret()
    assert str(tmp_path / "mailup.db") in core.ports.store.identity
    assert MAILUP == core.setting.provider


def test_a_sandbox_takes_mailups_place(given):
    """``MAILUP_OAUTH_SERVER`` names it, with or without a slash at the end."""
    servers = ("http://127.0.0.1:8400", "http://127.0.0.1:8400/")
    providers = [from_environment(MailUpOAuth, {**given, "MAILUP_OAUTH_SERVER": one}).provider for one in servers]

    assert providers[0] == providers[1]
    assert providers[0].token_url.startswith("http://127.0.0.1:8400/")


@pytest.mark.parametrize("name", ["CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI", "DATABASE"])
@pytest.mark.parametrize("value", [None, ""])
def test_what_is_missing_is_named(given, name, value):
    """Whoever forgot a setting, or left it empty, is told which."""
    given.pop(f"MAILUP_OAUTH_{name}")
    if value is not None:
        given[f"MAILUP_OAUTH_{name}"] = value

    with pytest.raises(BadRegistration, match=f"MAILUP_OAUTH_{name} is not set"):
        from_environment(MailUpOAuth, given)


def test_a_secret_in_a_file_may_be_changed_there(given, tmp_path):
    """The file is read whenever the secret is needed."""
    file = tmp_path / "secret"
    del given["MAILUP_OAUTH_CLIENT_SECRET"]
    given["MAILUP_OAUTH_CLIENT_SECRET_FILE"] = str(file)
    file.write_text(f"{SECRET}\n")
    registration = from_environment(MailUpOAuth, given).core.setting.registration
    first = registration.client_secret()
    file.write_text(f"{SECRET}-2\n")

    assert (Secret(SECRET), Secret(f"{SECRET}-2")) == (first, registration.client_secret())


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe"])
def test_a_file_without_a_secret_is_noticed_at_once(given, tmp_path, content):
    """A file that is not there, is empty or is no text is a mistake that is told at the start."""
    file = tmp_path / "secret"
    del given["MAILUP_OAUTH_CLIENT_SECRET"]
    given["MAILUP_OAUTH_CLIENT_SECRET_FILE"] = str(file)
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(BadRegistration, match="holds no secret or cannot be read"):
        from_environment(MailUpOAuth, given)


@pytest.mark.parametrize("adapter", [starlette, fastapi])
def test_an_adapter_is_set_up_by_the_process_environment(given, monkeypatch, adapter):
    """``from_env`` needs to be told who is signed in, and nothing else."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MAILUP_OAUTH_SERVER", raising=False)

    assert "/mailup/begin" == adapter.MailUp.from_env(who=lambda: None).places.begin
