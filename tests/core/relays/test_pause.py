"""How long a relay that failed waits."""

from datetime import timedelta

import pytest

from app.core.carry import TRIES, pause


@pytest.mark.parametrize(("tries", "seconds"), [(1, 1), (2, 2), (3, 4), (9, 256), (10, 512), (11, 600), (99, 600)])
def test_it_doubles_from_a_second_to_ten_minutes(tries: int, seconds: int) -> None:
    assert pause(tries) == timedelta(seconds=seconds)


def test_an_outage_of_five_minutes_leaves_nothing_stuck() -> None:
    assert sum((pause(tries) for tries in range(1, TRIES)), timedelta()) > timedelta(minutes=5)
