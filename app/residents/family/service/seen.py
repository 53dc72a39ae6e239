"""Who may act for whom, as each side reads it."""

from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.identity.api import PERSON
from app.residents.family.models import Representation, Represented
from app.residents.family.service.representations import actor_name, subject
from app.residents.names import REPRESENTED_ID


@dataclass(frozen=True)
class SeenRepresentative:
    """Somebody who may act for the person, as that person reads it; no name before they agreed."""

    id: PublicId
    person: PublicId
    name: str | None = field(repr=False)
    kind: str
    reach: str
    evidence: str
    state: str
    until: date | None
    end_reason: str | None
    created_at: datetime
    ended_at: datetime | None
    version: int


@dataclass(frozen=True)
class SeenRepresented:
    """A person for whom somebody may act, as who acts reads it."""

    id: PublicId
    person: PublicId
    name: str = field(repr=False)
    kind: str
    reach: str
    state: str
    until: date | None
    end_reason: str | None
    version: int


def representative(opened: Unit, row: Representation) -> SeenRepresentative:
    """`row` as the person for whom it is reads it."""
    return SeenRepresentative(
        id=subject(row), person=PublicId(PERSON, Scope.for_person(row.actor_id), row.actor_id),
        name=actor_name(opened, row), kind=row.kind, reach=row.reach, evidence=row.evidence, state=row.state,
        until=row.until, end_reason=row.end_reason, created_at=row.created_at, ended_at=row.ended_at,
        version=row.version,
    )  # fmt: skip


def as_told(row: Representation, name: str) -> SeenRepresented:
    """`row`, in the scope of the person who is called `name`, as who acts reads it."""
    return SeenRepresented(
        PublicId(REPRESENTED_ID, Scope.for_person(row.actor_id), row.id),
        PublicId(PERSON, Scope.for_person(row.person_id), row.person_id), name, row.kind, row.reach, row.state,
        row.until, row.end_reason, row.version,
    )  # fmt: skip


def represented(opened: Unit, row: Represented) -> SeenRepresented:
    """`row` as who acts reads it."""
    id, person = PublicId(REPRESENTED_ID, opened.scope, row.id), Scope.for_person(row.represented_id)
    name = opened.cipher.open(row.name, f"{opened.scope}/represented/name/{row.id}").decode()
    return SeenRepresented(
        id, PublicId(PERSON, person, row.represented_id), name, row.kind, row.reach, row.state, row.until,
        row.end_reason, row.source_version,
    )  # fmt: skip
