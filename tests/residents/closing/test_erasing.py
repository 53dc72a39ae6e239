"""Erasing an account: asked for, thought over, carried out; what is left, and what is in the way."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from app.core.blobs import address_of, blobs
from app.core.db import Placement, placement_of
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.edge.closing import KEPT
from app.factory import SLICES
from app.models import metadata
from app.residents.closing.service.erasing import AGAIN, COOLING, LEASE, TERMS, begin, erase_due
from app.residents.export_models import DataExport
from app.residents.service.exports import Form
from deploy.demo.passkeys import SecurityKey
from tenants.api import PLATFORM
from tests.architecture.sources import ROOT
from tests.identity.passkeys.keys import NOT_ACCEPTED, PAGE, Anybody, make
from tests.platform import Platform
from tests.residents.conftest import Clock
from tests.residents.family.scenes import acting, named, registered, scope_of
from tests.residents.family.test_claiming import by_phone
from tests.residents.test_exports import asked as export
from tests.residents.world import World, new_bank_card, new_number
from tests.tenants.world import Actor, at_once
from tests.visits.scenes import Clinic

CONFIRMED = {"terms": TERMS}
OF_ACCOUNTS = {table for one in SLICES if one.closing for table in one.closing.erased}


def left(platform: Platform, person: Actor) -> set[str]:
    """The tables of persons' scopes, of those that are erased, in which something is left of the person."""
    found = set()
    with platform.connection() as connection:
        for table in metadata.sorted_tables:
            if table.name in OF_ACCOUNTS and placement_of(table) is Placement.PERSON:
                query = f"SELECT count(*) FROM {table.name} WHERE person_id = %s"  # noqa: S608  # a table's name
                (count,) = connection.execute(query.encode(), [person.id]).fetchone() or (0,)
                found |= {table.name} if count else set()
    return found


def erased(world: World, clock: Clock, person: Actor) -> None:
    """The account of `person`, once its time to think is over."""
    person.do("POST", "/me/erasure", CONFIRMED)
    clock.forward(seconds=COOLING.total_seconds() + 1)
    assert erase_due(Scope.for_person(person.id)) == 1


def test_what_it_means_is_said_first_in_both_languages(world: World) -> None:
    person = world.resident()
    told = person.do("GET", "/me/erasure")
    assert (told["wish"], told["blockers"], told["terms"]) == (None, [], TERMS)
    assert {one["rule"] for one in told["kept"]} == {rule.value for rule in KEPT}
    english = person.do("GET", "/me/erasure", Accept_Language="en")["kept"]
    assert [one["term"] for one in english if one["rule"] == "medical_record"] == [
        "15 years after the last visit there"
    ]
    assert person.refused(409, "POST", "/me/erasure", {"terms": "0"}) == "terms_changed"


def settled(person: Actor, number: str, card: dict[str, str], key: SecurityKey) -> None:
    """Something of every kind is the person's."""
    person.do("POST", "/me/resident/verification", {"name": "钱七", "number": number})
    person.do("POST", "/me/cards", card)
    person.do("POST", "/me/allergies", {"group": "J01CA", "name": "青霉素"})
    person.do("POST", "/me/authenticators", {"name": "手机"})
    make(person, key)
    export(person)
    run(PLATFORM, lambda opened: _add_pdf(opened, person))


def _add_pdf(opened: Unit, person: Actor) -> None:
    """As the worker leaves an export where it has fonts."""
    (row,) = opened.all(opened.select(DataExport).where(DataExport.resident_id == person.id))
    sealed = row.id.bytes
    row.pdf_address = address_of(sealed)
    blobs().put(PLATFORM.require_tenant(), row.pdf_address, sealed)


def test_everything_of_the_account_is_gone_and_the_phone_is_free(
    world: World, platform: Platform, clock: Clock
) -> None:
    phone, number = f"+8613{secrets.randbelow(10**9):09}", new_number()
    person = by_phone(world, phone)
    card, key = {"kind": "bank_card", "number": new_bank_card()}, SecurityKey(PAGE)
    settled(person, number, card, key)
    with unit(PLATFORM) as reading:
        (kept,) = reading.all(reading.select(DataExport).where(DataExport.resident_id == person.id))
    person.do("POST", "/me/erasure", CONFIRMED)
    assert left(platform, person) >= {"residents", "person_cards", "allergies", "authenticators", "passkeys"}
    assert erase_due(Scope.for_person(person.id)) == 0
    clock.forward(seconds=COOLING.total_seconds() + 1)
    assert erase_due(Scope.for_person(person.id)) == 1
    assert left(platform, person) == set()
    assert erase_due(Scope.for_person(person.id)) == 0
    assert len(kept.addresses) == len(Form)
    for address in kept.addresses:
        with pytest.raises(LookupError):
            blobs().get(PLATFORM.require_tenant(), address)
    shown = Anybody(world.app).show(key)
    assert shown.json and shown.json["code"] == NOT_ACCEPTED
    again = by_phone(world, phone)
    assert again.id != person.id
    again.do("POST", "/me/resident/verification", {"name": "钱七", "number": number})
    again.do("POST", "/me/cards", card)
    assert world.entries(person.id, "person.erased")[0][2] == {"terms": TERMS}


def test_it_is_thought_over_for_seven_days(world: World, clock: Clock) -> None:
    person = world.resident()
    wish = person.do("POST", "/me/erasure", CONFIRMED)
    assert person.refused(409, "POST", "/me/erasure", CONFIRMED) == "erasure_running"
    assert person.do("GET", "/me/erasure")["wish"] == wish
    assert person.do("POST", "/me/erasure/withdrawal")["state"] == "withdrawn"
    assert person.refused(404, "POST", "/me/erasure/withdrawal") == "not_found"
    clock.forward(days=8)
    assert erase_due(Scope.for_person(person.id)) == 0
    assert world.again(person).do("GET", "/me/resident")["state"] == "verified"


