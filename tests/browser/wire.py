"""
The wire between a browser and all that it asks: a proxy that notes every request as it was sent.

Playwright's own account of what Chromium sent (``Request.all_headers``) does not come for a request that ended before it was
answered, and whoever asks for it waits for ever.
"""

from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from attrs import define, field, frozen
from tests.browser.strangers import running


@frozen
class Sent:
    """A request as it left the browser: its method, its address, and its headers by their names in lower case."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)


@define
class Wire:
    """
    What a browser has sent.

    Attributes:
        address: The proxy's, for a context's option ``proxy``.
        sent: Every request, in the order in which they came.
    """

    address: str = ""
    sent: list[Sent] = field(factory=list)

    def asked(self, url, method="GET"):
        """Return the requests for an address."""
        return [one for one in self.sent if (one.url, one.method) == (url, method)]


@contextmanager
def tapped():
    """Serve a proxy while the context lasts; every name in ``.example`` is this machine, as the browser has it."""
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        """Hands each request on, and its answer back."""

        def hand_on(self):
            """Hand on a request of any method."""
            wire.sent.append(
                Sent(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            )
            place = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            beyond = HTTPConnection("127.0.0.1", place.port, timeout=10)
            path = place._replace(scheme="", netloc="").geturl()
            beyond.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                beyond.putheader(name, value)
            beyond.endheaders(body)
            answer = beyond.getresponse()
            content = answer.read()
            beyond.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = hand_on  # noqa: N815  # as the server calls them

        def log_message(self, *_):
            """Say nothing."""

    with running(Handler) as port:
        wire.address = f"http://127.0.0.1:{port}"
        yield wire
