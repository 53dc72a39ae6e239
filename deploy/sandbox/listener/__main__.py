"""`python -m deploy.sandbox.listener --platform URL --client-id ID --types a.b,c.d --port N`; secret in CLIENT_SECRET.

`GET /` shows what was heard; `POST /sandbox/refusals` with `{"next": 3}` makes it seem down.

Each start registers an endpoint of its own: the secret of an earlier one was shown once and is gone, so that one cannot
be used again. What happened before is taken from the feed. A system that keeps its secret and its place in the feed is
`deploy.sandbox.integrator.program`.
"""

import os
import sys
import threading

from deploy.sandbox.integrator.hooks import Forged
from deploy.sandbox.integrator.platform import Platform, Refused, Unavailable
from deploy.sandbox.listener.inbox import Inbox
from deploy.sandbox.server import Answer, Request, Server, arguments

HINT = "Every start makes a new endpoint, since the secret of an earlier one cannot be had again; disable those."


def listen(inbox: Inbox, host: str, port: int) -> Server:
    """The HTTP side of `inbox`, bound."""

    def hook(request: Request) -> Answer:
        try:
            return Answer.of(*inbox.take(dict(request.headers), request.body))
        except Forged:
            return Answer.of(401, {})

    def refuse(request: Request) -> Answer:
        inbox.refusals = int(request.json()["next"])
        return Answer.of(200, {})

    routes = {
        ("POST", "/hooks"): hook,
        ("POST", "/sandbox/refusals"): refuse,
        ("GET", "/"): lambda _: Answer.of(200, inbox.shown()),
    }
    return Server(host, port, routes)


def main() -> None:
    """Listen, register, prove, and go on listening."""
    parser = arguments("A sandbox listener", 8480)
    for name in ("--platform", "--client-id", "--types"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    inbox = Inbox()
    server = listen(inbox, given.host, given.port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    platform = Platform(given.platform, given.client_id, os.environ["CLIENT_SECRET"])
    try:
        join(platform, inbox, f"http://{given.host}:{server.server_address[1]}/hooks", given.types.split(","))
    except (Refused, Unavailable) as error:
        sys.exit(f"{error}\n{HINT}")
    print("listening", flush=True)
    threading.Event().wait()


def join(platform: Platform, inbox: Inbox, url: str, types: list[str]) -> None:
    """Register and prove an endpoint, then take what was missed before; raises Refused, Unavailable."""
    endpoint_id, inbox.secret = platform.register_endpoint(url, types)
    platform.verify_endpoint(endpoint_id)
    for events, _ in platform.pages():
        for event in events:
            if event["type"] in types:
                inbox.catch_up(event)


main()
