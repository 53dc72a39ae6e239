"""``python -m deploy.sandbox.scanner --port 3310``."""

from __future__ import annotations

from deploy.sandbox.scanner.server import Scanner
from deploy.sandbox.server import arguments

if __name__ == "__main__":
    wish = arguments("A sandbox scanner for malware", 3310).parse_args()
    server = Scanner(wish.host, wish.port)
    print(f"listening on {wish.host}:{server.server_address[1]}", flush=True)
    server.serve_forever()
