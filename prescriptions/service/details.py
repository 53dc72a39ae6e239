"""A prescription with everything in it, as those read it who may."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam

from app.core.seeing import Seeing
from app.core.unit import Unit
from prescriptions.content import Words, Written, words_of, written_in
from prescriptions.models.prescribing import Prescription, PrescriptionReview
from prescriptions.service.documents import signatures_of

_REVIEW = Seeing(PrescriptionReview, PrescriptionReview.prescription_id == bindparam("of_prescription"), most=1)


@dataclass(frozen=True)
class Review:
    """How the review stands, as staff of the hospital reads it."""

    row: PrescriptionReview
    words: Words = field(repr=False)


@dataclass(frozen=True)
class Detail:
    """A prescription with what is clinical in it."""

    row: Prescription
    written: Written = field(repr=False)
    signatures: Sequence[Mapping[str, Any]] = field(repr=False)
    review: Review | None
    """None to its resident, and before it was signed."""

    @property
    def version(self) -> int:
        """Its version, which is the answer's tag."""
        return self.row.version


def detail(opened: Unit, row: Prescription, *, for_staff: bool = True) -> Detail:
    """`row` with its content opened; how the review stands is for the hospital's staff alone."""
    review = review_of(opened, row.id) if for_staff else None
    shown = Review(review, words_of(opened, review)) if review else None
    return Detail(row, written_in(opened, row), signatures_of(opened, row), shown)


def review_of(opened: Unit, prescription_id: uuid.UUID, *, lock: bool = False) -> PrescriptionReview | None:
    """The review of a prescription, to be seen, or with `lock` to be changed, held until the unit ends: the
    prescription is locked before it.
    """
    if not lock:
        return _REVIEW.first(opened, of_prescription=prescription_id)
    query = opened.select(PrescriptionReview).where(PrescriptionReview.prescription_id == prescription_id)
    return opened.first(query.with_for_update().execution_options(populate_existing=True))
