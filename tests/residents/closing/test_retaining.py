"""What tenants keep of an erased account: told once, until when, and deleted then, theirs alone and files included."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from app.core.blobs import blobs
from app.core.ids import PublicId, new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.edge.closing import KEPT, Rule
from app.residents.closing.models import Retention
from app.residents.closing.service.retaining import YEAR, forget_due, take_erasure
from app.residents.names import ERASURE_RELAY
from app.visits.models import Visit, VisitMessage, VisitPicture, VisitRecord
from app.visits.names import PICTURE_ID
from tests.architecture.cast import new_person
from tests.architecture.specimens import Made, bill, picture, prescription, visit
from tests.platform import Platform
from tests.residents.conftest import Clock
from tests.residents.world import World

TIMED = {rule for rule, one in KEPT.items() if one.years}


def told(tenant: Scope, person: Scope) -> None:
    """The tenant hears that the account of `person` was erased."""
    run(tenant, partial(take_erasure, relay=Incoming(new_id(), person, "per_0", ERASURE_RELAY, {})))


def counts(platform: Platform, tenant: Scope, *tables: str) -> list[int]:
    """How many rows of each table the tenant has."""
    with platform.connection() as connection:
        found = [
            connection.execute(f"SELECT count(*) FROM {one} WHERE tenant_id = %s".encode(), [tenant.tenant]).fetchone()  # noqa: S608  # tables' names
            for one in tables
        ]
    return [row[0] for row in found if row]


def test_it_is_noted_once_for_each_rule(world: World) -> None:
    person = new_person()
    tenant = Scope.for_tenant(PublicId.parse(visit(person, {}), "vis").scope.require_tenant())
    for _ in range(2):
        told(tenant, person)
    with unit(tenant) as reading:
        rows = reading.all(reading.select(Retention))
    assert {row.rule for row in rows} == {rule.value for rule in TIMED}
    assert {row.resident_id for row in rows} == {person.person} and len(rows) == len(TIMED)
    assert forget_due(tenant) == 0


def test_a_visit_goes_after_its_dialogue_with_its_pictures(world: World, platform: Platform, clock: Clock) -> None:
    person, other = new_person(), new_person()
    known = PublicId.parse(picture(person, {}), PICTURE_ID)
    tenant = known.scope
    with unit(tenant) as reading:
        row = reading.get(VisitPicture, known.id)
    assert row

    def write(opened: Unit) -> None:
        opened.add(
            VisitMessage(
                id=new_id(), visit_id=row.visit_id, resident_id=person.require_person(), author="resident", text=b"x",
                picture_id=row.id, written_at=opened.now,
            )
        )  # fmt: skip
        opened.add(_of(opened.get(Visit, row.visit_id), other))

    run(tenant, write)
    tables = ("visits", "visit_records", "visit_pictures", "visit_messages")
    assert counts(platform, tenant, *tables) == [2, 1, 1, 1]
    told(tenant, person)
    clock.ahead = YEAR * 3 + timedelta(minutes=1)
    assert forget_due(tenant) == len({Rule.DIALOGUE, Rule.PRESCRIPTION, Rule.CONTRACT})
    assert counts(platform, tenant, *tables) == [2, 1, 1, 0]
    assert row.address and blobs().get(tenant.require_tenant(), row.address)
    clock.ahead = YEAR * 15 + timedelta(minutes=1)
    assert forget_due(tenant) == len({Rule.MEDICAL_RECORD, Rule.PHARMACY, Rule.INSURANCE})
    assert counts(platform, tenant, *tables) == [1, 0, 0, 0], "what another resident has there stays"
    with pytest.raises(LookupError):
        blobs().get(tenant.require_tenant(), row.address)
    with unit(tenant) as reading:
        assert [one.resident_id for one in reading.all(reading.select(Visit))] == [other.person]
        assert reading.all(reading.select(VisitRecord)) == []


def _of(model: Visit | None, person: Scope) -> Visit:
    """Another resident's visit, like `model`."""
    assert model
    values = {column.key: getattr(model, column.key) for column in Visit.__table__.columns}
    return Visit(**{**values, "id": new_id(), "resident_id": person.person})


@pytest.mark.parametrize(
    ("make", "table", "rule"),
    [(prescription, "prescriptions", Rule.PRESCRIPTION), (bill, "bills", Rule.ACCOUNTS)],
)
def test_a_rule_deletes_what_it_keeps_and_the_journal_says_so(
    world: World, platform: Platform, clock: Clock, make: Callable[[Scope, Made], str], table: str, rule: Rule
) -> None:
    person = new_person()
    text = make(person, {})
    tenant = PublicId.parse(text, text.partition("_")[0]).scope
    told(tenant, person)
    clock.ahead = YEAR * (KEPT[rule].years or 0) + timedelta(minutes=1)
    assert forget_due(tenant) >= 1
    assert counts(platform, tenant, table) == [0]
    with platform.connection() as connection:
        query = b"SELECT facts->>'rule' FROM journal_pending WHERE tenant_id = %s AND type = 'retention.ended'"
        assert rule.value in {row[0] for row in connection.execute(query, [tenant.tenant])}
