"""A page's path with a slash too few or too many, answered here: Starlette would redirect it to whatever ``Host`` says."""

from collections.abc import Callable

from starlette.routing import Match, Mount, Route
from starlette.types import Scope


def respelled(matches: Callable[[Scope], tuple[Match, Scope]], scope: Scope) -> tuple[Match, Scope]:
    """
    Say whether a route is the one for a path, or for its other spelling, with or without a slash at the end.

    What lacks the slash is handled as if it had it; what has one too many is handed on as it is, and so refused.
    """
    found = matches(scope)
    if found[0] is not Match.NONE or scope["type"] != "http":
        return found
    path: str = scope["path"]
    other = path[:-1] if path.endswith("/") else f"{path}/"
    match, child = matches({**scope, "path": other})
    return match, {**child, "path": other} if match is not Match.NONE and other.endswith("/") else child


class PageRoute(Route):
    """One of the pages."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether it is asked for."""
        return respelled(super().matches, scope)


class PagesMount(Mount):
    """All pages, below a prefix."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether one of them is asked for."""
        return respelled(super().matches, scope)
