"""Which characters, and how many of them, a text from outside may hold; it knows no protocol step."""

import re
from typing import TypeGuard

LONGEST_TOKEN = 16 * 1024
"""Characters of an access or refresh token; security.md row 35, no other assumption is made about its size."""

_VISIBLE = bytes(
    range(0x20, 0x7F)
)  # to delete these and see what is left is the quickest way to look at 128 characters
_NOT_SHOWN = re.compile(r"[^\x20-\x21\x23-\x5B\x5D-\x7E]")


def is_visible(text: str, *, longest: int) -> bool:
    """Say whether *text* is 1 to *longest* characters of VSCHAR, %x20-7E (RFC 6749 appendix A)."""
    return 0 < len(text) <= longest and text.isascii() and not text.encode().translate(None, _VISIBLE)


def is_token(value: object) -> TypeGuard[str]:
    """Say whether *value* can be an access or refresh token (RFC 6749 appendices A.12 and A.17)."""
    return isinstance(value, str) and is_visible(value, longest=LONGEST_TOKEN)


def is_present(value: object) -> bool:
    """Say whether a member or parameter says anything; null and the empty text do not (RFC 6749 section 3.1)."""
    return value is not None and value != ""


def shown(text: str, *, longest: int) -> str:
    """Return *text* fit for a journal: cut, and ``?`` where RFC 6749 section 4.1.2.1 allows no such character."""
    return _NOT_SHOWN.sub("?", text[:longest])
