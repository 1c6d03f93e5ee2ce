"""A session that no cookie leads to: the same for everybody, and it tells how often it got a new id."""

from django.contrib.sessions.backends.base import SessionBase


class Remembered(SessionBase):
    """Remembers what is put into it, and that its id was renewed."""

    def __init__(self):
        super().__init__()
        self.renewals = []
        self["visits"] = 1

    def cycle_key(self):
        """Note that the id was renewed."""
        self.renewals.append("renewed")


class Middleware:
    """Gives every request the session of its application."""

    def __init__(self, get_response):
        self._get_response = get_response
        self._session = type(self).session

    session = None
    """What the next application shall have."""

    def __call__(self, request):
        """Answer."""
        request.session = self._session
        return self._get_response(request)
