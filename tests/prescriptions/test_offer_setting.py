"""How long a pharmacy has to accept comes from outside; in production it is not shortened to nothing."""

from datetime import timedelta

import pytest

from app.settings import UnsafeSettings
from tests.production import PRODUCTION
from tests.visits.test_settings import read


def test_a_day_unless_another_time_is_said() -> None:
    assert read(**PRODUCTION).offer == timedelta(hours=24)
    assert read(**PRODUCTION, CLOUD_OFFER_SECONDS="3600").offer == timedelta(hours=1)
    assert read(CLOUD_OFFER_SECONDS="3").offer == timedelta(seconds=3)


def test_a_short_time_is_for_development() -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_OFFER_SECONDS"):
        read(**PRODUCTION, CLOUD_OFFER_SECONDS="3599")
