"""How many parcels a way takes along, by how the endpoint behaved last."""

import uuid

import pytest

from app.core.send.deliver import MOST_LOADED, PER_ENDPOINT, SLOW_SECONDS, TRIP_SECONDS, Manners
from app.core.send.models import DeliveryState
from app.core.send.parcels import Parcel, Result

PARCEL = Parcel(uuid.uuid4(), uuid.uuid4(), 1, "http://127.0.0.1/", "", "evt", b"")
TAKEN = Result(PARCEL, 204, DeliveryState.DELIVERED, "", 0)
REFUSED = Result(PARCEL, 500, "status_500", "", 0)
UNREACHED = Result(PARCEL, None, "connect_failed", None, 0)


def after(result: Result, seconds: float) -> Manners:
    manners = Manners()
    manners.learn(result, seconds)
    return manners


def test_a_stranger_gets_one_parcel_by_one_way() -> None:
    assert (Manners().load, Manners().most) == (1, 1)


@pytest.mark.parametrize(
    ("seconds", "load"),
    [(0.0, MOST_LOADED), (0.001, MOST_LOADED), (TRIP_SECONDS / 4, 4), (TRIP_SECONDS, 1), (1.0, 1)],
)
def test_who_takes_quickly_gets_as_many_as_one_trip_delivers(seconds: float, load: int) -> None:
    assert after(TAKEN, seconds).load == load


@pytest.mark.parametrize("result", [REFUSED, UNREACHED], ids=["refused", "unreached"])
def test_who_does_not_take_gets_one_at_a_time(result: Result) -> None:
    assert after(result, 0.001).load == 1


def test_only_who_answers_quickly_gets_several_ways() -> None:
    assert [after(TAKEN, 0.1).most, after(REFUSED, 0.1).most] == [PER_ENDPOINT] * 2
    assert [after(UNREACHED, 0.1).most, after(TAKEN, SLOW_SECONDS + 1).most] == [1, 1]
