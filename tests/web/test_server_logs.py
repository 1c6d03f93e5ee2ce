"""docs/web.md on access logs: what it tells to put into an application keeps the codes of callbacks out of them."""

import logging
import re
import socket
import threading
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from tests.web import documents
from werkzeug.serving import make_server

CODE = "0a1b2c3d4e5f6g7h"
CALLBACK = f"/mailup/complete?mailup_attempt=x&code={CODE}"
NAMES = ("uvicorn.access", "django.server", "werkzeug")


async def asgi(_, __, send):
    """Answer with nothing."""
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


def wsgi(_, start):
    """Answer with nothing."""
    start("200 OK", [("Content-Length", "0")])
    return [b""]


@contextmanager
def threaded(serve, stop):
    """Serve on a thread while the context lasts."""
    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        stop()
        thread.join()


@contextmanager
def in_uvicorn():
    """Serve as ``uvicorn`` does, with its access log."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(asgi, lifespan="off", log_config=None))

        def stop():
            server.should_exit = True

        with threaded(lambda: server.run(sockets=[listening]), stop):
            yield listening.getsockname()[1]


@contextmanager
def in_werkzeug():
    """Serve as ``flask run`` does."""
    server = make_server("127.0.0.1", 0, wsgi)
    with threaded(server.serve_forever, server.shutdown):
        yield server.server_port
    server.server_close()


@contextmanager
def in_django():
    """Serve as ``manage.py runserver`` does, but for its threads."""
    from tests.web.django import configured  # noqa: F401, PLC0415  # Django is set up only where it is wanted

    from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer  # isort: skip  # noqa: PLC0415

    with WSGIServer(("127.0.0.1", 0), WSGIRequestHandler) as server:
        server.set_app(wsgi)
        with threaded(server.serve_forever, server.shutdown):
            yield server.server_port


class Kept(logging.Handler):
    """Keeps the lines, wherever else they go."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        """Keep a line."""
        self.lines.append(record.getMessage())


@pytest.fixture
def log():
    """What the servers write, whatever other servers of this process have done to their loggers; undone afterwards."""
    kept, loggers = Kept(), [logging.getLogger(name) for name in NAMES]
    before = [(logger.level, list(logger.filters)) for logger in loggers]
    for logger in loggers:
        logger.addHandler(kept)
        logger.setLevel(logging.INFO)

    yield kept

    for logger, (level, filters) in zip(loggers, before, strict=True):
        logger.removeHandler(kept)
        logger.setLevel(level)
        logger.filters[:] = filters


def written(serving, log):
    """Return what a server writes about a callback, once it has ended."""
    log.lines.clear()
    with serving() as port:
        httpx.get(f"http://127.0.0.1:{port}{CALLBACK}", trust_env=False)
    return list(log.lines)


@pytest.mark.parametrize("serving", [in_uvicorn, in_werkzeug, in_django])
def test_no_code_is_in_an_access_log_that_has_the_filter(serving, log):
    """Each server writes the code until the page's lines are in the application, and then the path alone."""
    [program] = documents.programs("web.md")
    before = written(serving, log)
    exec(program, {})  # noqa: S102  # the page is ours
    after = written(serving, log)

    assert [True] == [CODE in line for line in before]
    assert [True] == [bool(re.search(r"GET /mailup/complete HTTP/1\.1", line)) for line in after]
    assert not [line for line in after if CODE in line]
