"""Where pytest begins."""

import pytest
from xdist import is_xdist_controller


def pytest_sessionstart(session: pytest.Session) -> None:
    """Load what all tests share, but not where tests are only handed out: the processes that run them would wait until
    that one has imported the whole platform, which it does not need.
    """
    if not is_xdist_controller(session):
        session.config.pluginmanager.import_plugin("tests.fixtures")
