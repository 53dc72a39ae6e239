"""How long a day of a prescription's validity lasts: one of the calendar, but for demonstrations."""

from datetime import timedelta

import pytest

from app.settings import Settings, UnsafeSettings
from tests.platform import Platform
from tests.production import PRODUCTION

NAME = "CLOUD_PRESCRIPTION_DAY_SECONDS"


def read(platform: Platform, **environ: str) -> Settings:
    return Settings.from_environment({**platform.environ, **environ})


def test_a_day_is_one_of_the_calendar(platform: Platform) -> None:
    assert read(platform).prescription_day is None
    assert read(platform, **{NAME: "0"}).prescription_day is None
    assert read(platform, **{NAME: "90"}).prescription_day == timedelta(seconds=90)


@pytest.mark.parametrize("text", ["-1", "x", "1.5", ""])
def test_what_is_no_number(platform: Platform, text: str) -> None:
    with pytest.raises(UnsafeSettings, match=NAME):
        read(platform, **{NAME: text})


def test_production_takes_no_other(platform: Platform) -> None:
    bare = {name: value for name, value in platform.environ.items() if name != "CLOUD_WEBHOOK_SCHEDULE"}
    given = {**bare, **PRODUCTION}
    assert Settings.from_environment(given).prescription_day is None
    with pytest.raises(UnsafeSettings, match=NAME):
        Settings.from_environment({**given, NAME: "60"})
