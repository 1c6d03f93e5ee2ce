"""Where the API begins, for clients that are asked for ``User/Lists`` and not for a whole address."""

from typing import Final
from urllib.parse import urlsplit

from ...domain.provider import Provider

_INFO: Final = "/Authentication/Info"


def api_base(provider: Provider) -> str:
    """Return the address below which MailUp's methods are; of another provider, the origin of its identity page."""
    url = provider.identity_url
    if url.endswith(_INFO):
        return url.removesuffix(_INFO)
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if url else ""
