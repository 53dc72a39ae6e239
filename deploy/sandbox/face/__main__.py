"""Run the face checker: ``python -m deploy.sandbox.face --port 8452 --api-key key_...``."""

from __future__ import annotations

from deploy.sandbox.face.server import Checker
from deploy.sandbox.server import arguments, serve

if __name__ == "__main__":
    parser = arguments("A sandbox face checker", 8452)
    parser.add_argument("--api-key", required=True)
    wish = parser.parse_args()
    serve(Checker(wish.api_key).listen(wish.host, wish.port))
