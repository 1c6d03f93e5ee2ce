"""Clients with other manners than ours, for showing that a referee sees the difference."""

from collections.abc import Callable
from functools import partial

from ...domain.errors import MailUpOAuthError
from ...engine import Flow, Step

Altered = Callable[[Flow[object]], Flow[object]]
"""What becomes of a flow."""

Taking = Callable[[Step[object]], Flow[object]]
"""How a step is taken: by yielding it, or something else, or nothing; what is returned is its result."""


def unaltered(flow: Flow[object]) -> Flow[object]:
    """Leave the client as it is."""
    return flow


def altered(manners: Callable[[], Taking]) -> Altered:
    """
    Return a client with other manners.

    Args:
        manners: Makes, for each flow, how its steps are taken.
    """
    return lambda flow: _altered(flow, manners())


def _altered(flow: Flow[object], take: Taking) -> Flow[object]:
    """Go through a flow step by step."""
    onwards: Callable[[], Step[object]] = partial(next, flow)
    while True:
        try:
            step = onwards()
        except StopIteration as stop:
            return stop.value
        onwards = yield from _taken(flow, take, step)


def _taken(flow: Flow[object], take: Taking, step: Step[object]) -> Flow[Callable[[], Step[object]]]:
    """Take a step, and return how the flow goes on."""
    try:
        result = yield from take(step)
    except MailUpOAuthError as error:
        return partial(flow.throw, error)
    return partial(flow.send, result)
