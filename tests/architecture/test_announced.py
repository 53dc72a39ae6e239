"""The rule to which all tests hold public events: no tenant's number, no bare uuid."""

import uuid
from typing import Any

import pytest

from app.core.ids import PublicId
from app.core.journal.record import Facts, record
from app.core.unit import run
from tests.announced import raw, raw_facts
from tests.platform import Platform, new_tenant

TENANT = uuid.UUID(int=2**127)


@pytest.mark.parametrize("told", [1008, 2**52, "1009", str(TENANT), TENANT.hex, ["x", 1008]])
def test_what_is_an_id_within_is_found(told: Any) -> None:
    assert [*raw({"provider": told, "state": "open", "billed": 25_333})] == ["provider"]


def test_it_is_found_in_the_journal(platform: Platform) -> None:
    scope = new_tenant()
    subject = PublicId("ten", scope, TENANT)
    facts: Facts = {"giver": scope.require_tenant(), "whose": str(subject), "amount": 2**40, "kept": True}
    run(scope, lambda opened: record(opened, "test.raw", subject, 1, facts))
    with platform.connection() as database:
        assert raw_facts(database, frozenset({"test.raw"}), scope) == {("test.raw", "giver")}
        assert raw_facts(database, frozenset({"test.other"}), scope) == set()
