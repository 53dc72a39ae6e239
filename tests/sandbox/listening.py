"""A sandbox server in a thread of the test's own: real HTTP without a process."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from cryptography import x509

from deploy.sandbox.server import Server


@contextmanager
def listening(bind: Callable[[str, int], Server]) -> Iterator[str]:
    """The address of a server on a free port, until the block ends."""
    server = bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def told(url: str, path: str, **wish: Any) -> Any:
    """What a server answers at its control path; with a wish, to that."""
    address = f"{url}/sandbox/{path}"
    answer = requests.post(address, json=wish, timeout=10) if wish else requests.get(address, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def root_of(url: str) -> x509.Certificate:
    """The root at which a server's certificates end."""
    return x509.load_pem_x509_certificate(base64.b64decode(told(url, "root")["root"]))
