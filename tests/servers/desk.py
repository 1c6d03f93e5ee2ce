"""What every authorization server here is served by: WSGI on loopback with a thread for each request, a log, and its owner's desk."""

import json
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Threaded(ThreadingMixIn, WSGIServer):
    """As many requests at once as come."""

    daemon_threads = True
    request_queue_size = 1024


class Quiet(WSGIRequestHandler):
    """Writes no line of its own; the log is the desk's."""

    def log_message(self, format, *args):  # noqa: A002  # the standard library's name
        """Write nothing."""


class Logged:
    """An application, and every request that it has answered: method, path and status, in the order of the answers."""

    def __init__(self, application):
        self.application = application
        self.lines = []

    def __call__(self, environ, start_response):
        """Answer a request, and write it down before its answer can be heard of."""

        def start(status, headers, exc_info=None):
            self.lines.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status[:3]}")
            return start_response(status, headers, exc_info)

        return self.application(environ, start)


def keep(application, orders):
    """
    Serve until stdin ends, and carry out the orders that come there: one JSON list a line, of a name and its arguments.

    Args:
        application: A WSGI application.
        orders: What the owner can order besides the ``log``, by name; what it returns is answered in JSON.
    """
    server = make_server("127.0.0.1", 0, None, server_class=Threaded, handler_class=Quiet)
    base = f"http://127.0.0.1:{server.server_port}"
    logged = Logged(application)
    server.set_app(logged)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(base)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        say(logged.lines if name == "log" else orders[name](*arguments))


def say(what):
    """Answer the owner."""
    print(json.dumps(what), flush=True)
