"""msal in a crowd: it insists on Microsoft, so its HTTP is led to the referee."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msal
import requests

from .peers import SOMEBODY


class _Referee:
    """msal's HTTP client: discovery is answered from here, tokens come from the referee."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._first = True

    def get(self, url: str, **_: Any) -> requests.Response:
        """Answer the discovery."""
        common = "https://login.microsoftonline.com/common"
        found = requests.Response()
        members = {"authorization_endpoint": f"{common}/a", "token_endpoint": f"{common}/t", "issuer": common}
        found.status_code, found._content = 200, json.dumps(members).encode()
        return found

    def post(self, url: str, *, data: Any = None, **_: Any) -> requests.Response:
        """Ask the referee."""
        answer = requests.post(f"{self._base}/token", data=data, timeout=60)
        if self._first:
            self._first, members = False, {**answer.json(), "expires_in": 1, "client_info": SOMEBODY, "scope": "s"}
            answer._content = json.dumps(members).encode()
        return answer

    def close(self) -> None:
        """Nothing is kept open."""


def of_msal(base: str, folder: Path) -> Callable[[], bool]:
    """msal, which the program asks before each call."""
    application = msal.ConfidentialClientApplication(
        "c",
        authority="https://login.microsoftonline.com/common",
        client_credential="s",
        http_client=_Referee(base),
        instance_discovery=False,
    )
    application.acquire_token_by_authorization_code("code", scopes=["s"])
    accounts = application.get_accounts()
    account = accounts[0] if accounts else None

    def call() -> bool:
        token = application.acquire_token_silent(["s"], account=account)
        header = {"Authorization": f"Bearer {token['access_token']}"} if token else {}
        return bool(token) and requests.get(f"{base}/api", headers=header, timeout=60).status_code == 200

    return call
