"""Run the registry: ``python -m deploy.sandbox.registry --port 8440 --api-key key_...``."""

from __future__ import annotations

import argparse

from deploy.sandbox.registry.server import Server


def main() -> None:
    """Read the command line, say where the registry listens, and serve until stopped."""
    wish = _arguments()
    server = Server(wish.host, wish.port, wish.api_key)
    print(f"listening on http://{wish.host}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A sandbox registry of identities")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8440, help="0 takes a free one")
    parser.add_argument("--api-key", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
