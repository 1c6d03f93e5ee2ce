"""The extension object: made once, initialised with as many applications as there are, kept by none of them."""

import logging
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, Final, ParamSpec, TypeVar, cast
from weakref import finalize

import httpx
from flask import Blueprint, Flask, Response, abort, current_app
from werkzeug.exceptions import Conflict

from ....client import MailUpOAuth
from ....domain.errors import MailUpOAuthError, ReauthorizationRequired
from .. import reading as r
from ..flows import PAGES
from ..sharing import SharedBySync
from ..shortfall import NOT_CONNECTED, SHORTFALLS, shortfall
from ..visit import Who, person
from . import commands, shell
from .installed import NAME, Installed, close_clients, installed
from .settings import check_return, checked_prefix, facade_of
from .signals import Signals

P = ParamSpec("P")
T = TypeVar("T")

Whom = Callable[[], "Awaitable[Who | str | None] | Who | str | None"]
"""What an application says of the current request: who is signed in, and which connection is theirs."""
AnyWhom = TypeVar("AnyWhom", bound=Whom)

_SIGN_IN: Final = 401
_LOG: Final = logging.getLogger("mailup_oauth.web")


class ConnectionRequired(Conflict):
    """
    Whoever is signed in has to connect to MailUp first: 409, with the page to do that, or JSON for programs.

    409 is for what the person can put right and then ask again (RFC 9110 section 15.5.10); 401 would send them to the
    application's own log-in, and 403 say that asking again is of no use.  ``@app.errorhandler(ConnectionRequired)``
    answers in the application's own way.

    Attributes:
        connect_at: The path of the page with the connect button.
    """

    def __init__(self, description: str, response: Response, connect_at: str) -> None:
        super().__init__(description, response)
        self.connect_at = connect_at


