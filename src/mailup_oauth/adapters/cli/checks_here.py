"""What ``doctor`` looks at before anything is stored: the settings, the application's keys, the way back of the browser."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from ...client.defaults import KEY_VARIABLE
from .exits import SECRET_MISSING, Trouble
from .findings import Finding, bad, good, odd
from .receiver import Receiver, can_receive
from .session import registered
from .settings import CONFIG_VARIABLE, NAMES, NO_SECRET, PREFIX, Given, secret_in, variable


def settings(given: Given) -> Iterator[Finding]:
    """Tell which configuration file is read, whether the server can be one, and what of the environment is not understood."""
    there = "is read" if given.file.is_file() else "is not there, and does not have to be"
    yield good("settings", f"{given.file} {there}")
    try:
        _ = given.provider
    except Trouble as trouble:
        yield bad("settings", trouble.message, trouble.remedy)
    known = {variable(name) for name in NAMES} | {CONFIG_VARIABLE, KEY_VARIABLE}
    for name in sorted(set(os.environ) - known):
        if name.startswith(PREFIX):
            yield odd("settings", f"{name} is set, and means nothing", f"There are {', '.join(sorted(known))}.")


def application(given: Given) -> Iterator[Finding]:
    """Tell whether id, secret and redirect URI are there and can work."""
    try:
        registered(given, lambda: NO_SECRET, given.settings.redirect_uri)
    except Trouble as trouble:
        yield bad("application", trouble.message, trouble.remedy)
    else:
        yield from _redirect_uri(given.settings.redirect_uri)
    try:
        found = secret_in(given)
    except Trouble as trouble:
        yield bad("application", trouble.message, trouble.remedy)
    else:
        if found == NO_SECRET:
            yield bad("application", SECRET_MISSING.message, SECRET_MISSING.remedy)
        else:
            yield good("application", f"client id {given.settings.client_id or '?'}, with a secret")


def _redirect_uri(redirect_uri: str) -> Iterator[Finding]:
    """Tell how the browser's answer comes back."""
    if not can_receive(redirect_uri):
        yield odd(
            "application",
            f"{redirect_uri} does not lead to this machine",
            "Its answers have to be pasted; http://127.0.0.1:0/callback receives them.",
        )
        return
    try:
        with Receiver(redirect_uri) as listening:
            is_fixed = urlsplit(redirect_uri).port != 0
            where = f"port {listening.port} of this machine" if is_fixed else "any free port of this machine"
            yield good("application", f"the browser comes back to {where}")
    except Trouble as trouble:
        yield bad("application", trouble.message, trouble.remedy)
