"""
A Flask application whose tenants each have a MailUp connection of their own.

    python examples/flask/app.py

It starts with nothing configured, against a sandbox of MailUp in the same process, on the server that Flask has for
developers.
"""

import logging
import secrets
import sys
from pathlib import Path

from flask import Flask, Response, make_response, redirect, session

from mailup_oauth import MailUpOAuth
from mailup_oauth.adapters.storage.memory import MemoryStore
from mailup_oauth.adapters.web.flask import MailUp, Who

sys.path.append(str(Path(__file__).parents[1]))

from common import TENANTS, Setup, example, home, lists_page

mailup = MailUp()


@mailup.who
def who() -> Who | None:
    """Return who is signed in, as the session has it; the connection is their tenant's."""
    user = session.get("user")
    return Who(user=user, connection=TENANTS[user]) if user else None


def create_app(setup: Setup) -> Flask:
    """Return the application."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = secrets.token_hex()
    # In earnest: mailup.init_app(app), and below MAILUP_ in the config what docs/flask.md tells.
    mailup.init_app(app, oauth=MailUpOAuth(setup.registration, store=MemoryStore(), provider=setup.provider))

    def shown(html: str) -> Response:
        return make_response(html, setup.headers)

    @app.get("/")
    def first() -> Response:
        return shown(home("Flask", session.get("user")))

    @app.post("/sign-in/<user>")
    def sign_in(user: str) -> Response:
        if user in TENANTS:
            session["user"] = user
        return redirect("/", 303)

    @app.post("/sign-out")
    def sign_out() -> Response:
        session.clear()
        return redirect("/", 303)

    @app.get("/lists")
    @mailup.required
    def lists() -> Response:
        answer = mailup.client().get("User/Lists").raise_for_status()
        return shown(lists_page([one["Name"] for one in answer.json()["Items"]]))

    return app


if __name__ == "__main__":
    with example("Flask", 8003) as setup:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lines hold every address, and so MailUp's codes
        create_app(setup).run("127.0.0.1", setup.port)
