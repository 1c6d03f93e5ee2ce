"""Putting a connection's access token on API requests; one module a client library."""
