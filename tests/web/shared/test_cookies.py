"""The cookie of an attempt is ours or it is nothing: sealed, bound to its name, for ten minutes, five of them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.shared.conftest import ADA, ATTEMPT, Browser

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.cipher.cobblestone import CobblestoneCipher
from mailup_oauth.adapters.cipher.keys import Key, KeyRing
from mailup_oauth.adapters.web.cookies import BUDGET, KEPT, LONGEST, Flow, Jar
from mailup_oauth.adapters.web.visit import Who
from mailup_oauth.domain.secret import Secret
from mailup_oauth.testing.canary import CANARY
from mailup_oauth.testing.stage import KEYS, Stage

BINDING = Secret(f"{CANARY}-binding")
NAME = f"{ATTEMPT}0123456789abcdef"
names = st.text(min_size=1, max_size=255)


@pytest.fixture
def jar(stage):
    """Give the cookies of an application over https."""
    return Jar(stage.oauth.core)


def flow(stage, who=ADA, wanted="", age=timedelta()):
    """Return an attempt."""
    return Flow(binding=BINDING, who=who, wanted=wanted, begun_at=stage.clock.now() - age)


def kept(jar, attempt):
    """Return an attempt's cookie as a browser sends it back."""
    cookie = jar.keep(NAME.removeprefix(ATTEMPT), attempt)
    return {cookie.name: cookie.value}


def test_what_was_kept_is_read(stage, jar):
    """A cookie holds the binding, the person, the place and the moment."""
    attempt = flow(stage, wanted="/newsletters")

    assert attempt == jar.read(NAME, kept(jar, attempt))


