"""Clients that break one promise each, so that a referee can be seen to notice."""

from contextlib import contextmanager

from mailup_oauth.engine.steps import Save, Send
from mailup_oauth.journal import read_record
from mailup_oauth.ports import Commit


class OpenGuard:
    """Lets everybody in."""

    @contextmanager
    def hold(self, name, *, patience):  # noqa: ARG002  # whoever it is
        """Exclude nobody."""
        yield


def tells(step, kind):
    """Say whether a step stores an event of this kind."""
    records = step.change.records if isinstance(step, Save) else ()
    return any(type(read_record(text).event).__name__ == kind for text in records)


def hasty():
    """Send before the intent is stored."""
    owed = []

    def take(step):
        if tells(step, "RefreshStarted"):
            owed.append(step)
            return Commit.DONE
        result = yield step
        if isinstance(step, Send) and owed:
            yield owed.pop()
        return result

    return take


def forgetful():
    """Take tokens for stored that are not."""

    def take(step):
        return Commit.DONE if tells(step, "TokensRefreshed") else (yield step)

    return take
