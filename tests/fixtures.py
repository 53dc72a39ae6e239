"""Fixtures that every test may use, and how each begins. A test that asks for none of them touches no database."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from app.core.loading import loaded  # isort: split

from app.core.looks import QUARTER, quarter_of
from deploy.stack import ROOT, administrator
from tests.platform import Platform
from tests.receiver import Receiver

MOMENTS = timedelta(seconds=5)
"""As long as nearly every test takes; the demonstration, which takes longer, plays through midnight too."""


def pytest_collection_finish() -> None:
    """Leave what was imported out of every look for garbage: a tenth of the suite's time would go there."""
    loaded()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Of a whole run each process loads another share first: what one has compiled the others find on the disk."""
    if session.config.args != ["tests"]:
        return
    own, of = (os.environ.get(f"PYTEST_XDIST_{name}", "") for name in ("WORKER", "WORKER_COUNT"))
    for file in sorted(ROOT.glob("tests/**/test_*.py"))[int(own[2:] or 0) :: int(of or 1)]:
        with suppress(Exception):  # collecting it tells of it
            import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin no test in the last moments of a quarter of an hour, with which days end too: what it takes for today would
    be yesterday before it ends, and what is noted once in a quarter would be noted twice.
    """
    now = datetime.now(UTC)
    left = quarter_of(now) + QUARTER - now
    if left < MOMENTS:
        time.sleep(left.total_seconds())


@pytest.fixture(scope="session")
def server_place() -> Iterator[Path]:
    """A directory that the server's own user can reach; pytest's are closed to everybody else."""
    place = Path(tempfile.mkdtemp(prefix="cloud-hospital-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def platform(server_place: Path) -> Iterator[Platform]:
    """The shared database, prepared once."""
    with ExitStack() as stack:
        made = Platform.over(administrator(stack, server_place, durable=False))
        stack.callback(made.dispose)
        yield made


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Where the processes of a test log."""
    return tmp_path / "logs"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who hears webhooks."""
    made = Receiver()
    made.start()
    yield made
    made.stop()
