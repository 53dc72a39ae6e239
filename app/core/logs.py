"""Structured logs, one JSON object a line, without anybody's data."""

import logging
import sys
import traceback
from contextlib import suppress

import structlog


class Lossy(structlog.PrintLogger):
    """Loses what cannot be written: a full disk must neither fail a request nor end a worker.

    The standard library's handlers behave so by themselves.
    """

    def msg(self, message: str) -> None:
        """Print `message`, or do without."""
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def configure() -> None:
    """Write every log line as JSON with time and level to standard error."""
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: Lossy(sys.stderr),
    )


def trace(error: BaseException) -> list[str]:
    """Where `error` came from. Its message is left out: messages quote values, and values can be health data."""
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