def test_once_it_has_begun_it_goes_on_to_its_end(world: World, clock: Clock) -> None:
    person = world.resident()
    person.do("POST", "/me/erasure", CONFIRMED)
    assert run(Scope.for_person(person.id), begin)
    assert person.do("GET", "/me/erasure")["wish"]["state"] == "erasing"
    assert person.refused(404, "POST", "/me/erasure/withdrawal") == "not_found"
    assert person.refused(409, "POST", "/me/erasure", CONFIRMED) == "erasure_running"
    registered(person)
    clock.forward(seconds=(COOLING + LEASE).total_seconds())
    assert erase_due(Scope.for_person(person.id)) == 1
    assert [type for type, *_ in world.entries(person.id, "person.erased")] == ["person.erased"]


def test_whoever_withdraws_before_the_worker_begins_keeps_everything(world: World, clock: Clock) -> None:
    person = world.resident()
    person.do("POST", "/me/erasure", CONFIRMED)
    person.do("POST", "/me/erasure/withdrawal")
    assert not run(Scope.for_person(person.id), begin)


def test_withdrawal_and_worker_at_once_and_one_of_them_wins_entirely(world: World, clock: Clock) -> None:
    phone, number = f"+8613{secrets.randbelow(10**9):09}", new_number()
    person = by_phone(world, phone)
    person.do("POST", "/me/resident/verification", {"name": "钱七", "number": number})
    person.do("POST", "/me/erasure", CONFIRMED)
    clock.forward(seconds=COOLING.total_seconds() + 1)
    person = by_phone(world, phone)
    scope = Scope.for_person(person.id)
    withdrawal = "/me/erasure/withdrawal"
    status, _ = at_once(lambda: person.ask("POST", withdrawal).status_code, lambda: erase_due(scope))
    stands = not world.entries(person.id, "person.erased")
    assert status in (200, 401, 404) and (status == 200) == stands
    assert (by_phone(world, phone).id == person.id) == stands


def test_nobody_signs_in_any_more(world: World, clock: Clock) -> None:
    person = world.resident()
    erased(world, clock, person)
    assert person.refused(401, "GET", "/me") == "unauthenticated"
    with pytest.raises(Exception, match="nobody signs in"):
        world.again(person)


def test_whoever_asks_has_just_proved_who_they_are(world: World, clock: Clock) -> None:
    person = world.resident()
    clock.forward(minutes=16)
    assert person.refused(403, "POST", "/me/erasure", CONFIRMED) == "fresh_sign_in_required"


def blocked_by(person: Actor) -> set[str]:
    codes = {one["code"] for one in person.do("GET", "/me/erasure")["blockers"]}
    answer = person.ask("POST", "/me/erasure", CONFIRMED)
    problem: dict[str, Any] = answer.json or {}
    assert (answer.status_code, problem["code"]) == (409, "erasure_blocked")
    assert all(code in problem["detail"] for code in codes)
    return codes


def test_open_visits_are_in_the_way_and_their_records_stay(world: World, platform: Platform, clock: Clock) -> None:
    clinic, person = Clinic(), world.resident()
    clinic.taken(platform, person=person.id)
    world.settle(clinic.scope)
    assert "open_visit" in blocked_by(person)


def test_the_last_guardian_of_a_child_stays(world: World) -> None:
    guardian, number = world.resident(), new_number()
    registered(guardian)
    assert blocked_by(guardian) == {"sole_guardian"}
    assert number


def test_what_came_in_the_way_meanwhile_puts_it_off(world: World, clock: Clock) -> None:
    guardian = world.resident()
    guardian.do("POST", "/me/erasure", CONFIRMED)
    registered(guardian)
    clock.forward(seconds=COOLING.total_seconds() + 1)
    scope = Scope.for_person(guardian.id)
    assert erase_due(scope) == 1
    assert world.again(guardian).do("GET", "/me/erasure")["wish"]["state"] == "cooling"
    clock.forward(seconds=AGAIN.total_seconds() - 60)
    assert erase_due(scope) == 0


def test_nobody_acts_for_it_and_it_acts_for_nobody(world: World, clock: Clock) -> None:
    person, proxy, other = world.resident(), world.resident(), world.resident()
    represented = named(world, person, proxy)
    for_person = acting(world, proxy, represented)
    for_other = named(world, other, person)
    erased(world, clock, person)
    assert for_person.refused(401, "GET", "/me") == "unauthenticated"
    ends = [one["end_reason"] for one in world.again(other).do("GET", "/me/representatives")["data"]]
    assert ends == ["account_erased"]
    assert scope_of(for_other["person"]) == Scope.for_person(other.id)
    world.settle(Scope.for_person(person.id))
    assert [one["state"] for one in world.again(proxy).do("GET", "/me/represented")["data"]] == ["ended"]


def test_the_wish_itself_is_forgotten_after_three_years(world: World, clock: Clock) -> None:
    person = world.resident()
    erased(world, clock, person)
    clock.forward(days=3 * 366 + 1)
    scope = Scope.for_person(person.id)
    assert erase_due(scope) == 1 and erase_due(scope) == 0


def test_the_page_says_what_is_kept() -> None:
    page = (ROOT / "docs" / "erasure.md").read_text(encoding="utf-8")
    rows = [f"| `{rule}` | {one.what[1]} | {one.law} | {one.term[1]} |" for rule, one in KEPT.items()]
    assert [row for row in rows if row not in page] == []
    assert timedelta(days=7) == COOLING and "seven days" in page
