"""The scanner's side of clamd's protocol: PING and INSTREAM, each prefixed with `z` and ended by a zero byte.

Beside them stands the dial for faults, `zSANDBOX <json>`: `drop` breaks off instead of answering, `error` and `lie`
answer what no scanner means, `infect` finds something in whatever comes.
"""

from __future__ import annotations

import json
import socketserver
import struct

from deploy.sandbox.dial import Dial
from deploy.sandbox.server import Refusal

MOST = 25 * 1024 * 1024
"""Bytes of one content, as clamd's own `StreamMaxLength`."""
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file that every scanner finds, written so that this file is none."""
FOUND = "stream: Eicar-Test-Signature FOUND"
TOO_LONG = "INSTREAM size limit exceeded. ERROR"


class Scanner(socketserver.ThreadingTCPServer):
    """A bound scanner; port 0 takes a free one. Call `serve_forever` on it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), Handler)
        self.dial = Dial("drop", "error", "lie", "infect")

    def verdict(self, content: bytes) -> str | None:
        """What is answered; None breaks off."""
        self.dial.hold_back()
        if self.dial.take("drop"):
            return None
        if self.dial.take("error"):
            return "stream: Can't allocate memory ERROR"
        if self.dial.take("lie"):
            return "stream: perhaps"
        return FOUND if EICAR in content or self.dial.take("infect") else "stream: OK"


class Handler(socketserver.StreamRequestHandler):
    """One connection: one command and its answer."""

    server: Scanner

    def handle(self) -> None:
        """Answer the command."""
        command = self._command()
        answer = self._answer(command)
        if answer is not None:
            self.wfile.write(answer.encode() + b"\0")

    def _command(self) -> str:
        read = b""
        while (byte := self.rfile.read(1)) not in (b"", b"\0"):
            read += byte
        return read.decode(errors="replace")

    def _answer(self, command: str) -> str | None:
        if command == "zINSTREAM":
            content = self._stream()
            return TOO_LONG if content is None else self.server.verdict(content)
        if command.startswith("zSANDBOX "):
            return self._turned(command.removeprefix("zSANDBOX "))
        return "PONG" if command == "zPING" else "UNKNOWN COMMAND"

    def _stream(self) -> bytes | None:
        """The content, in chunks that say how long they are; None for one that is too long."""
        content = b""
        while (length := struct.unpack("!I", self.rfile.read(4))[0]) > 0:
            content += self.rfile.read(length)
            if len(content) > MOST:
                return None
        return content

    def _turned(self, wish: str) -> str:
        try:
            self.server.dial.set(json.loads(wish))
        except (ValueError, Refusal):
            return "UNKNOWN COMMAND"
        return "SET"
