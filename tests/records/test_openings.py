"""Who opens records in an emergency is a doctor at work, where and as their papers allow, and not without end."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from app.core.errors import Problem, Refused
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import Role
from app.records.rules.emergencies import MOST_A_DAY, Reason
from app.records.service.emergencies import Document, Wish, emergency_id, open_access
from app.records.service.grounds import by_emergency
from app.records.timers import FORGETTING_TRIES
from tenants.models import License, Profile, Staff
from tenants.practice_models import Presence
from tests.records.scenes import TERM, WORDS, World, house, opened_access, resident
from tests.scheduling.clock import Clock
from tests.tenants.world import at_once

NOBODY = Wish(Document(None, "11010119600101123X"), Reason.OTHER, WORDS)


def change(scope: Scope, model: type[Any], **values: Any) -> None:
    """Let every row of the tenant's have other values."""

    def work(opened: Unit) -> None:
        for row in opened.all(opened.select(model)):
            for name, value in values.items():
                setattr(row, name, value)

    run(scope, work)


def absent(scope: Scope) -> None:
    """Nobody has proved that they work."""

    def work(opened: Unit) -> None:
        for row in opened.all(opened.select(Presence)):
            opened.session.delete(row)

    run(scope, work)


def code(act: Callable[[], object]) -> str:
    """How `act` is refused; nothing where it is not."""
    try:
        act()
    except Problem as refused:
        return refused.code
    return ""


UNFIT: dict[str, Callable[[Scope], None]] = {
    "presence_needed": absent,
    "site_license_ended": lambda scope: change(scope, License, valid_until=date(2020, 1, 1)),
    "doctor_registration_ended": lambda scope: change(scope, Staff, registration_until=date(2020, 1, 1)),
    "doctor_subject_not_registered": lambda scope: change(scope, Staff, subjects=[]),
    "tenant_suspended": lambda scope: change(scope, Profile, state="suspended"),
}


@pytest.mark.parametrize("reason", sorted(UNFIT))
def test_who_may_not_treat_opens_nothing_and_reads_no_more(world: World, clock: Clock, reason: str) -> None:
    clock.in_a_quarter()
    south, who = house(), resident()
    access = opened_access(south, who)
    UNFIT[reason](south.scope)
    assert code(lambda: by_emergency(south.viewer, emergency_id(access.row))) == reason
    assert [code(lambda: opened_access(south, resident())) for _ in range(2)] == [reason] * 2
    ((_, facts),) = world.entries(south.scope, "practice.refused")
    assert (facts["act"], facts["reason"]) == ("emergency_access.open", reason)


def test_one_subject_that_the_site_has_too_is_enough(world: World) -> None:
    south = house()
    change(south.scope, Staff, subjects=["99", "03"])
    assert code(lambda: opened_access(south, resident())) == ""


def test_a_doctor_opens_so_many_a_day_and_no_more(world: World, clock: Clock) -> None:
    """Tries with a document that leads to nobody count as openings do."""
    south = house()
    for _ in range(2):
        opened_access(south, resident())
    for _ in range(MOST_A_DAY - 3):
        assert isinstance(open_access(south.viewer, NOBODY, TERM), Refused)
    people = [resident(), resident()]
    found = at_once(*[lambda who=who: code(lambda: opened_access(south, who)) for who in people])
    assert sorted(found) == ["", "too_many_emergency_accesses"]
    assert code(lambda: open_access(south.viewer, NOBODY, TERM)) == "too_many_emergency_accesses"
    opened_access(south, resident(), south.member(Role.DOCTOR))
    assert FORGETTING_TRIES.task(south.scope) == 0
    clock.forward(days=1)
    assert code(lambda: opened_access(south, resident())) == ""
    assert FORGETTING_TRIES.task(south.scope) == MOST_A_DAY - 3
