"""What an import costs, and one more connection: each in a process of its own, so that nothing is shared."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

IMPORTS = {
    "attrs": "import attrs",
    "httpx": "import httpx",
    "mailup_oauth": "import mailup_oauth",
    "authlib": "from authlib.integrations.httpx_client import OAuth2Client",
    "requests-oauthlib": "import requests_oauthlib",
    "requests-oauth2client": "import requests_oauth2client",
    "google-auth": "import google.oauth2.credentials, google.auth.transport.requests",
    "msal": "import msal",
}
"""What a program writes to have the library."""

READY = {
    "mailup_oauth, httpx and SQLite": """
        import httpx
        from mailup_oauth import MailUpOAuth, Registration, Secret
        from mailup_oauth.adapters.storage.sqlite import SqliteStore
        registration = Registration(client_id="c", client_secret=Secret("s"), redirect_uri="https://app.example/cb")
        oauth = MailUpOAuth(registration, store=SqliteStore(FOLDER + "/ready.db"))
        client = httpx.Client(auth=oauth.auth("acme"))
        """,
    "authlib": """
        from authlib.integrations.httpx_client import OAuth2Client
        client = OAuth2Client("c", "s", token={"access_token": "t", "expires_at": 9e9})
        """,
}
"""What a program does until it could send its first request."""

_WEIGHED = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
FOLDER = sys.argv[1]
begin = time.process_time()
{code}
spent = time.process_time() - begin
resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
print(json.dumps([spent * 1000, len(sys.modules), resident / 2**20]))
"""

_ONE_MORE = """
import json, sys, time, tracemalloc
from pathlib import Path
sys.path.insert(0, {bench!r})
from cases.ours import REGISTRATION, connect, mailup
from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.transport.sandbox import SandboxTransport

service = mailup()
oauth = MailUpOAuth(REGISTRATION, store=MemoryStore(), transport=SandboxTransport(service))
names = [f"tenant-{{number}}" for number in range(300)]
for name in names:
    connect(oauth, service, name)
auths = [oauth.auth(name) for name in names[:10]]
tracemalloc.start()
before, begin = tracemalloc.get_traced_memory()[0], time.perf_counter()
auths = [oauth.auth(name) for name in names]
spent, auth_bytes = time.perf_counter() - begin, tracemalloc.get_traced_memory()[0] - before
before = tracemalloc.get_traced_memory()[0]
for name in names:
    oauth.access_token(name)
held = tracemalloc.get_traced_memory()[0] - before
print(json.dumps([spent / len(names) * 1e6, (auth_bytes + held) / len(names) / 1024]))
"""


def weighed(code: str, folder: Path) -> tuple[float, int, float]:
    """Return milliseconds of CPU, modules and resident MiB that *code* costs in a fresh interpreter."""
    return tuple(_asked(_WEIGHED.format(code=textwrap.dedent(code)), str(folder)))


def one_more(bench: Path) -> tuple[float, float]:
    """Return the microseconds that one more connection costs to set up, and the KiB it costs to hold with its token."""
    return tuple(_asked(_ONE_MORE.format(bench=str(bench))))


def _asked(program: str, *arguments: str) -> list[float]:
    ran = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])
