"""What a request does around the library: it opens a transaction, and perhaps it fails."""

from contextlib import contextmanager

from django.contrib.auth.models import Group
from django.db import transaction


class Failed(Exception):
    """The request failed, and everything inside its transaction is to be undone."""


@contextmanager
def failing(alias, *, writes=False):
    """Be inside a transaction that is rolled back in the end; it may have written before."""
    try:
        with transaction.atomic(using=alias):
            if writes:
                Group.objects.using(alias).create(name="written by the request")
            yield
            fail()
    except Failed:
        pass


def fail():
    """Fail as a view does."""
    raise Failed
