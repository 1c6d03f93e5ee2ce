"""The five pages as flows: what is checked, what is asked of the facade, what is answered; no framework and no socket."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from ...client.core import Core
from ...client.sync import About
from ...domain.errors import MailUpOAuthError, ProgramError, TryLater
from ...domain.secret import Secret
from . import reading as r
from . import steps as s
from . import words as w
from .cookies import Flow as Attempt
from .cookies import Jar
from .intent import CHANGING, SAFE, is_deliberate, is_mute, is_only_a_look, is_under_its_own_name
from .landing import landing
from .pages import Page, status_page, told_page
from .visit import Answer, Cookie, Visit, moved, shown

Flow = Callable[[Core, Visit], s.Flow[Answer]]
"""One of the five pages."""

_REFERENCE: Final = re.compile(r"[0-9a-f]{12}")
_LOG: Final = logging.getLogger("mailup_oauth.web")
_USUAL: Final = frozenset({w.ASKED, w.SIGN_IN})
"""Refusals that belong to every day."""
_OK, _BAD, _SIGN_IN, _FORBIDDEN, _METHOD, _TOO_EARLY, _UNAVAILABLE = 200, 400, 401, 403, 405, 425, 503


def begin(core: Core, visit: Visit) -> s.Flow[Answer]:
    """Send a signed-in person to MailUp who asked for it on one of the application's own pages."""
    if visit.method not in {SAFE, CHANGING}:
        return _wrong_method(core, visit, f"{SAFE}, {CHANGING}")
    if visit.who is None:
        return _told(core, visit, _SIGN_IN, w.SIGN_IN)
    uri = core.setting.registration.redirect_uri
    if not is_under_its_own_name(visit, uri):
        return _told(core, visit, _BAD, w.ELSEWHERE)
    if not is_deliberate(visit, uri):
        return _told(core, visit, _FORBIDDEN, w.MUTE) if is_mute(visit) else _asked(core, visit)
    start = yield from s.ask(s.Begin(visit.who.connection, _about(visit, "connect")))
    wanted = landing(visit.wanted, "")
    jar, now = Jar(core), core.ports.clock.now()
    attempt = Attempt(binding=start.binding, who=visit.who, wanted=wanted, begun_at=now)
    cookie = jar.keep(start.attempt, attempt)
    return moved(start.url, *jar.surplus(visit.cookies, cookie), cookie)


def complete(core: Core, visit: Visit) -> s.Flow[Answer]:
    """
    Take what the browser brings back from MailUp, and send it on to an address that tells nothing of it.

    Only the browser that began, and only for the person who began; whatever else comes changes nothing.
    """
    if visit.method != SAFE:
        return _wrong_method(core, visit, SAFE)
    if is_only_a_look(visit):
        return _told(core, visit, _TOO_EARLY, w.EARLY)
    jar, query = Jar(core), Secret(visit.query)
    name = jar.name_for(query)
    attempt = jar.read(name, visit.cookies)
    if attempt is None:
        return _refused(jar, visit, w.USED if jar.is_over(name, visit.cookies) else w.BROWSER)
    if jar.is_late(attempt):
        return _refused(jar, visit, w.LAPSED, jar.forget(name))
    if visit.who != attempt.who:
        return _refused(jar, visit, w.USER if visit.who else w.SIGNED_OUT, jar.forget(name))
    try:
        yield from s.ask(s.Complete(query, attempt.binding, _about(visit, "connect")))
    except MailUpOAuthError as error:
        _log(error, visit)
        return _failed(jar, visit, w.word_for(error), *jar.over(name))
    to = landing(attempt.wanted, visit.places.status)
    return moved(to, *jar.over(name), jar.notice(w.DONE), has_linked=True)


def disconnect(core: Core, visit: Visit) -> s.Flow[Answer]:
    """Erase the tokens of the signed-in person's connection, if they asked for it on one of our own pages."""
    if visit.method != CHANGING:
        return _wrong_method(core, visit, CHANGING)
    if visit.who is None:
        return _told(core, visit, _SIGN_IN, w.SIGN_IN)
    if not is_deliberate(visit, core.setting.registration.redirect_uri):
        return _told(core, visit, _FORBIDDEN, w.MUTE if is_mute(visit) else w.APART)
    yield from s.ask(s.Disconnect(visit.who.connection, _about(visit, "disconnect")))
    return moved(landing(visit.wanted, visit.places.status), Jar(core).notice(w.GONE))


