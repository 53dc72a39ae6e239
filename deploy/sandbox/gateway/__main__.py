"""Run the gateway: ``python -m deploy.sandbox.gateway --port 8420 --api-key sk_test_...``."""

from __future__ import annotations

import argparse

from deploy.sandbox.gateway.parts import Parts
from deploy.sandbox.gateway.server import listen
from deploy.sandbox.gateway.state import Endpoint, new_id


def main() -> None:
    """Read the command line, say where the gateway listens, and serve until stopped."""
    wish = _arguments()
    parts = Parts()
    account = parts.state.open_account(wish.api_key)
    if wish.webhook_url:
        account.endpoints.append(Endpoint(new_id("we"), wish.webhook_url, wish.webhook_secret))
    server = listen(parts, wish.host, wish.port)
    print(f"listening on http://{wish.host}:{server.port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A sandbox payment gateway in Stripe's wire format")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8420, help="0 takes a free one")
    parser.add_argument("--api-key", required=True, help="the first account's key; others by POST /sandbox/accounts")
    parser.add_argument("--webhook-url", help="where the first account hears its events")
    parser.add_argument("--webhook-secret", help="what signs them")
    wish = parser.parse_args()
    if bool(wish.webhook_url) != bool(wish.webhook_secret):
        parser.error("--webhook-url and --webhook-secret belong together")
    return wish


if __name__ == "__main__":
    main()
