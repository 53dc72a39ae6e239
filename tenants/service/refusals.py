"""What somebody may not do by the law of practice is refused, and stands in the journal as refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import Problem
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, record
from app.core.refusals import is_first
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from tenants.names import REFUSAL_ID
from tenants.service.practice import PracticeRefusal
from tenants.service.presence import NEEDED

CODES = frozenset({NEEDED, *(refusal.value for refusal in PracticeRefusal)})
"""Outside registered place, subject or dates, without the home institution's consent, or without presence."""


@contextmanager
def remembering(tenant: Scope, act: str, about: PublicId, by: Caller) -> Iterator[None]:
    """Around the unit of an `act` about something: where it is refused by a rule of practice, the tenant's journal says
    so, once for each actor and act in a quarter of an hour. What was refused left nothing behind: the entry is a unit
    of its own, before the answer leaves. The tenant has to be one that exists.
    """
    try:
        yield
    except Problem as refusal:
        reason = _reason(refusal)
        if reason is not None:
            facts: Facts = {"act": act, "about": str(about), "reason": reason}
            run(tenant, lambda opened: _enter(opened, act, facts), by)
        raise


def _reason(refusal: Problem) -> str | None:
    found = {refusal.code, *(fault.rule for fault in refusal.faults)} & CODES
    return min(found, default=None)


def _enter(opened: Unit, act: str, facts: Facts) -> None:
    if is_first(opened, act):
        record(opened, "practice.refused", PublicId(REFUSAL_ID, opened.scope, new_id()), 1, facts)
