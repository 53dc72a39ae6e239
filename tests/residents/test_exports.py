"""Everything about oneself, and nothing about anybody else: asked for, made by the worker, fetched, forgotten."""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from app.core.blobs import blobs
from app.core.ids import PublicId, new_id
from app.core.relays import Incoming
from app.core.scope import Scope
from app.core.typesetting import connect_typesetter
from app.core.unit import Unit, run, unit
from app.factory import SLICES
from app.identity.api import OWN_ENTRIES, OWN_TYPES, Closed, close_account, locked_person
from app.identity.rules import Purpose
from app.identity.service.codes import make_challenge
from app.residents.export_models import DataExport
from app.residents.family.rules import EndReason
from app.residents.family.service.representations import end_each
from app.residents.names import EXPORT_ID, EXPORT_RELAY
from app.residents.service.exports import EXPORT_KEPT, MOST, take_export
from app.residents.service.gathering import TRIES, connect_exports, document, export_due
from app.visits.ids import visit_public_id
from tenants.names import PLATFORM
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, born, registered
from tests.residents.world import World, new_number
from tests.tenants.world import Actor
from tests.visits.scenes import COMPLAINT, WORD, Clinic


@pytest.fixture(autouse=True)
def contributions() -> Iterator[None]:
    """Every slice contributes, as in a worker."""
    connect_exports([one.exports for one in SLICES if one.exports])
    connect_typesetter(None)
    yield
    connect_exports([])


def make() -> None:
    """The worker makes everything that is due."""
    while export_due(PLATFORM):
        pass


def asked(person: Actor) -> str:
    """A person's wish, made at once."""
    wish: str = person.do("POST", "/me/exports")["id"]
    make()
    return wish


def fetched(person: Actor, export: str) -> dict[str, Any]:
    """The document."""
    answer = person.ask("GET", f"/me/exports/{export}/file")
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    told: dict[str, Any] = json.loads(answer.data)
    return told


def test_asked_made_fetched_and_written_down(world: World) -> None:
    number = new_number()
    resident = world.resident("王小明", number)
    world.settle(Scope.for_person(resident.id))
    wish = resident.do("POST", "/me/exports")
    assert (wish["state"], wish["ended_at"], wish["kept_until"]) == ("waiting", None, None)
    assert resident.refused(409, "GET", f"/me/exports/{wish['id']}/file") == "export_not_ready"
    make()
    seen = resident.do("GET", f"/me/exports/{wish['id']}")
    assert seen["state"] == "ready"
    told = fetched(resident, wish["id"])
    assert set(told) == {"schema_version", "made_at", "person"} | {
        n for s in SLICES if s.exports for n in s.exports.parts
    }
    assert (told["resident"]["name"], told["resident"]["number"]) == ("王小明", number)
    assert told["account"]["id"] == told["person"] == resident.do("GET", "/me")["id"]
    assert told["journal"] == resident.do("GET", "/me/journal?limit=100")["data"]


def test_what_institutions_keep_is_told_as_the_resident_reads_it(world: World) -> None:
    clinic, resident, other = Clinic(), world.resident(), world.resident()
    visit = visit_public_id(clinic.taken(world.platform, person=resident.id))
    resident.do("POST", f"/visits/{visit}/messages", {"text": WORD})
    clinic.asked(other.id, complaint="someone else's words")
    world.settle(clinic.scope)
    told = fetched(resident, asked(resident))
    (one,) = told["visits"]
    detail = resident.do("GET", f"/visits/{visit}")
    assert {name: one[name] for name in detail} == detail
    assert (one["complaint"], [m["text"] for m in one["messages"]], one["record"]) == (COMPLAINT, [WORD], None)
    assert [bill["id"] for bill in told["bills"]] == [detail["visit"]["bill"]]
    assert [kept["id"] for kept in told["visits_kept"]] == [str(visit)]
    assert len(told["payments"]) == 1
    assert "someone else's words" not in json.dumps(told, ensure_ascii=False)
    assert str(other.id) not in json.dumps(told)


def test_one_at_a_time_and_few_a_day(world: World, clock: Clock) -> None:
    resident = world.resident()
    resident.do("POST", "/me/exports")
    assert resident.refused(409, "POST", "/me/exports") == "export_running"
    make()
    for _ in range(MOST - 1):
        asked(resident)
    answer = resident.ask("POST", "/me/exports")
    assert answer.json
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_exports")
    assert 0 < int(answer.headers["Retry-After"]) <= 24 * 3600
    clock.forward(hours=25)
    asked(world.again(resident))


def test_nobody_else_gets_it(world: World) -> None:
    resident, stranger, team = world.resident(), world.resident(), world.team()
    wish = asked(resident)
    for path in (f"/me/exports/{wish}", f"/me/exports/{wish}/file"):
        assert stranger.refused(404, "GET", path) == "not_found"
        assert team.doctor.refused(403, "GET", path) == "forbidden"


def with_another_number(person: Actor) -> None:
    """They change the number with which they sign in."""
    former, phone = person.do("GET", "/me")["phone"], f"+8613{secrets.randbelow(10**9):09}"
    codes = [make_challenge(one, Purpose.PHONE_CHANGE).code for one in (phone, former)]
    person.do("POST", "/me/phone-changes", {"phone": phone, "code": codes[0], "former_code": codes[1]})