class MailUp:
    """
    MailUp for Flask applications.

    The pages are below ``MAILUP_URL_PREFIX`` (``/mailup``), as ``mailup.status``, ``mailup.begin``, ``mailup.complete``,
    ``mailup.disconnect`` and ``mailup.failed``; the redirect URI registered with MailUp ends in ``/mailup/complete``.
    One object serves any number of applications, and ``app.extensions["mailup_oauth"]`` holds what is one's own.

    Args:
        app: An application to begin with.
        who: Says who is signed in, from the application's own session; may be ``async`` where Flask's views may.
        oauth: A facade of the application's own making, in place of the one that ``MAILUP_`` in the config describes.
    """

    def __init__(self, app: Flask | None = None, *, who: Whom | None = None, oauth: MailUpOAuth | None = None) -> None:
        self._whom = who
        self._oauth = oauth
        self.blueprint = Blueprint("mailup", __name__, cli_group="mailup")
        for page in PAGES:
            self._route(page)
        commands.add_to(self.blueprint)
        if app is not None:
            self.init_app(app)

    def init_app(
        self, app: Flask, *, oauth: MailUpOAuth | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        """
        Prepare *app*: read its config, mount the pages, and close clients with its contexts.

        Args:
            app: Not kept.
            oauth: A facade for this application alone, as for a test; the config is then not asked for one.
            transport: What its API clients send with; a pool of connections unless told otherwise.
        Raises:
            BadRegistration: a setting is missing, unknown, or cannot work.
            StorageError: the database or its key cannot be used.
            RuntimeError: it was done before.
        """
        if NAME in app.extensions:
            problem = (
                "this Flask application has a MailUp already; use that one, or call init_app once for each application"
            )
            raise RuntimeError(problem)
        prefix = checked_prefix(app)
        facade = oauth or self._oauth or facade_of(app, Signals())
        check_return(facade, prefix)
        pool = SharedBySync(transport)
        places = r.places_for(facade.core.setting.registration.redirect_uri)
        app.extensions[NAME] = Installed(oauth=facade, pool=pool, places=places)
        if isinstance(facade.core.ports.observer, Signals):
            facade.core.ports.observer.join(app)
        app.teardown_appcontext(close_clients)
        finalize(app, pool.close)
        if prefix is not None:
            app.register_blueprint(self.blueprint, url_prefix=prefix)

    def who(self, whom: AnyWhom) -> AnyWhom:
        """Let *whom* say who is signed in; a decorator."""
        self._whom = whom
        return whom

    def person(self) -> Who | None:
        """
        Return who is signed in.

        Raises:
            RuntimeError: the application has not said how that is known.
        """
        if self._whom is None:
            problem = "nobody has told MailUp who is signed in; decorate a function with @mailup.who"
            raise RuntimeError(problem)
        return person(_asked(self._whom))

    @property
    def oauth(self) -> MailUpOAuth:
        """The current application's facade."""
        return installed().oauth

    def client(self) -> httpx.Client:
        """
        Return an ``httpx.Client`` that calls MailUp's API for the signed-in person's connection.

        It is the same for the whole request, and is closed at its end.  Its requests raise what
        ``MailUpOAuth.access_token`` raises.

        Raises:
            Unauthorized: 401, nobody is signed in.
        """
        return installed().client_here(self._somebody().connection)

    def client_for(self, connection: str) -> httpx.Client:
        """Return a client for *connection*, for commands and workers; whoever asks for it closes it."""
        return installed().client_for(connection)

    def required(self, view: Callable[P, T]) -> Callable[P, T]:
        """
        Let nobody into *view* without a connection that can be used; a decorator, to be put below the route.

        Raises, in the view:
            Unauthorized: 401, nobody is signed in.
            ConnectionRequired: 409, they have to connect first, or the connection ended meanwhile.
        """

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            somebody = self._somebody()
            self._check(somebody)
            try:
                return cast("T", current_app.ensure_sync(view)(*args, **kwargs))
            except ReauthorizationRequired:
                self._check(somebody)  # it was their connection, or another one of the application's
                raise

        return guarded

    def explain(self, error: MailUpOAuthError) -> Response:
        """
        Tell whoever asked what MailUp was needed for and could not be had; for ``app.register_error_handler``.

        Where connecting helps, the page has the connect button.  409 is for what somebody has to do at MailUp, 503 for
        what they cannot help.

        Raises:
            MailUpOAuthError: it is the program's own fault.
        """
        if not isinstance(error, SHORTFALLS):
            raise error
        here = installed()
        visit, short = shell.interrupted(here), shortfall(error)
        _LOG.warning("%s (reference %s): %s", error.code, visit.reference, error)
        return shell.told(short, here, visit)

    def _check(self, somebody: Who) -> None:
        """Raise ``ConnectionRequired`` unless there is a connection that can be used."""
        here = installed()
        if not here.oauth.status(somebody.connection).connected:
            visit = shell.interrupted(here)
            _LOG.warning("%s (reference %s): a view requires a connection", NOT_CONNECTED.code, visit.reference)
            raise ConnectionRequired(NOT_CONNECTED.message, shell.told(NOT_CONNECTED, here, visit), here.places.status)

    def _somebody(self) -> Who:
        """Return who is signed in; whoever is not is refused."""
        return self.person() or abort(_SIGN_IN)

    def _route(self, page: str) -> None:
        """Mount a page; also what Flask and Werkzeug would answer by themselves goes through its flow."""

        def view(**_: Any) -> Response:  # noqa: ANN401  # a prefix may have variables
            return shell.answered(page, installed(), None if page == shell.UNASKED else self.person())

        name = page.strip("/") or "status"
        view.__doc__ = PAGES[page].__doc__
        self.blueprint.add_url_rule(
            page,
            name,
            view,
            methods=[*r.METHODS],
            provide_automatic_options=False,
            strict_slashes=page != r.STATUS,  # the redirect to the other spelling would be to whatever Host says
            merge_slashes=False,
        )


def _asked(whom: Whom) -> Who | str | None:
    """Return what an application says; on another thread where an ``async`` view has its loop on this one."""
    asking = cast("Callable[[], Who | str | None]", current_app.ensure_sync(whom))
    if not (iscoroutinefunction(whom) and _is_in_a_loop()):
        return asking()
    with ThreadPoolExecutor(1) as other:
        return other.submit(copy_context().run, asking).result()


def _is_in_a_loop() -> bool:
    """Say whether an event loop is running on this thread."""
    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True
