"""Run the scheme: ``python -m deploy.sandbox.scheme --port 8450``."""

from __future__ import annotations

from deploy.sandbox.scheme.server import Desk
from deploy.sandbox.server import arguments, serve

if __name__ == "__main__":
    wish = arguments("A sandbox public insurance scheme", 8450).parse_args()
    serve(Desk().listen(wish.host, wish.port))
