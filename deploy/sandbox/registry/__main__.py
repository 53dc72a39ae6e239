"""Run the registry: ``python -m deploy.sandbox.registry --port 8440 --api-key key_...``."""

from __future__ import annotations

from deploy.sandbox.registry.server import Registry
from deploy.sandbox.server import arguments, serve

if __name__ == "__main__":
    parser = arguments("A sandbox registry of identities", 8440)
    parser.add_argument("--api-key", required=True)
    wish = parser.parse_args()
    serve(Registry(wish.api_key).listen(wish.host, wish.port))
