"""An application that embeds the library: it asks MailUp's API, and tells people what to do when that fails."""

import httpx

from mailup_oauth import MailUpOAuth, MailUpOAuthError

INFO = "https://services.mailup.com/API/v1.1/Rest/ConsoleService.svc/Console/Authentication/Info"


def greeting(oauth: MailUpOAuth, customer: str, transport: httpx.BaseTransport | None = None) -> str:
    """Return what the front page says to a customer."""
    try:
        with httpx.Client(auth=oauth.auth(customer), transport=transport) as api:
            answer = api.get(INFO)
    except MailUpOAuthError as error:
        return f"Sorry: {error.remedy}"
    if answer.status_code != httpx.codes.OK:
        return f"MailUp says {answer.status_code}."
    return f"Hello, {answer.json()['Username']}!"
