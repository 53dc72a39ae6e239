"""A disk that is full costs log lines and nothing else."""

import subprocess
import sys
from pathlib import Path

from deploy.stack import ROOT
from tests.platform import Platform

LINES = 200  # of 100 bytes and more: what Python keeps of lines that it could not write is full as well
LOGGING = f"""
import logging
import structlog
from app.core.logs import configure
configure()
for _ in range({LINES}):
    structlog.get_logger().error("a_line_that_is_lost", text="x" * 100)
    logging.getLogger("another").error("a line that is lost %s", "x" * 100)
print("went on")
"""
SERVING = """
from wsgi import app
client = app.test_client()
print({client.get("/healthz").status_code for _ in range(200)})
"""


def said(program: str, environ: dict[str, str] | None = None) -> str:
    """What `program` prints while its standard error is a full disk."""
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True, check=False
        )
    return done.stdout


def test_a_program_goes_on() -> None:
    assert said(LOGGING) == "went on\n"


def test_requests_are_answered(platform: Platform) -> None:
    assert said(SERVING, platform.environ) == "{200}\n"
