"""Fixtures that every test may use. A test that asks for none of them touches no database."""

import gc
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.stack import administrator
from tests.platform import Platform
from tests.receiver import Receiver


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later look for garbage: a tenth of the suite's time goes there."""
    gc.collect()
    gc.freeze()


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
