"""What somebody would pay themself for what is only offered yet."""

import uuid
from collections.abc import Sequence

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.ports import Priced
from app.core.scope import Scope
from app.core.unit import unit
from insurance.connectors.scheme import Question, scheme
from insurance.connectors.wire import Reach, SchemeRefused, SchemeUnavailable
from insurance.rules.adjudication import Line, adjudicate
from insurance.rules.settlements import Payer
from insurance.rules.splits import Item
from insurance.service.connections import reach_of
from insurance.service.coverages import Covered, best_coverage, used_of
from prescriptions.api import ORDER_ID


def own_cost(person: uuid.UUID, provider: int, kind: str, lines: Sequence[Priced]) -> int | None:
    """What `person` would pay themself, in fen, by the coverage that comes first; money of theirs that a scheme keeps
    for them is their own.

    None where the public scheme does not say so at once. Never called inside a unit: the person, the provider and the
    insurer are asked in units of their own.
    """
    with unit(Scope.for_person(person)) as reading:
        today = local_date(reading.now)
        covered = best_coverage(reading, today)
    if covered is None:
        return sum(line.amount for line in lines)
    if covered.payer_kind == Payer.PUBLIC_SCHEME:
        return _at_scheme(covered, provider, kind, lines)
    with unit(Scope.for_tenant(covered.insurer)) as reading:
        used = used_of(reading, covered.id.id, today.year)
    plain = [Line(line.sequence, kind, line.category, line.amount) for line in lines]
    return adjudicate(covered.policy, plain, used).totals.personal


def _at_scheme(covered: Covered, provider: int, kind: str, lines: Sequence[Priced]) -> int | None:
    """A provider that the scheme does not know is paid by the person alone."""
    with unit(Scope.for_tenant(provider)) as reading:
        reach = reach_of(reading, covered.insurer)
    if reach is None:
        return sum(line.amount for line in lines)
    return _asked(reach, _question(covered, provider, kind, lines))


def _asked(reach: Reach, question: Question) -> int | None:
    try:
        split = scheme().trial(reach, question, hurried=True)
    except (SchemeUnavailable, SchemeRefused):
        return None
    return split.account + split.cash


def _question(covered: Covered, provider: int, kind: str, lines: Sequence[Priced]) -> Question:
    """There is no order yet that the trial could be for; its name is one that is never used again."""
    items = tuple(Item(line.sequence, line.code, "", line.category, 1, line.amount) for line in lines)
    subject = PublicId(ORDER_ID, Scope.for_tenant(provider), new_id())
    return Question(covered.member_number, kind, str(subject), items)
