"""A scanner for malware: clamd's INSTREAM over TCP, which ClamAV and others speak.

A question changes nothing there, so it may be repeated. clamd neither encrypts nor asks who calls (its own handbook):
it belongs on the same machine or in a network of the operator's alone.
"""

import re
import socket
import struct
from dataclasses import dataclass

import structlog

from app.core.errors import TryLater
from app.core.malware import NotScanned
from app.core.outside import BUSY, Gate

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 10.0
"""For each step of the exchange; a person waits for the answer."""
CHUNK = 64 * 1024
LONGEST_ANSWER = 1024
_GATE = Gate(4, patience=2.0)
_FOUND = re.compile(r"\Astream: (.+) FOUND\Z")
_CLEAN = "stream: OK"
log = structlog.get_logger()


@dataclass(frozen=True)
class Clamd:
    """A scanner at `host`:`port` that speaks clamd's protocol."""

    host: str
    port: int

    def __call__(self, content: bytes) -> str | None:
        """Ask; what is neither clean nor found is no answer. Raises NotScanned."""
        try:
            with _GATE.passed():
                return _verdict(self._asked(content))
        except (OSError, UnicodeDecodeError) as error:
            raise _failed(type(error).__name__) from error
        except TryLater as busy:
            raise _failed(BUSY) from busy

    def _asked(self, content: bytes) -> str:
        with socket.create_connection((self.host, self.port), CONNECT_SECONDS) as connection:
            connection.settimeout(TOTAL_SECONDS)
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                part = content[start : start + CHUNK]
                connection.sendall(struct.pack("!I", len(part)) + part)
            connection.sendall(struct.pack("!I", 0))
            return _read(connection)


def _read(connection: socket.socket) -> str:
    """The answer, which ends with a zero byte."""
    answer = b""
    while not answer.endswith(b"\0"):
        part = connection.recv(LONGEST_ANSWER)
        if not part or len(answer) > LONGEST_ANSWER:
            raise ConnectionError("an answer without its end")
        answer += part
    return answer[:-1].decode()


def _verdict(answer: str) -> str | None:
    if answer == _CLEAN:
        return None
    found = _FOUND.match(answer)
    if found is None:
        raise _failed("nonsense")
    return found[1]


def _failed(reason: str) -> NotScanned:
    log.warning("scanner_unavailable", reason=reason)
    return NotScanned(reason)
