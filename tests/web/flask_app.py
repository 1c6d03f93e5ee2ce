"""The Flask application that the tests put questions to, and people with browsers in front of it."""

from flask import Flask, session
from tests.web.scene import CLIENT_ID, ORIGIN, PREFIX, Person, over_flask

from mailup_oauth import MailUpOAuth, Secret
from mailup_oauth.adapters.web.flask import MailUp, Signals, Who


def settings(scene, **more):
    """Return what makes an application's own facade, as its config has it."""
    return {
        "MAILUP_CLIENT_ID": CLIENT_ID,
        "MAILUP_CLIENT_SECRET": Secret("a client secret"),
        "MAILUP_REDIRECT_URI": f"{ORIGIN}{PREFIX}/complete",
        "MAILUP_PROVIDER": scene.provider,
        **more,
    }


def signed_in():
    """Say who is signed in: whoever the session names."""
    return Who(user=session["user"], connection=session["tenant"]) if "user" in session else None


def bare(*args, **config):
    """Return an application with a config and nothing else."""
    app = Flask("shop", *args)
    app.config.update(SECRET_KEY="only a test", TESTING=True, **config)
    return app


def with_views(app, mailup):
    """Give *app* a log-in that believes everybody, and a page of the person's mailing lists."""
    mailup.who(signed_in)

    @app.post("/sign-in/<user>/<tenant>")
    def sign_in(user, tenant):
        session.update(user=user, tenant=tenant)
        return ""

    @app.post("/sign-out")
    def sign_out():
        session.clear()
        return ""

    @app.get("/lists")
    @mailup.required
    def lists():
        return [one["Name"] for one in mailup.client().get("User/Lists").json()["Items"]]

    return app


def application(scene, *, app=None, more=None, **ports):
    """
    Return an application before MailUp's sandbox, in memory unless a store is given.

    *more* adds what else there is: it is called with the application and its ``MailUp``.
    """
    app = app or bare()
    mailup = MailUp()
    oauth = scene.facade(MailUpOAuth, **{"observer": Signals(), **ports})
    mailup.init_app(app, oauth=oauth)
    with_views(app, mailup)
    if more is not None:
        more(app, mailup)
    return app


def oauth_of(app):
    """Return the facade of an application."""
    return app.extensions["mailup_oauth"].oauth


def person(app, user="ada", tenant="acme", **more):
    """Return somebody at a browser, signed in unless nobody is named."""
    somebody = Person(over_flask(app.test_client(use_cookies=False), more.get("origin", ORIGIN)), **more)
    if user:
        somebody.submits(f"/sign-in/{user}/{tenant}")
    return somebody
