"""What type checkers see of Flask: this file is checked and never run."""

import httpx
from flask import Flask, session

from mailup_oauth import MailUpOAuth, Status
from mailup_oauth.adapters.web.flask import ConnectionRequired, MailUp, Who, needs_login

mailup = MailUp()


@mailup.who
async def who() -> Who | None:
    """Say who is signed in, with whatever has to be awaited for that."""
    return Who(user=session["user"], connection=session["tenant"]) if "user" in session else None


def flask_application(oauth: MailUpOAuth) -> Flask:
    """A Flask application needs no cast."""
    app = Flask(__name__)
    mailup.init_app(app, oauth=oauth)

    @app.get("/lists/<int:number>")
    @mailup.required
    def lists(number: int) -> str:
        api: httpx.Client = mailup.client()
        return f"{number} {api.get('User/Lists').text}"

    @app.errorhandler(ConnectionRequired)
    def connect_first(error: ConnectionRequired) -> str:  # pyright: ignore[reportUnusedFunction]  # Flask uses it
        return error.connect_at

    @needs_login.connect_via(app)
    def tell(app: Flask, connection: str, at: object) -> None:  # pyright: ignore[reportUnusedFunction]  # so does blinker
        app.logger.warning("%s %s", connection, at)

    shown: str = lists(7)
    status: Status = mailup.oauth.status(shown)
    app.logger.info(status.advice)
    return app


def told_at_once() -> MailUp:
    """One that is told by a plain function, and has an application at once."""
    return MailUp(Flask(__name__), who=lambda: "acme")
