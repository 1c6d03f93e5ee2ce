"""What the operating system gives that nobody can guess."""

import random
import secrets

from ...domain.secret import Secret

_OCTETS = 32  # 256 bits, 43 characters of base64url (security.md row 2)


class SystemEntropy:
    """The Entropy port by the operating system; safe for threads and after a fork, for it keeps nothing."""

    def token(self) -> Secret:
        """Return 256 fresh bits as 43 characters of base64url."""
        return Secret(secrets.token_urlsafe(_OCTETS))

    def chance(self) -> float:
        """Return a number from 0 to 1."""
        return random.SystemRandom().random()


def octets(count: int) -> bytes:
    """Return *count* fresh bytes; a sandbox makes its tokens of them."""
    return secrets.token_bytes(count)
