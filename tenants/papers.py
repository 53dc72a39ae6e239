"""Documents between their stored form (JSON, or rows of `licenses`) and the values that rules take."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from app.core.ids import new_id
from tenants.models import License
from tenants.rules import Document, Paper
from tenants.states import LicenseState


def stored(paper: Paper) -> dict[str, Any]:
    """`paper` as JSON."""
    return {
        "kind": paper.kind.value, "number": paper.number, "issuer": paper.issuer, "subjects": list(paper.subjects),
        "valid_until": paper.valid_until.isoformat(),
    }  # fmt: skip


def read(document: dict[str, Any]) -> Paper:
    """The paper that `stored` wrote."""
    return Paper(
        Document(document["kind"]), document["number"], document["issuer"], tuple(document["subjects"]),
        date.fromisoformat(document["valid_until"]),
    )  # fmt: skip


def of_row(row: License) -> Paper:
    """The paper in a row of `licenses`."""
    return of_columns(row.kind, row.number, row.issuer, row.subjects, row.valid_until)


def of_columns(kind: str, number: str, issuer: str, subjects: Iterable[str], valid_until: date) -> Paper:
    """The paper that these columns of a row of `licenses` tell of."""
    return Paper(Document(kind), number, issuer, tuple(subjects), valid_until)


def new_license(paper: Paper, state: LicenseState, now: datetime) -> License:
    """A row for `paper`, which was handed in at `now`."""
    return License(
        id=new_id(), kind=paper.kind, number=paper.number, issuer=paper.issuer, subjects=list(paper.subjects),
        valid_until=paper.valid_until, state=state, version=1, submitted_at=now,
    )  # fmt: skip
