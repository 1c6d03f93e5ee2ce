"""Decides what a browser gets at the log-on and consent pages; it knows nothing of tokens."""

from datetime import datetime, timedelta
from typing import Final, assert_never

from ..domain.secret import Secret
from .asking import Asking, Door, can_return_to, return_address
from .coin import Chance, key_of
from .commands import Answer, AnswerConsent, OpenLogOn, PostCredentials
from .events import CodeIssued, ConsentDenied, ConsentGiven, Event, LoggedOn, LogOnEnded, LogOnFailed, LogOnPageShown
from .replies import Complain, Complaint, LeaveThere, Notice, Plain, SendBack, ShowConsent, ShowLogOn
from .switches import CallbackExtras, Consent, DenyStyle, RedirectCheck, StateEcho
from .world import Application, Code, Grant, LoggedOnAs, LogOnSession, Visiting, World

Decision = tuple[tuple[Event, ...], Plain]

PAGE_LIFE: Final = timedelta(minutes=30)
"""How long a log-on or consent page can be posted; ours, nobody knows MailUp's."""
_EXTRAS: Final = (("token_type", "bearer"), ("expires_in", "3600"))
"""What this 3600 measures is not known: in 2016 access tokens lived 900 s.  mailup-wire.md section 4."""


def open_log_on(world: World, command: OpenLogOn) -> Decision:
    """Show the log-on form to a new session, or say what is wrong with the request."""
    application = _application(world, command.asking)
    if isinstance(application, Complain):
        return (), application
    chance = Chance(command.entropy, world.serial)
    cookie, page_token = chance.coin("cookie"), chance.coin("page")
    session = Visiting(page_token=page_token, opened_at=command.now)
    shown = ShowLogOn(
        asking=command.asking,
        application=application.name,
        cookie=cookie,
        page_token=page_token,
        notice=Notice.WELCOME,
    )
    return (LogOnPageShown(session_key=key_of(cookie), session=session),), shown


def post_credentials(world: World, command: PostCredentials) -> Decision:
    """Log the user on and ask for consent where that is still owed; or show the form again."""
    application = _application(world, command.asking)
    if isinstance(application, Complain):
        return (), application
    former = key_of(command.cookie)
    session = world.sessions.get(former)
    if not isinstance(session, Visiting) or _is_stale(session, command.page_token, command.now):
        return (), Complain(Complaint.STALE_PAGE)
    user = world.users.get(command.username)
    if user is None or user.password != command.password:
        again = ShowLogOn(
            asking=command.asking,
            application=application.name,
            cookie=command.cookie,
            page_token=session.page_token,
            notice=Notice.WRONG_CREDENTIALS,
        )
        return (LogOnFailed(at=command.now),), again
    if world.switches.consent is Consent.FIRST_TIME and (user.username, application.client_id) in world.grants:
        events, reply = _let_through(world, command, user.username)
        return (LogOnEnded(session_key=former), *events), reply
    return _ask_consent(world, command, application)


def _ask_consent(world: World, command: PostCredentials, application: Application) -> Decision:
    chance = Chance(command.entropy, world.serial)
    cookie, page_token = chance.coin("cookie"), chance.coin("page")
    logged_on = LoggedOn(
        former_key=key_of(command.cookie),
        session_key=key_of(cookie),
        session=LoggedOnAs(page_token=page_token, opened_at=command.now, username=command.username),
    )
    consent = ShowConsent(
        asking=command.asking,
        application=application.name,
        username=command.username,
        cookie=cookie,
        page_token=page_token,
    )
    return (logged_on,), consent


def answer_consent(world: World, command: AnswerConsent) -> Decision:
    """Send the browser back with a code, or with a refusal in the style that is switched on."""
    application = _application(world, command.asking)
    if isinstance(application, Complain):
        return (), application
    key = key_of(command.cookie)
    session = world.sessions.get(key)
    if not isinstance(session, LoggedOnAs) or _is_stale(session, command.page_token, command.now):
        return (), Complain(Complaint.STALE_PAGE)
    ended = LogOnEnded(session_key=key)
    client_id = application.client_id
    if command.answer is Answer.DENY:
        denied = ConsentDenied(username=session.username, client_id=client_id, at=command.now)
        return (denied, ended), _denial(world, command.asking)
    grant = Grant(username=session.username, client_id=client_id, given_at=command.now)
    events, reply = _let_through(world, command, session.username)
    return (ConsentGiven(grant), ended, *events), reply


def _application(world: World, asking: Asking) -> Application | Complain:
    application = world.applications.get(asking.client_id)
    if application is None:
        return Complain(Complaint.UNKNOWN_APPLICATION)
    if asking.client_secret not in (Secret(""), application.client_secret):
        return Complain(Complaint.WRONG_SECRET)
    if asking.response_type != "code":
        return Complain(Complaint.RESPONSE_TYPE)
    listed = asking.redirect_uri in application.redirect_uris
    if not can_return_to(asking.redirect_uri) or (world.switches.redirect_check is RedirectCheck.LIST and not listed):
        return Complain(Complaint.REDIRECT_URI)
    return application


def _is_stale(session: LogOnSession, page_token: Secret, now: datetime) -> bool:
    return session.page_token != page_token or now - session.opened_at > PAGE_LIFE


def _let_through(world: World, command: PostCredentials | AnswerConsent, username: str) -> Decision:
    asking, chance = command.asking, Chance(command.entropy, world.serial)
    code = Code(value=chance.coin("code"), username=username, asking=asking, issued_at=command.now)
    with_extras = asking.door is Door.LOG_ON and world.switches.callback_extras is CallbackExtras.ON
    members = (("code", code.value.reveal()), *(_EXTRAS if with_extras else ()), *_state(world, asking))
    return (CodeIssued(code),), SendBack(return_address(asking.redirect_uri, members))


def _denial(world: World, asking: Asking) -> Plain:
    match world.switches.deny_style:
        case DenyStyle.QUERY_ERROR:
            members = (("error", "access_denied"), *_state(world, asking))
            return SendBack(return_address(asking.redirect_uri, members))
        case DenyStyle.HTML_400:
            return Complain(Complaint.DENIED)
        case DenyStyle.NO_RETURN:
            return LeaveThere()
        case _ as never:
            assert_never(never)


def _state(world: World, asking: Asking) -> tuple[tuple[str, str], ...]:
    echoed = asking.door is Door.AUTHORIZATION or world.switches.state_echo is StateEcho.ALWAYS
    return (("state", asking.state),) if echoed and asking.state else ()
