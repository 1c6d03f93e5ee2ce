"""
What the app tells the rest of a project, after it is stored; the sender is the model ``Connection``.

Every signal comes with ``connection``, the connection's name, and ``at``, when it happened.  It is sent where it happened:
mostly on the thread of a token request, so be quick; what a receiver raises is logged and dropped.
"""

from django.dispatch import Signal

connected = Signal()
"""A user's authorization is there, for the first time or anew."""

token_refreshed = Signal()
"""There is a new access token."""

needs_login = Signal()
"""No refresh will give tokens any more; only the user can help."""

disconnected = Signal()
"""The tokens were erased here."""
