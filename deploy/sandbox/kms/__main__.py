"""``python -m deploy.sandbox.kms --port 8470 --token tok_... --key <base64 of 32 bytes>``."""

from __future__ import annotations

import base64
import os

from deploy.sandbox.kms.server import Kms
from deploy.sandbox.server import arguments, serve

if __name__ == "__main__":
    parser = arguments("A sandbox key service", 8470)
    parser.add_argument("--token", required=True)
    parser.add_argument("--key", default=base64.b64encode(os.urandom(32)).decode(), help="what wraps, base64")
    wish = parser.parse_args()
    serve(Kms(wish.token, base64.b64decode(wish.key)).listen(wish.host, wish.port))
