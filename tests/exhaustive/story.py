"""A way through the worlds, in plain sentences."""

from tests.exhaustive.replay import REFUSED

_PLAIN = {
    "wakes": "{who} has waited long enough.",
    "is too late to store": "{who} cannot store, because somebody stored since it read; it decides anew.",
    "unlocks": "{who} gives the guard back.",
    "listens no longer": "{who} has listened until its deadline and heard nothing.",
    "hears": "{who} hears the answer.",
    "is cut off": "The {detail} is lost, and {who} sees the connection break.",
    "hears nothing": "The {detail} is lost, and {who} hears nothing.",
    "gives up": "The deadline of {who} passes while the {detail} is still on its way.",
    "dies": "{who} dies; the kernel frees what it held, and it can start again.",
    "sends": "{who} sends refresh token {detail}.",
    "uses": "{who} hands out the access token of generation {detail}, which is used.",
    "a stray is lost": "The stray request with refresh token {detail} is lost.",
    "the grace is over": "The server's grace is over.",
}


def told(shelf, steps):
    """Return a story of moves, a sentence each; the callers are called A and B from beginning to end."""
    names, sentences = ["A", "B"], []
    for what, who, detail, turned in steps:
        sentences.append(_sentence(shelf, what, names[max(who, 0)], detail))
        if turned:
            names.reverse()
    return sentences


def _sentence(shelf, what, who, detail):
    match what:
        case "takes the guard":
            return f"{who} wants {'a new token at once' if detail else 'a usable token'} and sets out."
        case "reads":
            return f"{who} reads the store: {_of_state(shelf, detail)}."
        case "stores":
            return f"{who} stores: {_of_state(shelf, detail)}."
        case "only remembers":
            return f"{who} remembers, and does not store: {_of_state(shelf, detail)}."
        case "is answered":
            return f"The request of {who} reaches the server, which {_of_grant(detail)}."
        case "a stray arrives":
            generation, grant = detail
            return f"The stray request with refresh token {generation} reaches the server, which {_of_grant(grant)}."
        case "is told":
            return f"{who} is told: {' '.join(map(str, filter(None, detail)))}."
        case "time passes":
            return f"{detail / 1000:g} s pass."
        case _ if what in _PLAIN:
            return _PLAIN[what].format(who=who, detail=detail)
        case _:
            return f"Time goes on: {what}."


def _of_grant(grant):
    return "refuses it" if grant == REFUSED else f"gives the tokens of generation {grant}"


def _of_state(shelf, number):
    """Say in a few words what is stored."""
    state = shelf.states[number]
    return f"{type(state).__name__}, generation {state.grant.generation}, {type(state.work).__name__}"