def status(core: Core, visit: Visit) -> s.Flow[Answer]:
    """Show the signed-in person's connection."""
    if visit.method != SAFE:
        return _wrong_method(core, visit, SAFE)
    if visit.who is None:
        return _told(core, visit, _SIGN_IN, w.SIGN_IN)
    jar, provider = Jar(core), core.setting.provider
    sight = yield from s.ask(s.Look(visit.who.connection))
    said = jar.noticed(visit.cookies)
    page = status_page(sight, visit, provider, said=said)
    return _shown(_OK, page, *([jar.told()] if said else []))


def failed(core: Core, visit: Visit) -> s.Flow[Answer]:
    """Tell why nothing was connected; needs nobody to be signed in, and knows nobody's connection."""
    if visit.method != SAFE:
        return _wrong_method(core, visit, SAFE)
    yield from ()
    jar = Jar(core)
    word, _, reference = jar.noticed(visit.cookies).partition(".")
    known = _known_as(visit, reference)
    if known is visit:
        _LOG.info("%s (reference %s): nothing had failed", w.REFUSED, visit.reference)
    page = told_page(w.TOLD[word if word in w.FAILURES else w.REFUSED], known, core.setting.provider)
    return _shown(_OK, page, jar.told())


def answered(flow: Flow, core: Core, visit: Visit) -> s.Flow[Answer]:
    """
    Answer a visit, also where the library cannot do what it is asked: in general words, with a correlation id.

    Raises:
        ProgramError: the application gave a connection a name that cannot be used.
    """
    try:
        return (yield from flow(core, visit))
    except ProgramError:
        raise
    except MailUpOAuthError as error:
        _log(error, visit)
        return _page(core, visit, _UNAVAILABLE, w.LATER if isinstance(error, TryLater) else w.STORE)


def _about(visit: Visit, reason: str) -> About:
    """Return what the journal is told: who, why, and which request it was."""
    actor = visit.who.user if visit.who else ""
    return About(actor=actor, reason=reason, correlation_id=visit.reference)


def _log(error: MailUpOAuthError, visit: Visit) -> None:
    """Tell the operator what the person is not told; the library's errors hold no secret."""
    _LOG.warning("%s (reference %s): %s", error.code, visit.reference, error)


def _note(visit: Visit, word: str) -> None:
    """Tell the operator why somebody was refused; what they are shown has the same reference."""
    level = logging.INFO if word in _USUAL else logging.WARNING
    _LOG.log(level, "%s (reference %s): %s", word, visit.reference, w.TOLD[word].title)


def _refused(jar: Jar, visit: Visit, word: str, *cookies: Cookie) -> Answer:
    """Refuse a callback that no attempt of this browser and this person belongs to."""
    _note(visit, word)
    return _failed(jar, visit, word, *cookies)


def _failed(jar: Jar, visit: Visit, word: str, *cookies: Cookie) -> Answer:
    """Return what leads to the page that tells why, whose address tells nothing."""
    return moved(visit.places.failed, *cookies, jar.notice(f"{word}.{visit.reference}"))


def _known_as(visit: Visit, reference: str) -> Visit:
    """Return the visit under the correlation id of the one before, if it is one."""
    return attrs.evolve(visit, reference=reference) if _REFERENCE.fullmatch(reference) else visit


def _asked(core: Core, visit: Visit) -> Answer:
    """Return the page that asks first; nothing was begun."""
    _note(visit, w.ASKED)
    return _shown(_FORBIDDEN, told_page(w.TOLD[w.ASKED], visit, core.setting.provider, begins=True))


def _told(core: Core, visit: Visit, code: int, word: str) -> Answer:
    """Refuse, on a page that tells one thing."""
    _note(visit, word)
    return _page(core, visit, code, word)


def _page(core: Core, visit: Visit, code: int, word: str) -> Answer:
    """Return a page that tells one thing."""
    return _shown(code, told_page(w.TOLD[word], visit, core.setting.provider))


def _wrong_method(core: Core, visit: Visit, allow: str) -> Answer:
    """Return the answer to whoever asks in another way than a browser that was sent."""
    _note(visit, w.METHOD)
    page = told_page(w.TOLD[w.METHOD], visit, core.setting.provider)
    return shown(_METHOD, page.body, page.policy, page.referrer, allow=allow)


def _shown(code: int, page: Page, *cookies: Cookie) -> Answer:
    """Return a page as an answer."""
    return shown(code, page.body, page.policy, page.referrer, *cookies)


PAGES: Final[Mapping[str, Flow]] = {
    r.STATUS: status,
    r.BEGIN: begin,
    r.COMPLETE: complete,
    r.DISCONNECT: disconnect,
    r.FAILED: failed,
}
"""By their paths below the prefix of the application."""
