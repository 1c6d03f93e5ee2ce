"""A process of its own over a shared installation; told what to do by its one argument, and when by a line on stdin."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import attrs

from mailup_oauth import STANDARD, MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.domain.provider import ClientAuthentication

ORDER = json.loads(sys.argv[1])

clock = ShiftedClock()
clock.move(timedelta(seconds=ORDER["ahead"]))
oauth = MailUpOAuth(
    Registration(client_id="servers", client_secret=Secret("canary-client-secret"), redirect_uri=ORDER["redirect_uri"]),
    store=SqliteStore(ORDER["database"]),
    provider=attrs.evolve(
        STANDARD,
        authorize_url=ORDER["authorize_url"],
        token_url=ORDER["token_url"],
        client_authentication=ClientAuthentication(ORDER["client_authentication"]),
    ),
    clock=clock,
)
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(ORDER["threads"]) as crowd:
    marks = list(crowd.map(lambda _: str(oauth.access_token("acme").mark), range(ORDER["threads"])))
oauth.close()
print(json.dumps(marks), flush=True)
