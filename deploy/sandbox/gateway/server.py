"""The HTTP server: one thread per connection, and a queue that takes a few hundred at once."""

from __future__ import annotations

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from deploy.sandbox.gateway import api, control
from deploy.sandbox.gateway.errors import Refusal
from deploy.sandbox.gateway.parts import Parts

MAX_BODY_BYTES = 256 * 1024


class Server(ThreadedWSGIServer):
    """Threads die with the process, and connections wait in a long queue."""

    request_queue_size = 1024
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Requests are in the log that ``GET /sandbox/log`` shows, not on the terminal."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def build(parts: Parts) -> Flask:
    """The web application: the API, the people's side, and JSON errors for both."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_blueprint(api.blueprint(parts))
    app.register_blueprint(control.blueprint(parts))
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _failed)
    return app


def listen(parts: Parts, host: str, port: int) -> Server:
    """A bound server; port 0 takes a free one. Call ``serve_forever`` on it."""
    return Server(host, port, build(parts), handler=_Quiet)


def _refused(refusal: Refusal) -> tuple[Response, int]:
    return jsonify(refusal.body()), refusal.status


def _failed(error: HTTPException) -> tuple[Response, int]:
    body = {"error": {"type": "invalid_request_error", "message": error.name}}
    return jsonify(body), error.code or 500
