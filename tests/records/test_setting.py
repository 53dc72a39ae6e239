"""How long an emergency access lasts comes from outside; in production a day is the most."""

from datetime import timedelta

import pytest

from app.settings import UnsafeSettings
from tests.production import PRODUCTION
from tests.visits.test_settings import read


def test_four_hours_unless_another_time_is_said() -> None:
    assert read(**PRODUCTION).emergency == timedelta(hours=4)
    assert read(**PRODUCTION, CLOUD_EMERGENCY_SECONDS="86400").emergency == timedelta(days=1)
    assert read(CLOUD_EMERGENCY_SECONDS="90000").emergency == timedelta(hours=25)


def test_a_longer_time_is_for_development() -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_EMERGENCY_SECONDS"):
        read(**PRODUCTION, CLOUD_EMERGENCY_SECONDS="86401")
