"""Consents: asked for by a text, one thing at a time, bounded, taken back at once, told to whom they concern."""

import hashlib
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from app.core.calendar import local_date
from app.core.errors import WrongState
from app.core.forgetting import forget_in
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import database, run
from app.residents.consent_models import Consent
from app.residents.rules.consent_texts import TEXTS, shown_now
from app.residents.rules.consents import KINDS, LONGEST, MOST_CONSENTS, Category, Purpose
from app.residents.service import consents
from tenants.api import TENANT_ID
from tenants.rules import Kind
from tests.architecture.cast import new_person
from tests.records.scenes import House, Somebody, World, house, resident
from tests.scheduling.clock import Clock
from tests.tenants.world import at_once

FIRST = "c6a23c04cd3958aab8a61d5a51333dde45b9cec9982ccd5891769fec09bb4ec5"
"""Of all texts of the first version, one after another."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def body(
    at: House, purpose: str = "treatment", category: str = "visits", days: int = 30, **more: Any
) -> dict[str, Any]:
    """A consent as a resident writes it."""
    ends_on = local_date(database().clock.now()) + timedelta(days=days)
    text = shown_now(Purpose(purpose), Category(category))
    return {
        "institution": str(at.id), "purpose": purpose, "category": category, "text_sha256": text.sha256,
        "ends_on": ends_on.isoformat(), **more,
    }  # fmt: skip


def test_there_is_a_text_in_both_languages_for_everything_and_none_is_ever_changed(world: World) -> None:
    shown = world.app.test_client().get("/api/v1/consent-texts").get_json()["data"]
    assert {(one["purpose"], one["category"]) for one in shown} == {(p, c) for p in Purpose for c in Category}
    assert all(CHINESE.search(one["zh"]) and not CHINESE.search(one["en"]) for one in shown)
    assert len({one["sha256"] for one in shown}) == len(shown) == len(TEXTS)
    assert all(one["sha256"] == hashlib.sha256(f"{one['zh']}\n\n{one['en']}".encode()).hexdigest() for one in shown)
    version_1 = hashlib.sha256("".join(text.sha256 for text in TEXTS if text.version == 1).encode()).hexdigest()
    assert version_1 == FIRST, "a text that was shown is never changed: write a further version"


def test_given_listed_taken_back_and_told(world: World) -> None:
    south, who = house(name="南院"), resident()
    actor = world.person(who)
    given = actor.do("POST", "/me/consents", body(south))
    text = shown_now(Purpose.TREATMENT, Category.VISITS)
    assert (given["institution_name"], given["state"], given["text_version"]) == ("南院", "granted", text.version)
    assert given["text_sha256"] == text.sha256
    assert actor.do("GET", "/me/consents")["data"] == [given]
    taken_back = [actor.do("POST", f"/me/consents/{given['id']}/revocation") for _ in range(2)]
    assert [(one["state"], one["version"]) for one in taken_back] == [("revoked", 2)] * 2
    world.settle(who.scope)
    told = [world.entries(south.scope, f"consent.{what}") for what in ("granted", "revoked")]
    facts = {
        "resident": str(who.scope), "institution": str(south.id), "purpose": "treatment", "category": "visits",
        "ends_on": given["ends_on"], "text_version": 1, "text_sha256": text.sha256,
    }  # fmt: skip
    assert told == [[(f"relay:{who.scope}", facts)]] * 2
    world.settle(who.scope)
    happened = [e["type"] for e in actor.do("GET", "/me/journal?limit=100")["data"] if e["subject"] == given["id"]]
    assert happened == ["consent.granted", "consent.revoked"]


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"days": -1}, ("/ends_on", "consent_term")),
        ({"days": 366 * LONGEST}, ("/ends_on", "consent_term")),
        ({"purpose": "insurance_claim"}, ("/purpose", "purpose_not_of_kind")),
    ],
)
def test_what_breaks_a_rule(world: World, more: dict[str, Any], rule: tuple[str, str]) -> None:
    assert world.person(resident()).rules("POST", "/me/consents", body(house(), **more)) == {rule}


def test_bundles_and_other_texts_are_refused(world: World) -> None:
    south, actor = house(), world.person(resident())
    assert actor.refused(422, "POST", "/me/consents", body(south, category="visits") | {"category": ["visits"]})
    other = shown_now(Purpose.RESEARCH, Category.VISITS).sha256
    assert actor.refused(409, "POST", "/me/consents", body(south, text_sha256=other)) == "consent_text_outdated"


@pytest.mark.parametrize("scope", [Scope.for_tenant(7), Scope.for_person(uuid.UUID(int=7))], ids=["tenant", "person"])
def test_unknown_institutions_and_unverified_people(world: World, scope: Scope) -> None:
    unknown = PublicId(TENANT_ID, scope, new_id())
    assert world.person(resident()).refused(404, "POST", "/me/consents", body(house(), institution=str(unknown)))
    stranger = Somebody(new_person().require_person(), "")
    assert world.person(stranger).refused(403, "POST", "/me/consents", body(house())) == "resident_unverified"


def test_every_purpose_may_be_had_by_some_kind_and_the_platform_has_none() -> None:
    assert set(KINDS) == set(Purpose)
    assert all(kinds and not kinds & {Kind.PLATFORM, Kind.REGULATOR, Kind.PHARMACY} for kinds in KINDS.values())


def test_given_again_it_replaces_the_former(world: World) -> None:
    south, who = house(), resident()
    first, second = (who.consents(south, Category.VISITS, days=days) for days in (10, 5))
    other = who.consents(south, Category.ALLERGIES)
    listed = world.person(who).do("GET", "/me/consents")["data"]
    states = {one["id"]: one["state"] for one in listed}
    assert states == {str(first.id): "replaced", str(second.id): "granted", str(other.id): "granted"}


def test_given_many_times_at_once_one_holds(world: World) -> None:
    south, who = house(), resident()
    at_once(*[lambda: who.consents(south, Category.VISITS)] * 5)
    states = [one["state"] for one in world.person(who).do("GET", "/me/consents")["data"]]
    assert sorted(states) == ["granted", *["replaced"] * 4]


def test_there_is_a_bound(world: World) -> None:
    south, who = house(), resident()

    def fill(opened: Any) -> None:
        for number in range(MOST_CONSENTS):
            opened.add(
                Consent(
                    id=new_id(), tenant=number + 1, institution_id=new_id(), institution_name="x", purpose="treatment",
                    category="visits", text_version=1, text_sha256="x", ends_on=local_date(opened.now),
                    state="granted", granted_at=opened.now, version=1,
                )
            )  # fmt: skip

    run(who.scope, fill)
    with pytest.raises(WrongState) as found:
        who.consents(south, Category.VISITS)
    assert found.value.code == "too_many_consents"


def test_what_has_ended_by_itself_and_what_is_replaced_are_not_counted(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    mine = who.consents(south, Category.VISITS, days=1)
    one_less = MOST_CONSENTS - 1

    def fill(opened: Any, days: int, first: int) -> None:
        for number in range(first, first + one_less):
            opened.add(
                Consent(
                    id=new_id(), tenant=number, institution_id=new_id(), institution_name="x", purpose="treatment",
                    category="visits", text_version=1, text_sha256="x",
                    ends_on=local_date(opened.now) + timedelta(days=days), state="granted", granted_at=opened.now,
                    version=1,
                )
            )  # fmt: skip

    run(who.scope, lambda opened: fill(opened, 1, 1))
    assert who.consents(south, Category.VISITS, days=1).id != mine.id, "the last place is its own"
    clock.forward(days=2)
    run(who.scope, lambda opened: fill(opened, 1, MOST_CONSENTS))
    assert who.consents(south, Category.VISITS).state == "granted"


def test_it_ends_by_itself_and_is_forgotten_years_later(world: World, clock: Clock) -> None:
    south, who = house(), resident()
    given = who.consents(south, Category.VISITS, days=1)
    clock.forward(days=2)
    assert world.person(who).do("GET", "/me/consents")["data"][0]["state"] == "ended"
    clock.set(given.granted_at + consents.CONSENT_KEPT)
    assert forget_in(Consent)(who.scope) == 0
    clock.forward(days=3)
    assert forget_in(Consent)(who.scope) == 1
