"""The demonstration does what it says, over real sockets, and a person can see each part of it."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from rich.console import Console

from mailup_oauth.adapters.cli import demo as play

PROGRAM = Path(sys.executable).with_name("mailup-oauth")
PATIENCE = 60.0  # seconds after which a demonstration hangs; it is to take less than ten on a quiet machine

STORY = (
    *("AuthorizationBegun", "CallbackAccepted", "TokensIssued", "IdentityAsked", "UserIdentified"),
    *("AccessTokenExpired", "RefreshStarted", "TokensRefreshed"),
    *("AccessTokenExpired", "RefreshStarted", "RefreshOutcomeUnknown", "RefreshStarted", "TokensRefreshed"),
    *("AccessTokenRejected", "RefreshStarted", "TokensRefreshed"),
)
"""What happens: a connection, an expiry, a lost answer that is recovered, and a 401."""

SCENES = (
    r"1  A MailUp sandbox listens on http://127\.0\.0\.1:\d+\.  Real HTTP; .*",
    r"2  The user m1234 filled in the log-on and consent forms; the code they came back with was exchanged\.",
    r"   Connection 'acme' is Authorized, its tokens are sealed in the store\.",
    r"3  Authentication/Info is called and answers: m1234 of Example Srl\.",
    r"4  An hour later the access token has expired\.  The next call refreshed first, once, and was answered\.",
    r"   Refresh token (?P<first>\w{8}) was replaced by (?P<second>\w{8}) \(generation 1\)\.",
    r"5  An hour later MailUp rotated again and its answer was lost, on purpose: .*",
    r"   After \d\.\d s the same refresh token was sent a second time; MailUp has a grace for that\.",
    r"   It has counted 2 rotations and 1 answer repeated\.",
    r"   Recovered\.  Refresh token (?P=second) was replaced by (?P<third>\w{8}) \(generation 2\)\.",
    r"6  MailUp ended an access token before its time\.  The call was told 401 and then 200: one refresh, one repeat\.",
    r"   Refresh token (?P=third) was replaced by (?P<fourth>\w{8}) \(generation 3\)\.",
)
PROOF = (
    r"7  The journal, verified without any key: 16 records chained up to \w{16}…; replayed, they give .* byte for byte\.",
    r"   redacted state replayed: (?P<state>Refreshed, generation 3, SHA-256 \w{16}…)",
    r"   redacted state stored:   (?P=state)",
)
TOKEN = re.compile(r"(?:[0-4][0-9A-Za-z]){12}")
"""How the sandbox's tokens, codes and cookies look."""


@pytest.fixture(scope="module")
def seen():
    """What a person sees of the demonstration, whether it says that all is well, and how many seconds it took."""
    paper, began = io.StringIO(), perf_counter()
    succeeds = play.demo(Console(file=paper, width=150))
    lines = [line.rstrip() for line in paper.getvalue().splitlines()]
    return lines, succeeds, perf_counter() - began


def test_it_succeeds_within_ten_seconds(seen):
    """The demonstration says that the journal is proved, and is short."""
    _, succeeds, seconds = seen

    assert succeeds
    assert seconds < PATIENCE


def test_each_scene_is_told(seen):
    """All that was promised is told in seven steps, with facts that belong together: each token leads to the next."""
    lines, _, _ = seen
    blank = lines.index("")

    assert re.fullmatch("\n".join(SCENES), "\n".join(lines[:blank]))
    assert re.fullmatch("\n".join(PROOF), "\n".join(lines[-len(PROOF) :]))


def tokens_in(lines):
    """Return how the refresh tokens are called in some lines."""
    return set(re.findall(r"(?:[Rr]efresh token|replaced by) (\w{8})\b", "\n".join(lines)))


def test_the_journal_is_a_timeline(seen):
    """Between the scenes and the proof stands the journal: what happened, in order, with the tokens of the scenes."""
    lines, _, _ = seen
    scenes, rows = lines[: lines.index("")], [line for line in lines if re.match(r" ?\d+  \d{4}-\d\d-\d\d ", line)]
    columns = [re.split(r"\s{2,}", row.strip()) for row in rows]
    moments = [column[1] for column in columns]

    assert list(STORY) == [column[2] for column in columns]
    assert sorted(moments) == moments
    assert rows[0].endswith("A browser was sent to the log-on page.  (demo: first connection)")
    assert tokens_in(scenes) == tokens_in(rows)


def test_no_secret_is_shown(seen):
    """Neither the application's secret, nor the password, nor anything that looks like a token is seen."""
    text = "\n".join(seen[0])

    assert play._CLIENT_SECRET.reveal() not in text
    assert play._PASSWORD.reveal() not in text
    assert None is TOKEN.search(text)


def test_it_is_at_home_on_a_small_terminal():
    """At 80 columns nothing is cut off, and what is wrapped stays under its own column."""
    paper = io.StringIO()
    play.demo(Console(file=paper, width=80))
    lines = [line.rstrip() for line in paper.getvalue().splitlines()]
    beginnings = {line[:3].strip() for line in lines}

    assert 80 >= max(map(len, lines))
    assert {"", "#", *map(str, range(1, 17))} == beginnings
    assert re.fullmatch(PROOF[-1].replace("(?P=state)", "Refreshed, .*…"), lines[-1])


def test_a_proxy_in_the_environment_is_no_trouble(monkeypatch):
    """The demonstration talks to this machine and nobody else, whatever the environment says of proxies."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert play.demo(Console(file=io.StringIO()))


def test_the_program_runs(tmp_path):
    """``mailup-oauth demo`` ends with 0, complains of nothing, and leaves nothing behind."""
    began = perf_counter()
    here = os.environ | {"TMPDIR": str(tmp_path)}
    done = subprocess.run([PROGRAM, "demo"], env=here, capture_output=True, text=True, timeout=60, check=False)

    assert (0, "", []) == (done.returncode, done.stderr, list(tmp_path.iterdir()))
    assert perf_counter() - began < PATIENCE
    assert [*"1234567"] == re.findall(r"^(\d)  [A-Z]", done.stdout, re.MULTILINE)
