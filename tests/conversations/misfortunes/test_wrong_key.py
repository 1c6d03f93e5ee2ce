"""A key that is missing, another's or spoilt: a typed error that says what to do, and every token is still there."""

from contextlib import contextmanager

import pytest

from mailup_oauth import KeyUnavailable, StoreUnavailable
from mailup_oauth.adapters.cipher.keys import new_key, read_keys
from mailup_oauth.client.defaults import KEY_VARIABLE
from mailup_oauth.testing.stage import CONNECTION

DEEDS = {
    "status": lambda oauth: oauth.status(CONNECTION),
    "access_token": lambda oauth: oauth.access_token(CONNECTION),
    "refresh": lambda oauth: oauth.refresh(CONNECTION),
    "begin": lambda oauth: oauth.begin(CONNECTION),
    "disconnect": lambda oauth: oauth.disconnect(CONNECTION),
}
"""All that needs the tokens of a connection."""


@pytest.fixture
def other(houses):
    """Another installation, with a connection of the same name."""
    home = houses("other")
    home.connect()
    home.rest()
    return home


@contextmanager
def keyed(house, text):
    """Let the key file hold another text while inside, or be gone."""
    good = house.key.read_bytes()
    house.key.unlink()
    if text is not None:
        house.key.touch(mode=0o600)
        house.key.write_text(text)
    try:
        yield
    finally:
        house.key.unlink(missing_ok=True)
        house.key.touch(mode=0o600)
        house.key.write_bytes(good)


def endured_by_all(house, *more):
    """Return what each deed of a new process ends in."""
    deeds = (*DEEDS.values(), *more)
    return [house.endured(lambda deed=deed: deed(house.client())) for deed in deeds]


def test_fault_S16_a_lost_key_file_stops_a_new_process(house):
    """Nobody makes another key over sealed tokens: the error names the file, and with it back everything goes on."""
    house.rest()
    with keyed(house, None):
        errors = endured_by_all(house)

    assert {(KeyUnavailable, "there are sealed tokens, but the key file mailup.db.key is gone")} == {
        (type(error), error.problem) for error in errors
    }
    assert house.goes_on()


def test_fault_S16_a_running_process_keeps_the_key_it_has(house):
    """A key file that is lost while a process runs costs that process nothing."""
    house.rest()
    with keyed(house, None):
        marks = {house.oauth.access_token(CONNECTION).mark, house.oauth.refresh(CONNECTION).mark}

    assert 2 == len(marks)
    assert house.token.mark not in marks
    assert house.oauth.status(CONNECTION).connected


@pytest.mark.parametrize("text", ["", "canary", "A" * 42 + "\n", "\0" * 44])
def test_fault_S16_a_spoilt_key_file_stops_a_new_process(house, text):
    """A key file that was cut or overwritten is refused, and neither mended nor replaced."""
    house.rest()
    with keyed(house, text):
        errors = endured_by_all(house)

    assert {KeyUnavailable} == {type(error) for error in errors}
    assert house.goes_on()


def test_fault_S16_a_key_file_that_others_may_read_is_refused_with_the_cure(house):
    """The error holds the command that mends the permissions; nothing goes on before somebody ran it."""
    house.rest()
    house.key.chmod(0o644)
    errors = endured_by_all(house)
    house.key.chmod(0o600)

    assert {True} == {"run: chmod 600 mailup.db.key" in str(error) for error in errors}
    assert house.goes_on()


def test_fault_S16_the_key_of_another_installation_opens_nothing(house, other):
    """Whoever comes with another installation's key file is told which key is missing."""
    come_back, mine = house.returning(), read_keys(house.key.read_text()).newest.id
    house.rest()
    with keyed(house, other.key.read_text()):
        errors = endured_by_all(house, come_back)

    assert {(KeyUnavailable, f"the key '{mine}' is not in the key ring")} == {
        (type(error), error.problem) for error in errors
    }
    assert "Authorized" == come_back(house.oauth).state
    house.stage.expire()
    assert house.goes_on()


def test_fault_S16_the_environment_s_key_of_another_installation_opens_nothing(house, other, monkeypatch):
    """``MAILUP_OAUTH_KEY`` takes the place of the key file, so another installation's opens nothing here."""
    come_back = house.returning()
    house.rest()
    monkeypatch.setenv(KEY_VARIABLE, other.key.read_text())
    errors = endured_by_all(house, come_back)
    monkeypatch.delenv(KEY_VARIABLE)

    assert {KeyUnavailable} == {type(error) for error in errors}
    assert house.goes_on()


@pytest.mark.parametrize("text", ["canary", "A" * 43 + ",canary"])
def test_fault_S16_a_spoilt_key_in_the_environment_stops_a_new_process(house, monkeypatch, text):
    """A garbage variable is not passed over in favour of the file beside the store."""
    house.rest()
    monkeypatch.setenv(KEY_VARIABLE, text)
    error = house.endured(house.client)
    monkeypatch.delenv(KEY_VARIABLE)

    assert isinstance(error, KeyUnavailable)
    assert house.goes_on()


def test_fault_S16_the_right_key_in_the_environment_is_as_good_as_the_file(house, monkeypatch):
    """With the same key in the environment, behind a newer one too, the file may be lost."""
    monkeypatch.setenv(KEY_VARIABLE, f"{new_key().text()},{house.key.read_text()}")
    house.key.unlink()

    assert house.goes_on()


def test_fault_S06_and_S15_the_database_of_another_installation_is_told_from_ours(house, other):
    """Its rows are sealed with a key that is not here: a running process says so, a new one too, and neither sends."""
    house.rest()
    kept = house.database.rename(house.folder / "kept.db")
    house.database.write_bytes(other.database.read_bytes())
    errors = endured_by_all(house)
    running = house.endured(lambda: house.oauth.access_token(CONNECTION))
    kept.replace(house.database)

    assert {KeyUnavailable} == {type(error) for error in errors}
    assert isinstance(running, StoreUnavailable)
    assert house.goes_on()
    assert other.goes_on()
