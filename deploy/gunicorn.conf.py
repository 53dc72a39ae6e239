"""gunicorn's settings for the web processes."""

import os
import shutil
import signal
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from app.core.loading import loaded  # isort: split

from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # it carries no types
from prometheus_client import values

wsgi_app = "wsgi:app"
bind = os.environ.get("CLOUD_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("CLOUD_WEB_WORKERS", "2"))
preload_app = True  # loaded once: its workers share it, and a new one starts at once
worker_class = "gthread"
threads = int(os.environ.get("CLOUD_WEB_THREADS", "16"))
timeout = 30
graceful_timeout = 10
keepalive = 30
max_requests = 20_000  # a leak never grows for ever
max_requests_jitter = 2_000
control_socket_disable = True  # a socket in the home directory that could stop the server
accesslog = None  # the application logs each request without its path

MOST_READ = 1024 * 1024
"""Bytes of a body that is always read whole: `app.edge.requests.MAX_BODY`, which makes metrics when it is imported."""
STOPS = (signal.SIGTERM, signal.SIGQUIT)
"""What tells a worker to end."""
METRICS = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "cloud-hospital-metrics-"
if METRICS not in os.environ:
    os.environ[METRICS] = tempfile.mkdtemp(prefix=_PREFIX)


class Discreet(Logger):  # type: ignore[misc]  # as above
    """gunicorn's own log without what a client sent: it would quote request lines, and they can hold anything."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log a warning; of a request that is no HTTP only that it came."""
        super().warning("Invalid request" if msg.startswith("Invalid request") else msg, *args, **kwargs)

    def exception(self, msg: str | Exception, *args: Any, **kwargs: Any) -> None:
        """Log an exception; of one inside a request only its kind."""
        kind = sys.exc_info()[0]
        if kind and str(msg).startswith("Error handling request"):
            super().error("Error handling request: %s", kind.__name__)
        else:
            super().exception(msg, *args, **kwargs)


logger_class = Discreet


def when_ready(server: Any) -> None:
    """Leave what is loaded in memory that the workers share: a look for garbage would write on every page of it."""
    loaded()
    os.register_at_fork(after_in_parent=_hear)


def _hear() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the lowest free number: its successor goes on counting in the same files.

    It is born deaf to what would end it: until it has handlers of its own, those of the server would take that for
    the server's and forget it, and a server that stops then would wait its whole grace for the worker.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in count() if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    """Have the worker count under its number, before the application makes its metrics."""
    identity = f"{server.pid}-{worker.number}"
    values.ValueClass = values.MultiProcessValue(lambda: identity)  # type: ignore[no-untyped-call]  # it has no types


def post_worker_init(worker: Any) -> None:
    """Let the worker hear, at once also what it was told meanwhile."""
    _hear()


def pre_request(worker: Any, req: Any) -> None:
    """Have the answer to a body that may be refused unread say that the connection ends.

    gunicorn reads only some of what is left of such a body, and then closes a connection that it called alive. A body
    may be refused unread where it is larger than most may be, or does not say how large it is.
    """
    given = {name: value for name, value in req.headers if name in ("CONTENT-LENGTH", "TRANSFER-ENCODING")}
    length = given.get("CONTENT-LENGTH", "0")
    if "TRANSFER-ENCODING" in given or (length.isdecimal() and int(length) > MOST_READ):
        req.force_close()


def on_exit(server: Any) -> None:
    """Remove the directory of the metrics if it was made here and no newer server has taken it over."""
    directory = Path(os.environ[METRICS])
    if directory.name.startswith(_PREFIX) and not server.reexec_pid:
        shutil.rmtree(directory, ignore_errors=True)