@given(user=names, connection=names, wanted=st.text(max_size=200))
def test_whatever_is_kept_is_read(user, connection, wanted):
    """Any names, in any letters and halves of letters, come back as they were; the cookie is short and plain ASCII."""
    stage = Stage()
    jar = Jar(stage.oauth.core)
    attempt = flow(stage, Who(user=user, connection=connection), wanted)
    cookies = kept(jar, attempt)
    read = jar.read(NAME, cookies)

    assert attrs.evolve(attempt, wanted=read.wanted) == read
    assert read.wanted in {wanted, ""}
    assert len(NAME) + len(cookies[NAME]) <= LONGEST
    assert set(cookies[NAME]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")


def test_a_place_that_is_too_long_beside_the_names_is_left_away(stage, jar):
    """Who comes back is more important than where to."""
    who = Who(user="\U0001f600" * 255, connection="\U0001f600" * 255)
    attempt = flow(stage, who, "/" + "a" * 1023)

    assert "" == jar.read(NAME, kept(jar, attempt)).wanted
    assert who == jar.read(NAME, kept(jar, attempt)).who


def test_a_cookie_tells_nothing(stage, jar):
    """Neither the binding nor the person nor the place can be read off it."""
    cookies = kept(jar, flow(stage, wanted="/newsletters"))
    inside = urlsafe_b64decode(cookies[NAME])

    assert not [word for word in (b"ada", b"acme", b"newsletters", CANARY.encode()) if word in inside]


@given(data=st.data())
def test_a_changed_cookie_is_none(data):
    """Whatever bit is turned, dropped or added, there is no attempt in it."""
    stage = Stage()
    jar = Jar(stage.oauth.core)
    sealed = bytearray(urlsafe_b64decode(kept(jar, flow(stage))[NAME]))
    place = data.draw(st.integers(0, len(sealed) - 1))
    match data.draw(st.sampled_from(["turned", "cut", "added"])):
        case "turned":
            sealed[place] ^= 1 << data.draw(st.integers(0, 7))
        case "cut":
            del sealed[place:]
        case _:
            sealed += data.draw(st.binary(min_size=1, max_size=20))

    assert jar.read(NAME, {NAME: urlsafe_b64encode(sealed).decode()}) is None


@given(st.text())
def test_a_stranger_s_cookie_is_none(text):
    """Any text under the name of an attempt is no attempt, and raises nothing."""

    assert Jar(Stage().oauth.core).read(NAME, {NAME: text}) is None


def test_a_cookie_under_another_name_is_none(stage, jar):
    """One attempt's cookie does not pass for another's."""
    other = f"{ATTEMPT}fedcba9876543210"

    assert jar.read(other, {other: kept(jar, flow(stage))[NAME]}) is None
    assert jar.read(other, kept(jar, flow(stage))) is None
    assert jar.read("", {"": kept(jar, flow(stage))[NAME]}) is None


def test_a_cookie_under_another_key_is_none(stage, jar):
    """An installation does not read another one's cookies; after a rotation it reads its own."""
    old = kept(jar, flow(stage))
    strange = KeyRing((Key(b"s" * 32),))
    rotated = KeyRing((Key(b"n" * 32), *KEYS.keys))
    jars = [Jar(stage.client(MailUpOAuth, cipher=CobblestoneCipher(ring)).core) for ring in (strange, rotated)]

    assert [None, flow(stage)] == [jar.read(NAME, old) for jar in jars]


def test_what_is_sealed_for_the_store_is_no_cookie(stage, jar):
    """The keys are the store's, but what they seal there does not pass here."""
    members = json.dumps([BINDING.reveal(), "ada", "acme", "", stage.clock.now().timestamp()]).encode()
    cipher = stage.oauth.core.setting.cipher
    contexts = [b"", b"acme", NAME.encode(), f"mailup-oauth:web:{NAME}".encode()]
    sealed = [urlsafe_b64encode(cipher.seal(members, context=context)).decode() for context in contexts]

    assert [False, False, False, True] == [jar.read(NAME, {NAME: value}) is not None for value in sealed]


@pytest.mark.parametrize(
    ("left", "is_read"), [(timedelta(seconds=1), True), (timedelta(), False), (-timedelta(9), False)]
)
def test_a_cookie_is_good_for_as_long_as_its_attempt(left, is_read, stage, jar):
    """Its age is inside it; a browser keeps it longer, so that whoever comes too late can be told so."""
    life = stage.policy.attempt_life

    read = jar.read(NAME, kept(jar, flow(stage, age=life - left)))

    assert is_read != jar.is_late(read)
    assert 2 * life == jar.keep("0" * 64, flow(stage)).lives


def test_over_https_it_is_for_this_host_alone(stage, jar):
    """Its name has the prefix, it is secure, and so are the notice and whatever forgets them."""
    cookies = (jar.keep("0" * 64, flow(stage)), jar.forget(NAME), jar.notice("x"), jar.told())

    assert all(cookie.name.startswith("__Host-") and cookie.is_secure for cookie in cookies)


def test_on_loopback_it_goes_without(stage):
    """Over http, which only a loopback address may use, the prefix would keep the cookie from being set."""
    stage.registration = attrs.evolve(stage.registration, redirect_uri="http://127.0.0.1:8000/mailup/complete")
    jar = Jar(stage.client(MailUpOAuth).core)
    cookies = (jar.keep("0" * 64, flow(stage)), jar.notice("x"), jar.told())

    assert not any(cookie.name.startswith("__") or cookie.is_secure for cookie in cookies)


def test_one_browser_keeps_five(stage):
    """The sixth attempt forgets the oldest, whatever the order of the names."""
    browser = Browser(stage)
    begun = []
    for _ in range(KEPT + 1):
        begun.append(browser.begin())
        stage.clock.move(timedelta(seconds=1))

    assert KEPT == len(browser.attempts)
    assert begun[0].cookies[-1].name not in browser.attempts
    assert begun[-1].cookies[-1].name in browser.attempts


@pytest.mark.parametrize(("length", "kept"), [(1, KEPT), (300, 5), (600, 3), (1024, 2)])
def test_the_attempts_of_one_browser_are_not_long_together(length, kept, stage):
    """With long landing places fewer attempts stay, the newest, so that no server refuses a request for its cookies."""
    browser, begun = Browser(stage), []
    for _ in range(2 * KEPT):
        begun.append(browser.begin("/" + "a" * (length - 1)).cookies[-1].name)
        stage.clock.move(timedelta(seconds=1))
        assert len("; ".join(f"{name}={value}" for name, value in browser.cookies.items())) <= BUDGET

    assert begun[-kept:] == browser.attempts


def test_a_long_attempt_makes_place_for_itself_alone(stage):
    """One that is as long as the browser takes stays, and the next short one takes its place."""
    browser = Browser(stage, who=Who(user="\U0001f600" * 255, connection="\U0001f600" * 250))
    browser.begin()
    browser.begin()

    assert 1 == len(browser.attempts)


def test_what_is_not_ours_is_forgotten_at_the_next_beginning(stage):
    """A cookie that was planted under a name like ours goes; one with an odd name is not written into a header."""
    browser = Browser(stage)
    odd = [f"{ATTEMPT}x", f"{ATTEMPT}0123456789abcdef0", f'{ATTEMPT}a";\r\nb', ATTEMPT, f"{ATTEMPT}0123456789ABCDEF"]
    browser.cookies = {NAME: "planted", "session": "theirs", **dict.fromkeys(odd, "planted")}
    browser.begin()

    assert {"session", *odd} == {name for name, value in browser.cookies.items() if value in {"planted", "theirs"}}
    assert NAME not in browser.cookies


def test_the_last_attempt_is_remembered_by_its_name(stage, jar):
    """Once it is over, the browser knows which it was, and nothing else of it."""
    forgotten, mark = jar.over(NAME)
    cookies = {mark.name: mark.value}

    assert (NAME, "") == (forgotten.name, forgotten.value)
    assert "0123456789abcdef" == mark.value
    assert [True, False, False] == [jar.is_over(name, cookies) for name in (NAME, f"{ATTEMPT}fedcba9876543210", "")]
    assert not jar.is_over(NAME, {})
    assert not jar.is_over("", {mark.name: ""})


def test_no_representation_tells_a_cookie(stage, jar):
    """What is printed of a cookie is its length."""
    cookie = jar.keep("0" * 64, flow(stage))

    assert cookie.value not in repr(cookie)
