"""Waiting for the browser's answer: it comes to the receiver, or a person pastes the address that it ended at."""

import os
import selectors
import socket
from collections.abc import Callable
from time import monotonic
from typing import Final, TextIO
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, frozen

from ...domain.policy import PRODUCTION
from ...domain.provider import NonceCarrier, Provider
from ...domain.secret import Secret
from ...domain.wire.places import arrival
from .again import Again
from .exits import LOOK_UP, Trouble
from .options import Wishes
from .receiver import Receiver

_LONGEST_LINE: Final = 64 * 1024
LONGEST: Final = PRODUCTION.attempt_life
"""Whoever waits longer waits in vain: the attempt has lapsed."""


def nonce_of(url: Secret) -> Secret:
    """Return the nonce that an authorization URL sends on its journey."""
    return Secret(dict(parse_qsl(urlsplit(url.reveal()).query))["state"])


def belongs(nonce: Secret, provider: Provider) -> Callable[[str], bool]:
    """Return what says whether an address brings *nonce* back, and no other one."""
    carriers = {"state"} if provider.nonce_carrier is NonceCarrier.STATE else {"state", provider.nonce_member}

    def is_ours(address: str) -> bool:
        told = parse_qsl(arrival(address.strip()).query)
        brought = [value for name, value in told if name in carriers]
        return bool(brought) and all(Secret(value) == nonce for value in brought)

    return is_ours


@frozen(kw_only=True)
class Ways:
    """
    How an answer can come.

    Attributes:
        receiver: Where the browser brings it; ``None`` if its address is not on this machine.
        keyboard: Where a person pastes it; ``None`` if nobody was asked to.
        say: What a person is told by.
    """

    receiver: Receiver | None
    keyboard: TextIO | None
    say: Callable[[str], None]


def awaited(ways: Ways, is_ours: Callable[[str], bool], wishes: Wishes, again: Again) -> Secret:
    """
    Return the answer, by whichever way it comes first.

    Raises:
        Trouble: none came within the time-out, or there is no way left by which one could.
    """
    ends = monotonic() + wishes.timeout.total_seconds()
    with selectors.DefaultSelector() as selector:
        if ways.receiver:
            selector.register(ways.receiver.expect(is_ours), selectors.EVENT_READ)
        if ways.keyboard:
            selector.register(ways.keyboard, selectors.EVENT_READ)
        while selector.get_map() and (left := ends - monotonic()) > 0:
            for key, _ in selector.select(min(left, LOOK_UP)):
                if isinstance(key.fileobj, socket.socket) and ways.receiver:
                    return Secret(ways.receiver.take())
                line = os.read(key.fd, _LONGEST_LINE).decode("utf-8", "replace")
                if is_ours(line):
                    return Secret(line.strip())
                if not line:
                    selector.unregister(key.fileobj)
                elif line.strip():
                    ways.say("This is not the address that this log-in ends at. Copy all of it, from http to the end:")
    raise _no_answer(wishes, again, was_in_time=monotonic() < ends)


def _no_answer(wishes: Wishes, again: Again, *, was_in_time: bool) -> Trouble:
    """Return the trouble with an answer that did not come: the terminal's input was over, or the time."""
    message = "The input ended before an address was pasted." if was_in_time else "The browser's answer did not come."
    remedy = f"Run once more: {again.command('login')}"
    if not was_in_time and wishes.timeout < LONGEST:
        longer = again.of_a_login(evolve(wishes, timeout=LONGEST).words)
        remedy = f"To have more time for it, run: {longer.command('login')}"
    return Trouble(code="no_answer", message=message, remedy=remedy)
