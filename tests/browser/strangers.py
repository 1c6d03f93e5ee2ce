"""Sites of somebody else, on this machine: another site by name, and another origin of the application's own site."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from attrs import define, field


@define
class Site:
    """
    A server that answers with what it is given, and notes what it is asked.

    Attributes:
        pages: Bodies by path.
        redirects: Where a path leads, as raw as it is written.
        asked: Every request: its method, its path and its headers.
    """

    port: int = 0
    pages: dict[str, str] = field(factory=dict)
    redirects: dict[str, str] = field(factory=dict)
    asked: list = field(factory=list)

    @property
    def elsewhere(self):
        """The server as another site."""
        return f"http://evil.example:{self.port}"

    @property
    def beside(self):
        """The server as another origin of the application's own site, which is 127.0.0.1 at any port."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def running(handler):
    """Run a server of this machine while the context lasts, and yield its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@contextmanager
def served():
    """Serve a site while the context lasts."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        """Answers as the site says."""

        def answer(self):
            """Answer a request of any method."""
            path = self.path.partition("?")[0]
            site.asked.append((self.command, self.path, dict(self.headers)))
            body = site.pages.get(path, "").encode()
            leads_on = path in site.redirects
            self.send_response(302 if leads_on else 200 if body else 404)
            if leads_on:
                self.send_header("Location", site.redirects[path])
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer  # noqa: N815  # as the server calls them

        def log_message(self, *_):
            """Say nothing."""

    with running(Handler) as site.port:
        yield site
