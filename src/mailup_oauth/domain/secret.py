"""A value nobody may read by accident; it knows how to be compared and how to be silent."""

import hmac
from typing import NoReturn, SupportsIndex, cast, final

MASK = "Secret(…)"


@final
class Secret:
    """
    A token, code, key, nonce or password on its way from one door to another.

    Printing, formatting, pickling, copying and hashing never show the value; ``reveal`` is the only way out, and an
    architecture test lists the modules that may use it.  Two secrets are compared in constant time.  Immutable, so safe
    to share between threads and tasks.

    Raises:
        TypeError: *value* is not text.
    Source: security.md rows 20 and 47, kept in ``SECURITY.md``.
    """

    __slots__ = ("__value",)

    __value: str

    def __init__(self, value: str) -> None:
        given = cast("object", value)
        if not isinstance(given, str):  # not every caller is checked by a type checker
            msg = f"a Secret holds text, not {type(given).__name__}"
            del value, given  # a traceback may show the locals of this frame
            raise TypeError(msg)
        object.__setattr__(self, "_Secret__value", value)

    def reveal(self) -> str:
        """Return the value itself; from here on the caller answers for it."""
        return self.__value

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; lone surrogates, which JSON can carry, are compared too and never raise."""
        if not isinstance(other, Secret):
            return NotImplemented
        mine, theirs = (one.reveal().encode("utf-8", "surrogatepass") for one in (self, other))
        return hmac.compare_digest(mine, theirs)

    __hash__ = None  # type: ignore[assignment]  # a hash would tell equal secrets apart in a set or a log

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        msg = "a Secret never changes"
        raise AttributeError(msg)

    def __delattr__(self, name: str) -> NoReturn:
        msg = "a Secret never changes"
        raise AttributeError(msg)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        msg = "a Secret is neither pickled nor copied; seal it with the Cipher port"
        raise TypeError(msg)

    def __getstate__(self) -> NoReturn:
        msg = "a Secret is not serialised; seal it with the Cipher port"
        raise TypeError(msg)
