"""Running workers, and a second receiver."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.stack import Stack
from tests.platform import Platform
from tests.receiver import Receiver


@pytest.fixture(scope="module")
def workers(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two workers that all tests of a module share."""
    logs: Path = tmp_path_factory.mktemp("workers")
    with platform.stack(logs) as stack:
        stack.start_worker()
        stack.start_worker()
        yield stack


@pytest.fixture
def second() -> Iterator[Receiver]:
    """Another receiver."""
    made = Receiver()
    made.start()
    yield made
    made.stop()
