"""What an import costs, and what it takes until a request could be sent: each in a process of its own."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

IMPORTS = {
    "attrs": "import attrs",
    "httpx": "import httpx",
    "mailup_oauth, the package alone": "import mailup_oauth",
    "mailup_oauth, MailUpOAuth": "from mailup_oauth import MailUpOAuth",
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
    "httpx alone": """
        import httpx
        client = httpx.Client()
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


def weighed(code: str, folder: Path) -> tuple[float, int, float]:
    """Return milliseconds of CPU, modules and resident MiB that *code* costs in a fresh interpreter."""
    return tuple(_asked(_WEIGHED.format(code=textwrap.dedent(code)), str(folder)))


def _asked(program: str, *arguments: str) -> list[float]:
    ran = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])
