"""
The OAuth 2.0 client for MailUp: it connects a MailUp user once, and keeps them connected.

The names are those of ``mailup_oauth.public``, loaded when the first of them is asked for: whoever imports one room, as every
run of pytest does with the plugin, pays for no other.  Adapters are imported by path, such as
``mailup_oauth.adapters.storage.sqlite``; nothing here loads one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .public import *  # noqa: F403  # the names as type checkers see them
else:

    def __getattr__(name: str) -> object:
        """Return what is offered under *name*; every such name begins with a capital letter, and no room's does."""
        if name != "__all__" and not name[:1].isupper():
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from . import public  # noqa: PLC0415

        return getattr(public, name)

    def __dir__() -> list[str]:
        """Return what is here and what is offered."""
        from . import public  # noqa: PLC0415

        return sorted({*globals(), *public.__all__})
