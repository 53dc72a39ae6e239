"""A family-doctor contract as team and resident read it."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit
from app.residents.models import FamilyContract
from app.residents.names import CONTRACT_ID
from app.residents.rules.contracts import ContractState, present_state


@dataclass(frozen=True)
class Seen:
    """A contract in its present state, with whom it is."""

    id: PublicId
    resident: uuid.UUID
    name: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: str
    team_name: str
    package: str
    term_years: int
    state: ContractState
    reason: str | None
    starts_on: date | None
    ends_on: date | None
    requested_at: datetime
    version: int


def seen(opened: Unit, row: FamilyContract) -> Seen:
    """`row` with its resident's name opened, in the state that it has today."""
    return Seen(
        id=contract_id(row), resident=row.resident_id, birth_date=row.birth_date, sex=row.sex, package=row.package,
        name=opened.cipher.open(row.name, name_place(opened.scope, row.id)).decode(), term_years=row.term_years,
        state=present_state(ContractState(row.state), row.ends_on, local_date(opened.now)), reason=row.reason,
        team_name=row.team_name, starts_on=row.starts_on, ends_on=row.ends_on, requested_at=row.requested_at,
        version=row.version,
    )  # fmt: skip


def contract_id(row: FamilyContract) -> PublicId:
    """A contract's public id."""
    return PublicId(CONTRACT_ID, Scope.for_tenant(row.tenant_id), row.id)


def name_place(scope: Scope, id: uuid.UUID) -> str:
    """The place for which the resident's name is encrypted in a contract."""
    return f"{scope}/family_contracts/name/{id}"
