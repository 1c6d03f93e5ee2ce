"""What these servers really do, asked without this library; ``docs/servers.md`` tells it, and its program runs."""

import re
import runpy
from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from mailup_oauth import TemporarilyUnavailable

PAGE = (Path(__file__).parents[2] / "docs" / "servers.md").read_text()
COLUMNS = ("authlib", "dot", "dot-grace")
VERIFIER = "v" * 43
PKCE = {
    "code_challenge": urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode(),
    "code_challenge_method": "S256",
}
CALLBACK = "https://app.example/mailup/callback"


class Asker:
    """An application without this library, and its user."""

    def __init__(self, acme):
        self.acme = acme

    def come_back(self, *, agrees=True, **pkce):
        """Return the members of the callback."""
        asked = {"response_type": "code", "client_id": "servers", "redirect_uri": CALLBACK, "state": "s", **pkce}
        address = f"{self.acme.house.provider.authorize_url}?{urlencode(asked)}"
        return parse_qs(urlsplit(self.acme.visit(address, agrees=agrees)).query)

    def code(self):
        """Return a code."""
        return self.come_back(**PKCE)["code"][0]

    def exchange(self, code):
        """Return the answer to a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.acme.ask(**form)

    def refresh(self, token, **more):
        """Return the answer to a refresh token."""
        return self.acme.ask(grant_type="refresh_token", refresh_token=token, **more)

    def call(self, access, place="me"):
        """Return the API's answer."""
        return httpx.get(f"{self.acme.house.base}/{place}", headers={"Authorization": f"Bearer {access}"})

    def end(self):
        """Say what became of the newest authorization."""
        _, alive = self.acme.families()[-1]
        return "lives on" if alive else "ended"


def members(answer):
    """Return the names in an answer."""
    return ", ".join(sorted(answer))


def told(answer):
    """Return a status, and the error that goes with it in the body."""
    return f"{answer.status_code} `{answer.json()['error']}`"


def challenged(answer):
    """Return a status, and the error that goes with it in the challenge of RFC 6750."""
    (error,) = re.findall(r'Bearer .*error="(\w+)"', answer.headers["www-authenticate"])
    return f"{answer.status_code} `{error}`"


def first_answers(asker):
    """Measure the way to the first tokens."""
    denied, bare = asker.come_back(agrees=False, **PKCE), asker.come_back()
    code = asker.code()
    tokens = asker.exchange(code)
    yield "the callback", members(asker.come_back(**PKCE))
    yield "the callback of a user who says no", f"`{denied.pop('error')[0]}`, {members(denied)}"
    yield "a request without PKCE", "a code" if "code" in bare else f"`{bare['error'][0]}`"
    yield "a code", f"{tokens.status_code} {members(tokens.json())}"
    yield "the same code again", f"{told(asker.exchange(code))}, authorization {asker.end()}"
    yield "a call with the access token", f"{asker.call(tokens.json()['access_token']).status_code}"


def later_answers(asker):
    """Measure rotation, and what is refused."""
    first = asker.exchange(asker.code()).json()
    answer = asker.refresh(first["refresh_token"])
    second = answer.json()
    yield "a refresh token", f"{answer.status_code} {members(second)}"
    yield "a call with the access token from before", challenged(asker.call(first["access_token"]))
    yield "an unknown refresh token", f"{told(asker.refresh('unknown'))}, authorization {asker.end()}"
    wrong = asker.refresh(second["refresh_token"], secret="wrong")
    yield "a wrong client secret", f"{told(wrong)}, authorization {asker.end()}"
    again = asker.refresh(first["refresh_token"])
    is_same = again.status_code == 200 and again.json() == second
    yield "a spent refresh token", f"{'200 the same answer' if is_same else told(again)}, authorization {asker.end()}"


def last_answers(asker):
    """Measure a reuse that no grace is for, and a revocation."""
    first = asker.exchange(asker.code()).json()
    second = asker.refresh(first["refresh_token"]).json()
    third = asker.refresh(second["refresh_token"]).json()
    again = asker.refresh(first["refresh_token"])
    yield "the same after its successor was used", f"{told(again)}, authorization {asker.end()}"
    yield "a call after that", challenged(asker.call(third["access_token"]))
    fourth = asker.exchange(asker.code()).json()
    asker.acme.house.order("revoke", asker.acme.username)
    yield "a refresh token that the owner revoked", told(asker.refresh(fourth["refresh_token"]))


def documented(kind):
    """Return what the page tells of a server, in the order of its table."""
    _, _, table = PAGE.partition("| asked |")
    rows = [line.strip("| ").split(" | ") for line in table.partition("\n\n")[0].split("\n")[2:]]
    return {row[0]: row[1 + COLUMNS.index(kind)] for row in rows}


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_servers_do_what_the_page_tells(tenant, kind):
    """Every cell of the page's table is what the server answers when it is asked."""
    asker = Asker(tenant(kind).connected())
    measured = dict((*first_answers(asker), *later_answers(asker), *last_answers(asker)))

    assert documented(kind) == measured


@pytest.mark.parametrize("name", ["Authlib", "django-oauth-toolkit"])
def test_the_page_names_the_versions(name):
    """The releases that the page names are those that are installed here."""
    assert f"{name} {version(name)}" in PAGE


def test_fault_N13_a_grace_over_hashed_tokens(tenant):
    """Where only hashes are stored the toolkit's grace breaks with a 500; the refresh token is kept, and waited with."""
    acme = tenant("dot-grace-hashed").connected()
    acme.relay.lose(answers=1)
    with acme.late() as oauth:
        with pytest.raises(TemporarilyUnavailable) as caught:
            oauth.access_token("acme")

        assert ("unanswered", "refresh-unanswered") == (caught.value.cause, oauth.status("acme").owed)
    assert ([200, 500, 500], [(2, 1)]) == (acme.answered(), acme.families())


@pytest.mark.parametrize("kind", ["dot"])
def test_a_403_is_not_taken_for_the_end_of_a_token(tenant, kind):
    """The toolkit's plain decorator answers 403 where RFC 6750 wants 401; the caller sees it, and nothing is renewed."""
    acme = tenant(kind).connected()
    acme.house.order("expire", acme.username)
    with acme.client() as oauth, httpx.Client(auth=oauth.auth("acme")) as api:
        answer = api.get(f"{acme.house.base}/plain-me")

    assert (403, []) == (answer.status_code, acme.answered())


def test_the_program_of_the_page_runs(tenant, tmp_path, monkeypatch):
    """The page's program, with nothing changed but the server's address, connects a user and calls the API."""
    acme, said = tenant("dot").connected(), []
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "program.py"
    file.write_text(program.replace("https://login.example", acme.house.base).replace("login.example", "127.0.0.1"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLIENT_ID", "servers")
    monkeypatch.setenv("CLIENT_SECRET", "canary-client-secret")
    world = {
        "print": lambda *words: said.append(" ".join(map(str, words))),
        "input": lambda _: acme.visit(said[-1].removeprefix("Log on here: ")),
    }
    runpy.run_path(str(file), world, "__main__")

    assert f"{{'user': '{acme.username}'}}" == said[-1]
    assert [(1, 1), (1, 1)] == acme.families()
