"""Structured logs, one JSON object a line, without anybody's data."""

import logging
import sys
import traceback

import structlog


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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def trace(error: BaseException) -> list[str]:
    """Where `error` came from. Its message is left out: messages quote values, and values can be health data."""
    frames = traceback.extract_tb(error.__traceback__)
    return [type(error).__name__, *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
