"""Reading what institutions keep of a resident: each in a unit of its own, with an entry in each one's journal.

First the resident's own scope says what is there and whether it is open to the reader; then the reader's institution
notes that it reads; then each institution that keeps something of the page is asked, and notes that it was. A consent
that is taken back is asked for no more: every reading that begins after that commit is refused.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Unit, run
from app.edge.paging import Page
from app.identity.api import is_closed
from app.records.errors import no_consent
from app.records.names import CONSENT, EMERGENCY
from app.records.service.grounds import Ground
from app.residents.api import Category, StatedAllergy, consented, look_at_shared, stated_allergies
from app.visits.api import Diagnosis, VisitSummary, completed_visits, visit_summaries
from prescriptions.api import PrescribedMedicine, PrescriptionSummary, prescription_summaries, signed_prescriptions
from tenants.api import Across, look_across

Asked = Mapping[str, Any]


@dataclass(frozen=True)
class SharedRecord:
    """One line of what is kept of a resident; what belongs to other categories is None."""

    category: Category
    source: PublicId
    institution_name: str | None = None
    doctor_name: str | None = None
    subject: str | None = None
    at: datetime | None = None
    diagnoses: Sequence[Diagnosis] | None = field(default=None, repr=False)
    medicines: Sequence[PrescribedMedicine] | None = field(default=None, repr=False)
    allergy: StatedAllergy | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Opened:
    """What opened the records, and what is there: ids of others, or, where the resident keeps them, the records."""

    who: Across
    page: Page[Any]


Ask = Callable[[Unit, uuid.UUID, Sequence[uuid.UUID]], list[SharedRecord]]


def shared(ground: Ground, category: Category, asked: Asked, by: Caller) -> Page[SharedRecord]:
    """A page of one category, newest first; raises Forbidden `no_consent`."""
    found = run(Scope.for_person(ground.resident), lambda own: _open(own, ground, category, asked), by)
    run(found.who.reader, lambda opened: look_across(opened, found.who, category), by)
    if category is Category.ALLERGIES:
        return found.page
    return Page(_gathered(found, category, by), found.page.next_cursor)


def _open(own: Unit, ground: Ground, category: Category, asked: Asked) -> _Opened:
    """Ask for the consent where the truth is, note the look, and find what is there; all in one unit.

    Who died or gave up their account consents to nothing any more, and is in no emergency.
    """
    if is_closed(own):
        raise no_consent()
    if ground.emergency is not None:
        purpose, about = EMERGENCY, ground.emergency
        look_at_shared(own, category, EMERGENCY, about)
    else:
        consent = consented(own, ground.reader, ground.purposes).get(category)
        if consent is None:
            raise no_consent()
        purpose, about = CONSENT, consent
        look_at_shared(own, category, CONSENT, about)
    who = Across(ground.resident, Scope.for_tenant(ground.reader.tenant), purpose, about)
    return _Opened(who, _INDEX[category](own, asked))


def _gathered(found: _Opened, category: Category, by: Caller) -> list[SharedRecord]:
    """What the institutions keep of the page's ids, in its order; one unit for each institution."""
    wanted: dict[Scope, list[uuid.UUID]] = {}
    for source in found.page.data:
        wanted.setdefault(source.scope, []).append(source.id)

    def asked_of(opened: Unit, ids: Sequence[uuid.UUID]) -> list[SharedRecord]:
        look_across(opened, found.who, category)
        return _ASK[category](opened, found.who.resident, ids)

    kept = [one for scope, ids in wanted.items() for one in run(scope, partial(asked_of, ids=ids), by)]
    by_source = {one.source: one for one in kept}
    return [by_source[source] for source in found.page.data if source in by_source]


def _allergies(own: Unit, asked: Asked) -> Page[SharedRecord]:
    page = stated_allergies(own, asked)
    made = [SharedRecord(Category.ALLERGIES, one.id, at=one.stated_at, allergy=one) for one in page.data]
    return Page(made, page.next_cursor)


def _visits(opened: Unit, resident: uuid.UUID, ids: Sequence[uuid.UUID]) -> list[SharedRecord]:
    return [_of_visit(one) for one in visit_summaries(opened, resident, ids, diagnoses=False)]


def _diagnoses(opened: Unit, resident: uuid.UUID, ids: Sequence[uuid.UUID]) -> list[SharedRecord]:
    """Beside the diagnoses only where and when: by whom, and in which field, is told by the visits."""
    return [
        SharedRecord(
            Category.DIAGNOSES, one.id, one.institution_name, at=one.ended_at, diagnoses=one.diagnoses
        )
        for one in visit_summaries(opened, resident, ids, diagnoses=True)
    ]  # fmt: skip


def _prescriptions(opened: Unit, resident: uuid.UUID, ids: Sequence[uuid.UUID]) -> list[SharedRecord]:
    return [_of_prescription(one) for one in prescription_summaries(opened, resident, ids)]


def _of_visit(one: VisitSummary) -> SharedRecord:
    return SharedRecord(
        Category.VISITS, one.id, one.institution_name, one.doctor_name, one.subject, one.ended_at
    )  # fmt: skip


def _of_prescription(one: PrescriptionSummary) -> SharedRecord:
    return SharedRecord(
        Category.PRESCRIPTIONS, one.id, one.institution_name, one.doctor_name, at=one.signed_at, medicines=one.medicines
    )


_INDEX: Mapping[Category, Callable[[Unit, Asked], Page[Any]]] = {
    Category.VISITS: completed_visits,
    Category.DIAGNOSES: completed_visits,
    Category.PRESCRIPTIONS: signed_prescriptions,
    Category.ALLERGIES: _allergies,
}
_ASK: Mapping[Category, Ask] = {
    Category.VISITS: _visits,
    Category.DIAGNOSES: _diagnoses,
    Category.PRESCRIPTIONS: _prescriptions,
}
