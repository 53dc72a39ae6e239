"""What a way leases, records and gives back, turn by turn, without a sender."""

import pytest

from app.core.scope import Scope
from app.core.send.models import DeliveryState, Endpoint
from app.core.send.parcels import Parcel, Result, Trip
from app.core.send.turns import turn
from app.core.unit import Unit, run
from tests.core.journal.scenes import BY, rows, seal_all
from tests.core.send.scenes import announce, attempts, deliveries
from tests.platform import Platform, new_tenant
from tests.receiver import hear

SCHEDULE = (60.0, 60.0)
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def scope(platform: Platform) -> Scope:
    """A tenant with three deliveries to one endpoint; no worker knows of it in time."""
    made = new_tenant()
    hear(made, NOWHERE, ["note.sent"])
    announce(made, 3)
    seal_all(platform, made)
    return made


def take(scope: Scope, load: int, last: Trip | None = None) -> list[Parcel]:
    """One turn of a way to the tenant's only endpoint."""

    def work(unit: Unit) -> list[Parcel]:
        (endpoint,) = unit.all(unit.select(Endpoint))
        return turn(unit, endpoint.id, last or Trip(), SCHEDULE, load=load)

    return run(scope, work, BY)


def result(parcel: Parcel, status: int) -> Result:
    outcome = DeliveryState.DELIVERED if status == 204 else f"status_{status}"
    return Result(parcel, status, outcome, f"answer {status}", 0)


def test_a_load_is_leased_oldest_first_with_its_attempts(platform: Platform, scope: Scope) -> None:
    parcels = take(scope, 2)
    oldest = deliveries(platform, scope, "id, state")
    assert [one.delivery for one in parcels] == [row[0] for row in oldest[:2]]
    assert [row[1] for row in oldest] == ["sending", "sending", "pending"]
    assert attempts(platform, scope) == [(1, "sent_unknown", None, False)] * 2


def test_what_was_not_sent_is_given_back_and_loses_no_try(platform: Platform, scope: Scope) -> None:
    parcels = take(scope, 3)
    left = take(scope, 0, Trip([result(parcels[0], 204)], parcels[1:]))
    assert left == []
    assert deliveries(platform, scope) == [("delivered", 1), ("pending", 0), ("pending", 0)]
    assert sorted(attempts(platform, scope)) == [(1, "delivered", 204, True), *[(1, "unsent", None, True)] * 2]
    again = take(scope, 3)
    assert [(one.delivery, one.number) for one in again] == [(one.delivery, 1) for one in parcels[1:]]
    assert sorted(attempts(platform, scope)) == [(1, "delivered", 204, True), *[(1, "sent_unknown", None, False)] * 2]


def test_each_parcel_gets_its_own_result(platform: Platform, scope: Scope) -> None:
    first, second, third = take(scope, 3)
    take(scope, 0, Trip([result(first, 204), result(second, 500), result(third, 204)]))
    assert [row[0] for row in deliveries(platform, scope)] == ["delivered", "pending", "delivered"]
    assert sorted(row[2] for row in attempts(platform, scope)) == [204, 204, 500]
    assert [row[0] for row in deliveries(platform, scope, "due_at > now() + interval '40 seconds'")][1]


def test_a_lease_that_somebody_else_has_now_is_not_given_back(platform: Platform, scope: Scope) -> None:
    lost = take(scope, 3)
    rows(platform, "UPDATE deliveries SET due_at = now() WHERE tenant_id = %s", scope.tenant)
    held = take(scope, 3)
    assert [one.number for one in held] == [2, 2, 2]
    take(scope, 0, Trip((), lost))
    assert deliveries(platform, scope) == [("sending", 2)] * 3
    take(scope, 0, Trip([result(one, 204) for one in lost]))
    assert deliveries(platform, scope) == [("sending", 2)] * 3


def test_gone_cancels_what_the_same_trip_gives_back(platform: Platform, scope: Scope) -> None:
    gone, *unsent = take(scope, 3)
    assert take(scope, 3, Trip([result(gone, 410)], unsent)) == []
    assert [row[0] for row in deliveries(platform, scope)] == ["canceled"] * 3


def test_a_number_that_was_given_back_serves_no_late_result(platform: Platform, scope: Scope) -> None:
    first = take(scope, 1)
    rows(platform, "UPDATE deliveries SET due_at = now() - interval '1 hour' WHERE id = %s", first[0].delivery)
    second = take(scope, 1)
    take(scope, 0, Trip((), second))
    take(scope, 0, Trip([result(first[0], 204)]))
    assert deliveries(platform, scope, "state, tries")[0] == ("pending", 1)
