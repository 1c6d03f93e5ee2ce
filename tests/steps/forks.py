"""
The process that all others are forked from: everything is loaded once, and a life begins in milliseconds.

It has one thread and opens nothing of an installation, so that its children are as good as fresh; a life in memory is
lived once before, because what is made at the first use is made once then.  Orders come as lines
of JSON: ``{"run": order}`` answers when that life is over or stopped, ``{"fork": order}`` at once, ``{"wait": number}``
when that process is over or stopped.
"""

import gc
import json
import os
import runpy
import sys
from datetime import timedelta

from tests.steps import life

from mailup_oauth.domain.wire.http import HttpRequest
from mailup_oauth.testing.stage import Stage

NOBODY = "http://127.0.0.1:9/"
"""Nobody listens there."""


def warm():
    """Live one life without a file and without an answer."""
    stage = Stage()
    stage.connect()
    stage.expire()
    stage.token()
    stage.oauth.close()
    life.TRANSPORT._trusted()
    life.TRANSPORT.send(HttpRequest(method="GET", url=NOBODY), deadline=timedelta(seconds=1))


def serve():
    """Obey until there are no more orders; return the order that a forked child is to live."""
    gc.freeze()
    for line in sys.stdin:
        ((verb, what),) = json.loads(line).items()
        number = what if verb == "wait" else os.fork()
        if not number:
            return what
        _, status = (number, 0) if verb == "fork" else os.waitpid(number, os.WUNTRACED)
        sys.stdout.write(json.dumps({"process": number, "status": status}) + "\n")
        sys.stdout.flush()
    return None


if __name__ == "__main__":
    warm()
    for broken in sys.argv[1:]:
        runpy.run_path(broken)
    if (order := serve()) is not None:
        life.live(order)
