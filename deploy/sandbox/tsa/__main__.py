"""Run the time-stamp authority: ``python -m deploy.sandbox.tsa --port 8450``."""

from __future__ import annotations

from deploy.sandbox.server import arguments, serve
from deploy.sandbox.tsa.server import Authority

if __name__ == "__main__":
    wish = arguments("A sandbox time-stamp authority", 8450).parse_args()
    serve(Authority().listen(wish.host, wish.port))
