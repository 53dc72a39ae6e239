"""Run the gateway: ``python -m deploy.sandbox.sms --port 8430 --api-key key_...``."""

from __future__ import annotations

from deploy.sandbox.server import arguments, serve
from deploy.sandbox.sms.server import Gateway

if __name__ == "__main__":
    parser = arguments("A sandbox SMS gateway", 8430)
    parser.add_argument("--api-key", required=True)
    wish = parser.parse_args()
    serve(Gateway(wish.api_key).listen(wish.host, wish.port))
