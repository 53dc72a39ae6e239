"""Requests that nobody thought of, at every operation of the API but those that would end the caller's own token, held
against its own description.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.core.access import PUBLIC
from app.core.ids import new_id
from app.edge.permissions import ATTRIBUTE
from app.identity.api import Role
from app.identity.roles import permissions_of
from app.identity.service.sign_in import enter
from deploy.stack import ROOT, Stack
from tests.edge.caller import Caller
from tests.edge.conftest import SLICES
from tests.identity.phone import KEY, Gateway
from tests.platform import Platform

LEFT_OUT = "/edge-(defects|refused-values|slow)|/sign-ins/current|/me/sign-ins/.*/ending|/api-clients/.*/revocation"
"""Made to fail; and what ends the caller's own token, which the run finds out."""
AT_LENGTH = "FUZZ_EXAMPLES" in os.environ
"""A suite takes few examples of each operation; `make fuzz` as many as one has time for, and every edge."""
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "2")
PHASES = "examples,coverage,fuzzing" if AT_LENGTH else "examples,fuzzing"
SECONDS = 7200 if AT_LENGTH else 90
KEPT = {"PYTHONPATH": str(ROOT), "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis")}
"""What Hypothesis knows of characters is kept where it keeps it for the other tests: it takes seconds to find out."""
CONFIGURATION = """
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 406, 415, 422, 428]
"""


def permission(app: Flask, name: str) -> str:
    """What the view of that name asks for."""
    return str(getattr(app.view_functions[name], ATTRIBUTE, PUBLIC))


def client(app: Flask) -> tuple[str, list[str]]:
    """The token of a client that has every permission there is; it may call all of the API."""
    every = {permission(app, name) for name in app.view_functions}
    return Caller(app, permissions=tuple(every - {PUBLIC})).token, []


def resident(app: Flask) -> tuple[str, list[str]]:
    """A resident's token, and the words that choose what residents may do: a client meets the wall there."""
    person, may = new_id(), permissions_of([Role.RESIDENT])
    rules = {rule.rule for rule in app.url_map.iter_rules() if permission(app, rule.endpoint) in may}
    paths = "|".join(re.sub("<.*?>", "{[^/]*}", rule) for rule in sorted(rules))
    token = enter(person, "+8613900000000", "zh-CN", "").access_token
    return token, ["--include-path-regex", f"^({paths})$"]


@pytest.fixture(scope="module")
def web(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Web processes that can send messages, and that leave long addresses to the application."""
    logs = tmp_path_factory.mktemp("web")
    with Gateway(logs / "sms.log") as sms:
        more = {"CLOUD_SMS_URL": sms.url, "CLOUD_SMS_KEY": KEY, "GUNICORN_CMD_ARGS": "--limit-request-line 0"}
        with platform.stack(logs, CLOUD_SLICES=",".join(SLICES), **more) as made:
            made.start_web()
            yield made


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("who", [client, resident])
def test_nothing_fails_and_every_answer_is_described(
    app: Flask, web: Stack, tmp_path: Path, who: Callable[[Flask], tuple[str, list[str]]]
) -> None:
    token, words = who(app)
    (tmp_path / "schemathesis.toml").write_text(CONFIGURATION)  # read from the working directory
    command = [
        sys.executable, "-m", "tests.edge.fuzzing", "run", f"{web.url}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {token}",
        "--checks", "all", "--exclude-checks", "positive_data_acceptance",
        "--phases", PHASES, "--max-examples", EXAMPLES,
        "--generation-database", "none", "--no-color", "--continue-on-failure",
        "--exclude-path-regex", LEFT_OUT, *words,
    ]  # fmt: skip
    environ = {**os.environ, **KEPT}
    run = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    selected, tested = (re.search(rf"{word}: (\d+)", run.stdout) for word in ("Selected", "Tested"))
    assert selected and tested and int(selected[1]) == int(tested[1]) > 50