def test_who_acts_gets_an_export_of_their_own_without_what_is_the_persons_alone(world: World) -> None:
    """A youth of 15 who has an account signs in themself: how, is nobody's business, in export and journal alike."""
    number, guardian = new_number(born(15)), world.resident()
    youth = world.resident("张小宝", number)
    whole = asked(youth)
    with_another_number(youth)
    for_youth = acting(world, guardian, registered(guardian, number))
    for path in ("", "/file"):
        assert for_youth.refused(404, "GET", f"/me/exports/{whole}{path}") == "not_found"
    world.settle(Scope.for_person(youth.id))
    told = fetched(for_youth, asked(for_youth))
    own = {name for one in SLICES if one.exports for name in one.exports.own}
    assert set(fetched(youth, whole)) - set(told) == own
    assert told["resident"]["number"] == number
    phones = [one["phone"] for one in (for_youth.do("GET", "/me"), told["account"])]
    assert (phones, bool(youth.do("GET", "/me")["phone"])) == ([None, None], True)
    mine, theirs = (
        {entry["type"] for entry in one.do("GET", "/me/journal?limit=100")["data"]} for one in (youth, for_youth)
    )
    own = {type for type in mine if type.partition(".")[0] in OWN_ENTRIES}
    assert {type.partition(".")[0] for type in own} == {"sign_in", "representation"}
    assert (theirs, mine & OWN_TYPES) == (mine - own - OWN_TYPES, {"person.phone_changed"})
    assert {entry["type"] for entry in told["journal"]} <= theirs


@pytest.mark.parametrize("why", ["the guardianship ended", "the account was closed"])
def test_what_nobody_is_left_to_fetch_is_not_made(world: World, why: str) -> None:
    number, guardian = new_number(born(15)), world.resident()
    youth = world.resident("张小宝", number)
    by = acting(world, guardian, registered(guardian, number)) if why == "the guardianship ended" else youth
    by.do("POST", "/me/exports")
    run(Scope.for_person(youth.id), _end if by is not youth else _close)
    make()
    with unit(PLATFORM) as reading:
        assert reading.all(reading.select(DataExport).where(DataExport.resident_id == youth.id)) == []


def _end(opened: Unit) -> None:
    end_each(opened, EndReason.COURT)


def _close(opened: Unit) -> None:
    account = locked_person(opened)
    assert account
    close_account(opened, account, Closed.DECEASED)


def test_it_is_encrypted_and_forgotten_after_seven_days(world: World, clock: Clock) -> None:
    resident = world.resident("李秘密")
    wish = asked(resident)
    with unit(PLATFORM) as reading:
        (row,) = reading.all(reading.select(DataExport).where(DataExport.resident_id == resident.id))
    assert row.address
    number = PLATFORM.require_tenant()
    assert "李秘密".encode() not in blobs().get(number, row.address)
    clock.ahead = EXPORT_KEPT + timedelta(minutes=1)
    make()
    assert world.again(resident).refused(404, "GET", f"/me/exports/{wish}") == "not_found"
    with pytest.raises(LookupError):
        blobs().get(number, row.address)


def test_it_stands_in_the_persons_own_journal(world: World) -> None:
    """The platform's chain is not opened here: what its entries carry is read as they wait, and taken by hand."""
    resident = world.resident()
    wish = asked(resident)
    fetched(resident, wish)
    with world.platform.connection() as connection:
        query = "SELECT type, relays FROM journal_pending WHERE tenant_id = 1 AND subject = %s ORDER BY subject_version"
        waiting = connection.execute(query.encode(), [wish]).fetchall()
    types = ["data_export.asked", "data_export.ready", "data_export.fetched"]
    assert [type for type, _ in waiting] == types
    scope, id = Scope.for_person(resident.id), str(PublicId.parse(wish, EXPORT_ID).id)
    assert {(one["taker"], one["type"]) for _, relays in waiting for one in relays} == {(str(scope), EXPORT_RELAY)}
    for version, type in enumerate(types, 1):
        told = Incoming(new_id(), PLATFORM, wish, EXPORT_RELAY, {"id": id, "type": type, "version": version})
        run(scope, partial(take_export, relay=told))
    assert [entry[0] for entry in world.entries(resident.id, *types)] == types


def test_one_that_cannot_be_made_fails_after_some_tries(world: World, clock: Clock) -> None:
    """A slice with a defect: the person is told, not left to wait, and may ask again."""

    def broken(whose: Any) -> Any:
        raise ZeroDivisionError

    resident = world.resident()
    first = SLICES[0].exports
    assert first
    wish = resident.do("POST", "/me/exports")["id"]
    connect_exports([type(first)(parts={"broken": broken}, tables=frozenset())])
    for _ in range(TRIES):
        with pytest.raises(ZeroDivisionError):
            export_due(PLATFORM)
        clock.forward(minutes=6)
    assert export_due(PLATFORM) == 1
    resident = world.again(resident)
    assert resident.do("GET", f"/me/exports/{wish}")["state"] == "failed"
    assert resident.refused(409, "GET", f"/me/exports/{wish}/file") == "export_not_ready"
    connect_exports([])
    asked(resident)


def test_somebody_who_only_signed_in_gets_one_too(world: World) -> None:
    person = world.person()
    told = document(person.id)
    assert (told["resident"]["state"], told["resident"]["number"], told["visits"]) == ("unverified", None, [])
