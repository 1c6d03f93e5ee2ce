"""What a new event orders, once, after it is stored; loading a state orders nothing."""

from . import effects as f
from . import events as e


def react(event: e.Event) -> f.Effect:
    """Return the effect of an event that has just been made and is already durable."""
    match event:
        case e.CallbackAccepted():
            return f.ExchangeCode(
                attempt=event.attempt,
                code=event.code,
                verifier=event.verifier,
                redirect_uri=event.redirect_uri,
                sent=event.sent,
            )
        case e.RefreshStarted():
            return f.RefreshTokens(intent=event.intent, refresh=event.refresh)
        case e.IdentityAsked():
            return f.IdentifyUser(subject=event.subject, epoch=event.epoch, access=event.access)
        case _:
            return f.NOTHING
