"""A process of the project's whose threads all want a token at the same moment."""

import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import django

django.setup()

from mailup_oauth.adapters.web.django import oauth  # noqa: E402  # Django comes first

THREADS = 4


def mark(_):
    """Return what tells the token that one thread got from others, and is none."""
    return sha256(oauth().access_token("acme").value.reveal().encode()).hexdigest()


oauth().status("acme")
sys.stdout.write("ready\n")
sys.stdout.flush()
sys.stdin.readline()
with ThreadPoolExecutor(THREADS) as crowd:
    sys.stdout.write(" ".join(crowd.map(mark, range(THREADS))))
