"""Run the certificate authority: ``python -m deploy.sandbox.ca --port 8451 --api-key key_...``."""

from __future__ import annotations

from deploy.sandbox.ca.server import Authority
from deploy.sandbox.server import arguments, serve

if __name__ == "__main__":
    parser = arguments("A sandbox certificate authority", 8451)
    parser.add_argument("--api-key", required=True)
    wish = parser.parse_args()
    serve(Authority(wish.api_key).listen(wish.host, wish.port))
