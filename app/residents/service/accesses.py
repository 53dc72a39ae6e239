"""The resident's own access log: who looked at their data, by the relay that rides on each look's entry."""

import uuid
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from app.residents.access_models import Access
from app.residents.names import ACCESS_ID
from app.residents.rules.access_words import Kind, kind_of
from tenants.api import Shown, Who, of_person

_ACCESSES = cast(Table, Access.__table__)
_NOTED = insert(_ACCESSES).on_conflict_do_nothing(index_elements=["person_id", "id"]).returning(_ACCESSES.c.id)
"""Notes a look; no row comes back where it is known."""
ACTING = "acting"
ACCESS_KEPT = timedelta(days=3 * 366)
"""Three years: as long as somebody can claim for an unlawful look (Civil Code, article 188) and as a record of
processing is kept at least (PIPL, article 56). The sealed entries, here and where somebody looked, stay for ever."""


def take_look(unit: Unit, relay: Incoming) -> Answer:
    """Note a look of the giver's people or systems at the person's data; once, however often it is told."""
    told, tenant = relay.payload, relay.giver.require_tenant()
    shown = Shown(told["who"], told["role"], told["name"], told["institution_id"], told["institution_name"])
    kind, own = kind_of(told["about"]), uuid.UUID(told["id"])
    if not _keep(unit, own, datetime.fromisoformat(told["at"]), tenant, shown, told["purpose"], kind, told["about"]):
        return {"refused": "known_already"}
    subject = PublicId(ACCESS_ID, unit.scope, own)
    record(unit, "access.noted", subject, 1, {"purpose": told["purpose"], "about": told["about"]})
    return {}


def note_own(unit: Unit, look: uuid.UUID, purpose: str, kind: Kind, about: PublicId) -> None:
    """Note a look of the unit's author that was made in the person's own scope; its entry is the look's own."""
    tenant, shown = of_person(unit)
    _keep(unit, look, unit.now, tenant, shown, purpose, kind, str(about))


def note_acting(unit: Unit, look: uuid.UUID, role: str | None, name: str, about: PublicId) -> None:
    """Note that somebody begins to act for the unit's person; `look` is their token's id."""
    shown = Shown(Who.REPRESENTATIVE, role, name, None, None)
    _keep(unit, look, unit.now, None, shown, ACTING, kind_of(str(about)), str(about))


def _keep(
    unit: Unit, look: uuid.UUID, at: datetime, tenant: int | None, shown: Shown, purpose: str, kind: Kind, subject: str
) -> bool:
    row = {
        "person_id": unit.scope.require_person(), "id": look, "at": at, "tenant": tenant, "who": shown.who,
        "role": shown.role, "name": shown.name, "institution_name": shown.institution_name,
        "institution_id": uuid.UUID(shown.institution_id) if shown.institution_id else None,
        "purpose": purpose, "kind": kind.code, "subject": subject, "due_at": at + ACCESS_KEPT,
    }  # fmt: skip
    return unit.execute(_NOTED, row).first() is not None
