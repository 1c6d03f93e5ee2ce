"""The pieces of the protocol, ours and the peers': what is sent, what comes back, what it means."""

from . import asked, granted

PIECES = {
    "authorization URL, fresh nonce and PKCE": (
        asked.our_url,
        {
            "authlib": asked.authlib_url,
            "oauthlib": asked.oauthlib_url,
            "requests-oauth2client": asked.requests_oauth2client_url,
            "httpx-oauth": asked.httpx_oauth_url,
            "stdlib": asked.stdlib_url,
        },
    ),
    "callback and nonce check": (
        asked.our_callback,
        {
            "mailup_oauth, reading alone": lambda: asked.our_callback(asked.unmarked),
            "authlib": asked.authlib_callback,
            "oauthlib": asked.oauthlib_callback,
            "requests-oauth2client": asked.requests_oauth2client_callback,
            "stdlib": asked.stdlib_callback,
        },
    ),
    "refresh request": (
        granted.our_refresh,
        {
            "authlib": granted.authlib_refresh,
            "oauthlib": granted.oauthlib_refresh,
            "requests-oauth2client, whole request": granted.requests_oauth2client_refresh,
            "httpx-oauth, whole request": granted.httpx_oauth_refresh,
            "stdlib": granted.urlencoded,
        },
    ),
    "token answer, 900 bytes": (
        granted.our_answer,
        {
            "mailup_oauth, reading alone": lambda: granted.our_answer(asked.unmarked),
            "authlib": granted.authlib_answer,
            "oauthlib": granted.oauthlib_answer,
            "requests-oauth2client": granted.requests_oauth2client_answer,
            "httpx-oauth": granted.httpx_oauth_answer,
            "stdlib": granted.stdlib_answer,
        },
    ),
}
"""Each piece: ours, and the peers'."""
