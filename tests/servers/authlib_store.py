"""What an Authlib server keeps, in SQLite: its users, its codes and its tokens."""

import sqlite3
import time
from contextlib import contextmanager
from hmac import compare_digest
from secrets import token_hex

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

LIFE = 3600
"""Seconds that an access token lives."""

SCHEMA = """
CREATE TABLE user (name TEXT PRIMARY KEY, password TEXT NOT NULL);
CREATE TABLE code (
    code TEXT PRIMARY KEY, user TEXT NOT NULL, redirect_uri TEXT, challenge TEXT, method TEXT
);
CREATE TABLE token (
    access TEXT PRIMARY KEY, refresh TEXT UNIQUE NOT NULL, user TEXT NOT NULL, family TEXT NOT NULL,
    ends REAL NOT NULL, rotated INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0
);
"""


class Client(ClientMixin):
    """The one application; it is confidential, and says who it is in a Basic header."""

    client_id = "servers"
    redirect_uri = "https://app.example/mailup/callback"

    def get_client_id(self):
        """Return its name."""
        return self.client_id

    def get_default_redirect_uri(self):
        """Return the one it has."""
        return self.redirect_uri

    def get_allowed_scope(self, scope):
        """Grant what is asked for; nothing is."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri):
        """Compare as text (RFC 9700 section 2.1)."""
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret):
        """Compare in constant time."""
        return compare_digest("canary-client-secret", client_secret)

    def check_endpoint_auth_method(self, method, endpoint):  # noqa: ARG002  # there is one endpoint
        """Take a Basic header and nothing else."""
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        """Give codes."""
        return response_type == "code"

    def check_grant_type(self, grant_type):
        """Take codes and refresh tokens."""
        return grant_type in {"authorization_code", "refresh_token"}


class Code(AuthorizationCodeMixin):
    """A code that was given out."""

    def __init__(self, row):
        self.code, self.user, self.redirect_uri, self.code_challenge, self.code_challenge_method = row

    def get_redirect_uri(self):
        """Return where it was sent."""
        return self.redirect_uri

    def get_scope(self):
        """Return that nothing special was granted."""
        return ""


class Token(TokenMixin):
    """An access token and its refresh token."""

    def __init__(self, row):
        self.access, self.refresh, self.user, self.family, self.ends, self.rotated, self.revoked = row

    def check_client(self, client):
        """Say whose it is; there is one client."""
        return client.client_id == Client.client_id

    def get_scope(self):
        """Return that nothing special was granted."""
        return ""

    def get_expires_in(self):
        """Return how long it lives."""
        return LIFE

    def is_expired(self):
        """Say whether its time is over."""
        return self.ends <= time.time()

    def is_revoked(self):
        """Say whether it was ended before its time; a rotation ends the access token as well."""
        return bool(self.rotated or self.revoked)


class Store:
    """A database; what happens within ``whole`` happens whole or not at all, one such thing after the other."""

    def __init__(self, database):
        self.database = database
        with self.whole() as db:
            db.executescript(SCHEMA)

    @contextmanager
    def whole(self):
        """Give a connection that holds the only right to write."""
        db = sqlite3.connect(self.database, timeout=20, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            yield db
            if db.in_transaction:
                db.execute("COMMIT")
        finally:
            db.close()

    def enrol(self, username):
        """Let a user in."""
        with self.whole() as db:
            db.execute("INSERT INTO user VALUES (?, 'canary-password')", (username,))

    def families(self, username):
        """Return of each family of refresh tokens, oldest first, how many were issued and how many are alive."""
        with self.whole() as db:
            return db.execute(
                "SELECT count(*), sum(NOT rotated AND NOT revoked) FROM token WHERE user = ?"
                " GROUP BY family ORDER BY min(rowid)",
                (username,),
            ).fetchall()

    def revoke(self, username):
        """Revoke what the user has granted."""
        with self.whole() as db:
            db.execute("UPDATE token SET revoked = 1 WHERE user = ?", (username,))

    def expire(self, username):
        """Let the user's access tokens end before their time."""
        with self.whole() as db:
            db.execute("UPDATE token SET ends = 0 WHERE user = ?", (username,))


def knows(db, username, password):
    """Say whether this is a user."""
    return db.execute("SELECT 1 FROM user WHERE name = ? AND password = ?", (username, password)).fetchone()


def new_family():
    """Return a name for a new authorization."""
    return token_hex(8)
