"""
A proxy on loopback that spoils token requests and their answers as a network does, and writes down what it saw.

Put it between a client and any HTTP server of this machine::

    with serve(sandbox) as base, FaultProxy(base, marker=marker) as proxy:
        client = MailUpOAuth(registration, store=store, provider=provider_at(proxy.url))
        meeting = proxy.meet(Held(done=Done.COMMITTED))      # the next token request, once
        ...
        meeting.met.wait(10)                                 # the server has decided; its answer is here
        meeting.let_go()                                     # now the client gets it
        with proxy.meeting(Broken(done=Done.NOTHING, end=End.RESET)):
            ...                                              # every token request in here
        with proxy.refusing():                               # also: deaf(), breaking(End.RESET)
            ...

What was seen is in ``proxy.logbook.sightings``, in order, with marks in place of secrets: a request ``ARRIVED``, is
``FORWARDED`` to the server, the server has ``COMMITTED``, the client is ``RELEASED``, the answer is ``DELIVERED`` (or
``ABANDONED``, because the client is gone), the connection has ``ENDED``.  ``COMMITTED`` has the mark of the refresh token that the answer brings; a
``listener=`` is told of it before one byte of the answer goes on, which is the moment to kill a client in.
``logbook.forwarded()`` counts how often the server was given each token, and ``overlaps(sightings)`` finds those that
were under way twice at once.

The faults: ``Torn``, ``Broken``, ``Held``, ``Dripped``, ``Cut``, ``Replaced``, ``Altered``, ``Flooded``, ``Doubled``.
"""

from ...sandbox.faults import Done
from .faults import (
    Altered,
    Broken,
    Cut,
    Doubled,
    Dripped,
    End,
    Fault,
    Flooded,
    Held,
    Replaced,
    Torn,
)
from .plan import Meeting
from .proxy import FaultProxy
from .sightings import Listener, Logbook, Sighting, Station, overlaps

__all__ = [
    "Altered",
    "Broken",
    "Cut",
    "Done",
    "Doubled",
    "Dripped",
    "End",
    "Fault",
    "FaultProxy",
    "Flooded",
    "Held",
    "Listener",
    "Logbook",
    "Meeting",
    "Replaced",
    "Sighting",
    "Station",
    "Torn",
    "overlaps",
]
