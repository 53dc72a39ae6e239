"""The times of a visit come from outside; in production they are not shortened to nothing."""

from datetime import timedelta

import pytest

from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.production import PRODUCTION

ADDRESSES = {name: f"postgresql://{name}@db.example.com/cloud" for name in ("app", "sealer", "discovery")}


def read(**more: str) -> Settings:
    return Settings.from_environment(environment(ADDRESSES, new_keys(), **more))


def test_a_day_to_take_and_two_days_open() -> None:
    settings = read(**PRODUCTION)
    assert (settings.visit_take, settings.visit_window) == (timedelta(hours=24), timedelta(hours=48))


@pytest.mark.parametrize("name", ["CLOUD_VISIT_TAKE_SECONDS", "CLOUD_VISIT_WINDOW_SECONDS"])
def test_short_times_are_for_development(name: str) -> None:
    with pytest.raises(UnsafeSettings, match="visits"):
        read(**PRODUCTION, **{name: "3599"})
    assert timedelta(seconds=3) in (read(**{name: "3"}).visit_take, read(**{name: "3"}).visit_window)
    assert timedelta(hours=1) in (
        read(**PRODUCTION, **{name: "3600"}).visit_take,
        read(**PRODUCTION, **{name: "3600"}).visit_window,
    )
