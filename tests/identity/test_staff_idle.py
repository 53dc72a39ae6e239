"""After how long without a request staff are signed out of their browsers: never while they are at it."""

from datetime import timedelta

import pytest

from app.core.ports import STAFF_IDLE
from app.identity.rules import SEEN_EVERY
from app.settings import SHORTEST_STAFF_IDLE, Settings, UnsafeSettings
from tests.platform import Platform

NAME = "CLOUD_STAFF_IDLE_SECONDS"


def test_it_is_longer_than_what_is_noted(platform: Platform) -> None:
    assert STAFF_IDLE >= SHORTEST_STAFF_IDLE >= 2 * SEEN_EVERY
    assert Settings.from_environment({**platform.environ, NAME: "600"}).staff_idle == timedelta(minutes=10)


@pytest.mark.parametrize("text", ["599", "300", "0"])
def test_what_would_sign_out_who_is_active_is_refused(platform: Platform, text: str) -> None:
    with pytest.raises(UnsafeSettings, match=NAME):
        Settings.from_environment({**platform.environ, NAME: text})
