"""
A Flask application that is made and used before its workers are forked, as gunicorn does with ``--preload``.

Takes the sandbox's address, the database, the keys and the number of workers; says ``ready`` when it has used its connection, and
forks when it is told to.  Every worker asks for the page of mailing lists at once; the exit code is the number of those that
did not get it, and of the calls that failed before and after in the process that forked them.
"""

import os
import sys
from datetime import timedelta

from flask import Flask

from mailup_oauth import MailUpOAuth, Registration, Secret
from mailup_oauth.adapters.clock.shifted import ShiftedClock
from mailup_oauth.adapters.serving.sandbox import provider_at
from mailup_oauth.adapters.storage.sqlite import SqliteStore
from mailup_oauth.adapters.web.flask import MailUp

clock = ShiftedClock()


def made(base, database, client_id, client_secret):
    """Return the application."""
    registration = Registration(
        client_id=client_id, client_secret=Secret(client_secret), redirect_uri="https://app.example/mailup/complete"
    )
    oauth = MailUpOAuth(registration, store=SqliteStore(database), provider=provider_at(base), clock=clock)
    app = Flask("preloaded")
    mailup = MailUp(app, who=lambda: "acme", oauth=oauth)

    @app.get("/lists")
    @mailup.required
    def lists():
        return mailup.client().get("User/Lists").raise_for_status().json()["Items"]

    return app


def has_failed(app):
    """Ask for the page, and return 1 if it did not come."""
    answer = app.test_client().get("/lists")
    return 0 if answer.status_code == 200 and "Newsletter of m1234" in answer.text else 1


def main(workers, *places):
    """Use the application, fork, and return how much went wrong."""
    app = made(*places)
    failures = has_failed(app)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    clock.move(timedelta(seconds=int(sys.stdin.readline())))
    gate, go = os.pipe()
    children = []
    for _ in range(workers):
        child = os.fork()
        if not child:
            os.close(go)
            os.read(gate, 1)  # ends for all of them at once, when the last end to write at is closed
            os._exit(has_failed(app))
        children.append(child)
    os.close(gate)
    os.close(go)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return failures + sum(map(abs, ends)) + has_failed(app)


if __name__ == "__main__":
    *places, count = sys.argv[1:]
    sys.exit(main(int(count), *places))
