"""An Authlib authorization server over WSGI: rotation, and the end of the family for a refresh token that comes twice."""

import json
import os
import sys
import time
from collections import defaultdict
from urllib.parse import parse_qsl
from wsgiref.util import request_uri

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # or it refuses to be served on loopback without TLS

from authlib.common.security import generate_token
from authlib.oauth2 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Payload, ResourceProtector
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib_store import LIFE, Client, Code, Store, Token, knows, new_family
from desk import keep

FORM = """<form method='post'>
<input name='username'><input name='password' type='password'>
<input type='submit' value='Cancel'><input type='submit' name='allow' value='Allow'>
</form>"""
HTML = [("Content-Type", "text/html; charset=utf-8")]
JSON = [("Content-Type", "application/json")]


class Asked(OAuth2Payload):
    """The members of a query and of a form."""

    def __init__(self, pairs):
        self._data, self._lists = dict(pairs), defaultdict(list)
        for name, value in pairs:
            self._lists[name].append(value)

    @property
    def data(self):
        """Return each member once."""
        return self._data

    @property
    def datalist(self):
        """Return every value of each member."""
        return self._lists


class Request(OAuth2Request):
    """A WSGI request as Authlib's core wants it; *db* is the transaction in which it is answered."""

    def __init__(self, environ, db):
        headers = {"Authorization": environ.get("HTTP_AUTHORIZATION", "")} if "HTTP_AUTHORIZATION" in environ else {}
        super().__init__(environ["REQUEST_METHOD"], request_uri(environ), headers=headers)
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        typed = parse_qsl(environ["wsgi.input"].read(length).decode(), keep_blank_values=True)
        self.payload, self._args, self._form, self.db = Asked([*query, *typed]), dict(query), dict(typed), db

    @property
    def args(self):
        """Return the members of the query."""
        return self._args

    @property
    def form(self):
        """Return the members of the form."""
        return self._form


class CodeGrant(AuthorizationCodeGrant):
    """Codes that are kept in the database and go when they are used."""

    def save_authorization_code(self, code, request):
        """Keep a code with its challenge."""
        asked = request.payload.data
        row = (
            code,
            request.user,
            asked["redirect_uri"],
            asked.get("code_challenge"),
            asked.get("code_challenge_method"),
        )
        request.db.execute("INSERT INTO code VALUES (?, ?, ?, ?, ?)", row)

    def query_authorization_code(self, code, client):  # noqa: ARG002  # there is one client
        """Return a code that was not used."""
        row = self.request.db.execute("SELECT * FROM code WHERE code = ?", (code,)).fetchone()
        return row and Code(row)

    def delete_authorization_code(self, authorization_code):
        """Let a code be used no more."""
        self.request.db.execute("DELETE FROM code WHERE code = ?", (authorization_code.code,))

    def authenticate_user(self, authorization_code):
        """Return whose code it is."""
        return authorization_code.user


class RotatingGrant(RefreshTokenGrant):
    """Refresh tokens that are good for one use; a second use ends the whole family (RFC 9700 section 4.14.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token):
        """Return a refresh token that is good, and detect one that was."""
        row = self.request.db.execute("SELECT * FROM token WHERE refresh = ?", (refresh_token,)).fetchone()
        token = row and Token(row)
        if token and token.rotated:
            self.request.db.execute("UPDATE token SET revoked = 1 WHERE family = ?", (token.family,))
        return token if token and not token.is_revoked() else None

    def authenticate_user(self, refresh_token):
        """Return whose token it is."""
        return refresh_token.user

    def revoke_old_credential(self, refresh_token):
        """Let a refresh token be good no more."""
        self.request.db.execute("UPDATE token SET rotated = 1 WHERE refresh = ?", (refresh_token.refresh,))


class Server(AuthorizationServer):
    """Authlib's core with this database below it and WSGI above it."""

    def __init__(self):
        super().__init__()
        made = BearerTokenGenerator(lambda **_: generate_token(42), lambda **_: generate_token(48), lambda *_: LIFE)
        self.register_token_generator("default", made)
        self.register_grant(CodeGrant, [CodeChallenge(required=True)])
        self.register_grant(RotatingGrant)

    def query_client(self, client_id):
        """Return the application."""
        return Client() if client_id == Client.client_id else None

    def save_token(self, token, request):
        """Keep new tokens, in the family of the old ones if there are any."""
        family = request.refresh_token.family if request.refresh_token else new_family()
        row = (token["access_token"], token["refresh_token"], request.user, family, time.time() + token["expires_in"])
        request.db.execute("INSERT INTO token (access, refresh, user, family, ends) VALUES (?, ?, ?, ?, ?)", row)

    def send_signal(self, name, *args, **kwargs):
        """Tell nobody."""

    def create_oauth2_request(self, request):
        """Return the request, which is one already."""
        return request

    def handle_response(self, status, body, headers):
        """Return an answer for WSGI."""
        return status, json.dumps(body) if isinstance(body, dict) else body, headers


class Validator(BearerTokenValidator):
    """Looks access tokens up."""

    def __init__(self, db):
        super().__init__()
        self.db = db

    def authenticate_token(self, token_string):
        """Return the token, good or not."""
        row = self.db.execute("SELECT * FROM token WHERE access = ?", (token_string,)).fetchone()
        return row and Token(row)


STORE, SERVER = Store(sys.argv[1]), Server()


def authorize(request):
    """Ask who it is and what they say to it, and send them back with a code or a refusal."""
    try:
        grant = SERVER.get_consent_grant(request)
    except OAuth2Error as error:
        return SERVER.handle_error_response(request, error)
    username, password = request.form.get("username"), request.form.get("password")
    if not knows(request.db, username, password):
        return 200, FORM, HTML
    user = username if "allow" in request.form else None
    return SERVER.create_authorization_response(request, grant_user=user, grant=grant)


def me(request):
    """Tell whose token it is."""
    protector = ResourceProtector()
    protector.register_token_validator(Validator(request.db))
    try:
        token = protector.validate_request([], request)
    except OAuth2Error as error:
        return SERVER.handle_error_response(request, error)
    return 200, json.dumps({"user": token.user}), JSON


PLACES = {"/authorize": authorize, "/token": SERVER.create_token_response, "/me": me}


def application(environ, start_response):
    """Answer a request in one transaction, so that of two that bring one token the second sees what the first did."""
    with STORE.whole() as db:
        place = PLACES.get(environ["PATH_INFO"], lambda _: (404, "", HTML))
        status, body, headers = place(Request(environ, db))
    start_response(f"{status} {status}", [*headers])  # wsgiref adds to the list, and some of these are shared
    return [body.encode()]


ORDERS = {"enrol": STORE.enrol, "families": STORE.families, "revoke": STORE.revoke, "expire": STORE.expire}
keep(application, ORDERS)
