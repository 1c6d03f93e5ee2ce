"""From a response to the members of its JSON object, through everything that can be wrong with its wrapping."""

from ..provider import Provider, Tolerance
from .headers import is_encoded, is_json
from .http import Ending, HttpResponse
from .outcomes import Defect
from .strict_json import JsonObject, read_object

_BROKEN_OFF = {Ending.CUT: Defect.BODY_CUT, Ending.TOO_LARGE: Defect.BODY_TOO_LARGE}


def read_members(response: HttpResponse, provider: Provider) -> JsonObject | Defect:
    """Return the members of the body, or the first thing that is wrong with it (security.md rows 32 to 34)."""
    if is_encoded(response.headers):
        return Defect.BODY_ENCODED
    if response.ending is not Ending.WHOLE:
        return _BROKEN_OFF[response.ending]
    if Tolerance.ANY_MEDIA_TYPE not in provider.tolerances and not is_json(response.headers):
        return Defect.MEDIA_TYPE
    return read_object(response.body)
