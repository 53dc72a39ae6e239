"""Requests that nobody thought of, against the whole API and its own description."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.core.access import PUBLIC
from app.edge.permissions import ATTRIBUTE
from deploy.stack import Stack
from tests.edge.caller import Caller
from tests.edge.conftest import SLICES
from tests.identity.phone import KEY, Gateway
from tests.platform import Platform

SECONDS = 25
LEFT_OUT = "/edge-(defects|refused-values|slow)|/sign-ins/current|/api-clients/.*/revocation"
"""Made to fail; and what ends the caller's own token, which the run finds out."""
CONFIGURATION = """
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 406, 415, 422, 428]
"""


def all_permissions(app: Flask) -> tuple[str, ...]:
    asked = {str(getattr(view, ATTRIBUTE, PUBLIC)) for view in app.view_functions.values()}
    return tuple(asked - {PUBLIC})


@pytest.fixture
def web(platform: Platform, logs: Path) -> Iterator[Stack]:
    """Web processes that can send messages, and that leave long addresses to the application."""
    with Gateway(logs.parent / "sms.log") as sms:
        more = {"CLOUD_SMS_URL": sms.url, "CLOUD_SMS_KEY": KEY, "GUNICORN_CMD_ARGS": "--limit-request-line 0"}
        with platform.stack(logs, CLOUD_SLICES=",".join(SLICES), **more) as made:
            made.start_web()
            yield made


@pytest.mark.timeout(90)
def test_whole_api(app: Flask, web: Stack, tmp_path: Path) -> None:
    caller = Caller(app, permissions=all_permissions(app))
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)  # read from the working directory
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{web.url}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {caller.token}",
        "--checks", "all", "--exclude-checks", "positive_data_acceptance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--max-time", str(SECONDS),
        "--generation-database", "none", "--no-color", "--continue-on-failure",
        "--exclude-path-regex", LEFT_OUT,
    ]  # fmt: skip
    run = subprocess.run(command, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
