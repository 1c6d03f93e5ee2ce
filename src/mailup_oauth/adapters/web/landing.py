"""Where a person lands afterwards: a path of the application's own, or nowhere but its default."""

import re
from typing import Final
from urllib.parse import unquote

LONGEST: Final = 1024
"""Characters of a path; it travels in a cookie."""

_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_PATH: Final = re.compile(rf"/(?:{_CHARACTER}+(?:/{_CHARACTER}+)*/?)?")
_REST: Final = re.compile(rf"(?:\?(?:{_CHARACTER}|[/?])*)?(?:#(?:{_CHARACTER}|[/?])*)?")
_TREACHEROUS: Final = re.compile(r"//|\\|[\x00-\x1f\x7f]")


def landing(wanted: str, otherwise: str) -> str:
    """
    Return *wanted* if it can only be a path of the site that is asked, or else *otherwise*.

    A path in the grammar of RFC 3986 section 3.3, without empty segments, also behind one layer of percent-encoding:
    whatever a browser, a proxy or a framework makes of it, it stays here.  Text outside ASCII has to come encoded.
    """
    return wanted if _is_ours(wanted) else otherwise


def _is_ours(wanted: str) -> bool:
    """Say whether *wanted* is a path, perhaps with a query and a fragment, and nothing else."""
    path = _PATH.match(wanted) if len(wanted) <= LONGEST else None
    if path is None or not _REST.fullmatch(wanted, path.end()):
        return False
    return not _TREACHEROUS.search(unquote(path.group()))


def path_of(place: str) -> str:
    """
    Return *place*, which the application's own routes gave or ``landing`` let through.

    Raises:
        ValueError: it is no path of this site, so somebody forgot to ask ``landing``.
    """
    if not _is_ours(place):
        problem = "only a path of this site is redirected to"
        raise ValueError(problem)
    return place
