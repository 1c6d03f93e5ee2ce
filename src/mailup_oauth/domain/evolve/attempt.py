"""What an event makes of the one attempt that it names."""

from typing import assert_never

from attrs import evolve as changed

from .. import attempts as a
from .. import events as e
from .impossible import impossible

Attempts = tuple[a.Attempt, ...]


def moved(attempts: Attempts, name: a.AttemptId, event: e.Event) -> Attempts:
    """Return the attempts after *event* has met the one called *name*, all others as they were; the held go last."""
    for place, attempt in enumerate(attempts):
        if attempt.browser.id == name:
            before, met, behind = attempts[:place], _met(attempt, event), attempts[place + 1 :]
            return (*before, *behind, *met) if isinstance(event, e.TokensHeld) else (*before, *met, *behind)
    raise impossible(event, attempts)


def begun(attempts: Attempts, event: e.AuthorizationBegun) -> Attempts:
    """Return the attempts and the new one."""
    return (*attempts, event.attempt)


def _met(attempt: a.Attempt, event: e.Event) -> Attempts:
    """Return what is left of one attempt: itself in another form, or nothing."""
    match event:
        case e.CallbackRefused():
            browser = changed(attempt.browser, refusals=attempt.browser.refusals + 1)
            return (changed(attempt, browser=browser),)
        case e.AttemptDropped() if not isinstance(attempt, a.Exchanging):
            return ()
        case _:
            pass
    match attempt:
        case a.AwaitingCallback():
            return (_called_back(attempt, event),)
        case a.Exchanging():
            return (_answered(attempt, event),)
        case a.Identifying():
            return (_identified(attempt, event),)
        case a.Finished():
            raise impossible(event, attempt)
        case _ as never:
            assert_never(never)


def _called_back(attempt: a.AwaitingCallback, event: e.Event) -> a.Attempt:
    """Return what a browser that was awaited has become."""
    match event:
        case e.CallbackAccepted():
            return a.Exchanging(
                browser=attempt.browser,
                verifier=attempt.verifier,
                redirect_uri=attempt.redirect_uri,
                code=event.code.mark,
                sent=event.sent,
            )
        case e.AuthorizationDenied():
            return a.Finished(browser=attempt.browser, end=a.AttemptEnd.DENIED, detail=event.fault.value)
        case _:
            raise impossible(event, attempt)


def _answered(attempt: a.Exchanging, event: e.Event) -> a.Attempt:
    """Return what a code that was sent has become."""
    match event:
        case e.TokensIssued() | e.AuthorizationSalvaged():
            return a.Finished(browser=attempt.browser, end=a.AttemptEnd.CONNECTED)
        case e.TokensHeld():
            return a.Identifying(
                browser=attempt.browser,
                access=event.access,
                refresh=event.refresh,
                notes=event.notes,
                inquiry=a.ToBeAsked(number=0, again=event.again),
            )
        case e.ExchangeFailed():
            return a.Finished(browser=attempt.browser, end=event.end, detail=event.detail)
        case e.ExchangeNotSent():
            return a.AwaitingCallback(
                browser=attempt.browser, verifier=attempt.verifier, redirect_uri=attempt.redirect_uri
            )
        case _:
            raise impossible(event, attempt)


def _identified(attempt: a.Identifying, event: e.Event) -> a.Attempt:
    """Return what tokens whose owner was unknown have become."""
    match event:
        case e.TokensIssued():
            return a.Finished(browser=attempt.browser, end=a.AttemptEnd.CONNECTED)
        case e.AccountRefused():
            return a.Finished(browser=attempt.browser, end=a.AttemptEnd.ANOTHER_ACCOUNT)
        case e.IdentityAsked():
            return changed(attempt, inquiry=a.BeingAsked(number=attempt.inquiry.number + 1, again=event.again))
        case e.IdentityUnavailable():
            return changed(attempt, inquiry=a.ToBeAsked(number=attempt.inquiry.number, again=attempt.inquiry.again))
        case _:
            raise impossible(event, attempt)
