"""The cookie that ties an attempt to the browser and the person that began it, sealed with the application's own keys."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from typing import Final, cast

from attrs import frozen

from ...client.core import Core
from ...domain.errors import StorageError
from ...domain.instants import NO_TIME
from ...domain.secret import Secret
from ...domain.wire.callback import CallbackUnreadable, digests, read_callback
from .visit import Cookie, Who

KEPT: Final = 5
"""How many attempts of one browser are remembered, for as many tabs; the oldest is forgotten first."""
LONGEST: Final = 3900
"""Characters of a cookie's name and value together; browsers take 4096 (RFC 6265 section 6.1)."""
BUDGET: Final = 4096
"""Characters of all of them in a request; servers take about 8000 for a header, and the application has cookies too."""

_FLOW: Final = "mailup-flow-"
_SHOWN: Final = 16
_ATTEMPT: Final = re.compile(rf"[0-9a-f]{{{_SHOWN}}}")
_NOTICE: Final = "mailup-notice"
_OVER: Final = "mailup-over"
_HOST: Final = "__Host-"
_NOTICE_LIVES: Final = timedelta(minutes=2)


@frozen(kw_only=True)
class Flow:
    """
    An attempt as the browser that began it remembers it.

    Attributes:
        binding: What ``complete`` wants to see.
        who: Who began it, for which connection.
        wanted: Where they want to be afterwards.
        begun_at: When.
    """

    binding: Secret
    who: Who
    wanted: str
    begun_at: datetime


class Jar:
    """
    The cookies of one application.

    Over https their names begin with ``__Host-``, which no sibling host and no plain connection can set (RFC 6265bis
    section 4.1.3.2); on a loopback address, which browsers let nobody else answer for, they do without.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._is_secure = core.setting.registration.redirect_uri.startswith("https://")
        self._prefix = _HOST if self._is_secure else ""

    def name_for(self, query: Secret) -> str:
        """Return the name of the cookie for the attempt that a callback's query is about; empty if it names none."""
        setting = self._core.setting
        uri, provider = setting.registration.redirect_uri, setting.provider
        callback = read_callback(f"?{query.reveal()}", redirect_uri=uri, provider=provider, marking=setting.credential)
        return "" if isinstance(callback, CallbackUnreadable) else self._name(digests(callback)[0])

    def keep(self, attempt: str, flow: Flow) -> Cookie:
        """
        Return the cookie of a new attempt; where the landing place makes it too long, it goes without.

        It outlives the attempt, so that who comes too late can be told so.
        """
        name, life = self._name(attempt), self._core.setting.policy.attempt_life
        sealed = self._sealed(name, flow, flow.wanted)
        if len(name) + len(sealed) > LONGEST:
            sealed = self._sealed(name, flow, "")
        return Cookie(name=name, value=sealed, lives=2 * life, is_secure=self._is_secure)

    def over(self, name: str) -> tuple[Cookie, Cookie]:
        """Return the cookie that ends an attempt, and the one that remembers for a while which it was."""
        life = self._core.setting.policy.attempt_life
        mark = Cookie(name=self._prefix + _OVER, value=name[-_SHOWN:], lives=life, is_secure=self._is_secure)
        return self.forget(name), mark

    def is_over(self, name: str, cookies: Mapping[str, str]) -> bool:
        """Say whether this browser's last attempt was that one; a visitor may lie, and is told a lie in return."""
        return bool(name) and name[-_SHOWN:] == cookies.get(self._prefix + _OVER)

    def forget(self, name: str) -> Cookie:
        """Return the cookie that ends one."""
        return Cookie(name=name, value="", lives=NO_TIME, is_secure=self._is_secure)

    def read(self, name: str, cookies: Mapping[str, str]) -> Flow | None:
        """Return the attempt that a cookie holds; ``None`` if there is none, or it is not of our making."""
        try:
            sealed = urlsafe_b64decode(cookies.get(name, "").encode("ascii"))
            plain = self._core.setting.cipher.unseal(sealed, context=_context(name)) if sealed else b""
        except (ValueError, StorageError):
            return None
        return _flow(plain) if plain else None

    def is_late(self, flow: Flow) -> bool:
        """Say whether an attempt is too old to be finished."""
        return self._core.ports.clock.now() >= flow.begun_at + self._core.setting.policy.attempt_life

    def surplus(self, cookies: Mapping[str, str], new: Cookie) -> tuple[Cookie, ...]:
        """Return what forgets all attempts but those that may stay beside a new one: few, and not long together."""
        names = [name for name in cookies if _is_name(name, self._prefix + _FLOW)]
        flows = {name: flow for name in names if (flow := self.read(name, cookies)) and not self.is_late(flow)}
        young = sorted(flows, key=lambda name: flows[name].begun_at, reverse=True)[: KEPT - 1]
        sums = accumulate((_length(name, cookies[name]) for name in young), initial=_length(new.name, new.value))
        kept = [name for name, total in zip(young, islice(sums, 1, None), strict=True) if total <= BUDGET]
        return tuple(self.forget(name) for name in names if name not in kept)

    def notice(self, word: str) -> Cookie:
        """Return what lets the next page tell one thing, once."""
        return Cookie(name=self._prefix + _NOTICE, value=word, lives=_NOTICE_LIVES, is_secure=self._is_secure)

    def noticed(self, cookies: Mapping[str, str]) -> str:
        """Return what is to be told; a visitor's text."""
        return cookies.get(self._prefix + _NOTICE, "")

    def told(self) -> Cookie:
        """Return what forgets it."""
        return self.forget(self._prefix + _NOTICE)

    def _name(self, attempt: str) -> str:
        """Return the name of an attempt's cookie."""
        return f"{self._prefix}{_FLOW}{attempt[:_SHOWN]}"

    def _sealed(self, name: str, flow: Flow, wanted: str) -> str:
        """Return a cookie's value."""
        members = [flow.binding.reveal(), flow.who.user, flow.who.connection, wanted, flow.begun_at.timestamp()]
        plain = json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(self._core.setting.cipher.seal(plain, context=_context(name))).decode("ascii")


def _is_name(name: str, beginning: str) -> bool:
    """Say whether a cookie is called as ours are; what a visitor calls one in another way is not written into a header."""
    return name.startswith(beginning) and _ATTEMPT.fullmatch(name, len(beginning)) is not None


def _length(name: str, value: str) -> int:
    """Return how much of a request's ``Cookie`` header a cookie takes."""
    return len(f"{name}={value}; ")


def _context(name: str) -> bytes:
    """Return what a cookie's seal is bound to: no cookie passes for another one."""
    return f"mailup-oauth:web:{name}".encode()


def _flow(plain: bytes) -> Flow:
    """Return the attempt; whatever was sealed with our keys, under this name, was written by us."""
    binding, user, connection, wanted, begun = cast("tuple[str, str, str, str, float]", json.loads(plain))
    return Flow(
        binding=Secret(binding),
        who=Who(user=user, connection=connection),
        wanted=wanted,
        begun_at=datetime.fromtimestamp(begun, UTC),
    )
