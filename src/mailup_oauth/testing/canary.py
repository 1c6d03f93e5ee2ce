"""What every secret of a test holds, so that a leak can be searched for, and the mark of a secret that is nobody's."""

from hashlib import sha256
from typing import Final

from ..domain.credential import Mark
from ..domain.secret import Secret

CANARY: Final = "can" + "ary"
"""
The text that every secret of a test holds; whoever finds it outside of a secret has found a leak.

It is made of parts because Hypothesis also draws the words that it reads in the source, and would put this one anywhere.
"""


def marked(secret: Secret) -> Mark:
    """Return a mark like the Marker's: equal for equal secrets; it needs no key, because these secrets are nobody's."""
    return Mark("test", sha256(secret.reveal().encode()).hexdigest()[:32])
