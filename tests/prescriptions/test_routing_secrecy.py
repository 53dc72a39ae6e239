"""What is clinical in routing stays inside: encrypted at rest, absent from journals; looks of a pharmacy are marked."""

import pytest

from app.core.scope import Scope
from prescriptions import order_queries
from prescriptions.ids import prescription_public_id
from prescriptions.service import accepting
from tests.core.journal.scenes import chain, rows
from tests.platform import Platform
from tests.prescriptions.routing_scenes import CODE, COUNSELLING, NAME, Town, owner_of
from tests.standing import where_they_stand


@pytest.fixture
def town(platform: Platform) -> Town:
    """A hospital and a pharmacy."""
    return Town(platform)


def test_nothing_clinical_can_be_read_in_the_orders(platform: Platform, town: Town) -> None:
    town.prepared()
    code = town.shop.code()
    town.shop.hand_over()
    town.settle()
    orders = {"routing_orders", "prescription_choices", "journal", "journal_pending", "relays"}
    found = where_they_stand(platform, [NAME, COUNSELLING, "高血压病", "I10.x05", CODE])
    bound_to_somebody = {"routing_orders", "prescription_choices", "quotes", "relays"}
    assert bound_to_somebody & set(found.pop(CODE)) == set()
    assert {words: orders & set(tables) for words, tables in found.items()} == {words: set() for words in found}
    kept = rows(platform, "SELECT to_jsonb(r)::text FROM routing_orders r WHERE tenant_id = %s", town.shop.scope.tenant)
    assert kept and f'"{code}"' not in kept[0][0] and code.encode().hex() not in kept[0][0]


def test_no_entry_says_anything_clinical(platform: Platform, town: Town) -> None:
    prescription = town.prepared()
    code = town.shop.code()
    town.shop.hand_over()
    person = Scope.for_person(prescription.resident_id)
    town.settle(person)
    told = "".join(
        str(entry) for scope in (town.shop.scope, town.ward.scope, person) for entry in chain(platform, scope)
    )
    assert "routing_order.fulfilled" in told and "prescription.completed" in told
    assert [words for words in (NAME, COUNSELLING, "I10.x05", "缬沙坦", f"'{code}'") if words in told] == []
    shown = repr(order_queries.order_of(town.shop.counter, town.shop.known))
    shown += repr(order_queries.paper_of(town.shop.counter, town.shop.known))
    assert [words for words in (NAME, "I10.x05", "缬沙坦") if words in shown] == []


def looks(platform: Platform, town: Town) -> list[tuple[str, dict[str, str]]]:
    """The looks in the pharmacy's journal: actor and facts."""
    return rows(
        platform, "SELECT actor, facts FROM journal_pending WHERE tenant_id = %s AND type = 'record.read' ORDER BY id",
        town.shop.scope.tenant,
    )  # fmt: skip


def test_a_look_is_marked_once_the_pharmacy_knows_for_whom_it_is(platform: Platform, town: Town) -> None:
    prescription = town.offered()
    shop, known = town.shop, town.shop.known
    order_queries.order_of(shop.system, known)
    order_queries.orders_of(shop.scope, {"limit": 20, "cursor": "", "state": None})
    assert looks(platform, town) == []
    accepting.accept(shop.counter, known)
    order_queries.order_of(owner_of(shop.order()), known)
    assert looks(platform, town) == []
    counter = shop.counter
    order_queries.paper_of(counter, known)
    facts = {"purpose": "prescription", "resident": f"person:{prescription.resident_id}", "about": str(known)}
    assert looks(platform, town)[0] == (counter.by.actor, facts)


def test_a_quote_says_nothing_of_whom_it_is_for(platform: Platform, town: Town) -> None:
    prescription = town.offered()
    written = rows(platform, "SELECT text FROM journal WHERE tenant_id = %s", town.shop.scope.tenant)
    of_quotes = [text for (text,) in written if "quote.made" in text]
    assert len(of_quotes) == 1
    known, person = str(prescription_public_id(prescription)), str(prescription.resident_id)
    assert known not in of_quotes[0] and person not in of_quotes[0] and "system:quotes" in of_quotes[0]
