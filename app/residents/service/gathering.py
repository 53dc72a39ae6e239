"""Making exports: the worker reads everything about the person as they would themself, and keeps it sealed.

Each part is read by the queries of the slice that it belongs to, in units of its own; there is no one moment at which
the whole was true. Nothing is read in a scope that is not the person's own or narrowed to them.
"""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import delete

from app.core.blobs import arriving, blobs, settle
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.typesetting import NotTypeset, typesetter
from app.core.unit import Unit, database, run, unit
from app.edge.exporting import Contribution, Whose, named_tenants
from app.identity.api import PERSON, is_closed, locale_of
from app.residents.export_models import DataExport, ExportState
from app.residents.family.service.representations import acts
from app.residents.rules.access_words import CHINESE
from app.residents.service.exports import EXPORT_KEPT, Form, note, place_of
from app.residents.service.printing import printed

SCHEMA_VERSION = "1"
LEASE = timedelta(minutes=5)
"""Many times longer than an export takes; after it another worker tries."""
TRIES = 3
log = structlog.get_logger()
_contributions: Sequence[Contribution] = ()


@dataclass(frozen=True)
class _Taken:
    id: uuid.UUID
    person: uuid.UUID
    state: str
    addresses: tuple[str, ...]
    tries: int
    language: str | None
    asker: uuid.UUID | None


def connect_exports(contributions: Sequence[Contribution]) -> None:
    """Say once, in the factory, who contributes to exports."""
    global _contributions  # noqa: PLW0603  # one process, one set of slices; set before the worker begins
    _contributions = contributions


def export_due(scope: Scope) -> int:
    """Make, or forget, one export that is due in the platform's tenant `scope`; returns whether there was one."""
    taken = run(scope, _take)
    if taken is None:
        return 0
    if taken.state != ExportState.WAITING or not _is_wanted(taken):
        _forget(scope, taken)
    elif taken.tries > TRIES:
        run(scope, lambda opened: _end(opened, taken.id, None, None))
        log.error("export_failed", export=str(taken.id))
    else:
        _make(scope, taken)
    return 1


def document(person: uuid.UUID, *, alone: bool = True) -> dict[str, Any]:
    """Everything about `person`, as it goes into JSON; for who acts for them, what is not theirs alone."""
    columns = [column for one in _contributions for column in one.names]
    whose = Whose(person, named_tenants(person, columns), alone)
    parts = {
        name: read(whose) for one in _contributions for name, read in one.parts.items() if alone or name not in one.own
    }
    made_at = database().clock.now().isoformat()
    return {
        "schema_version": SCHEMA_VERSION, "made_at": made_at, "person": str(PublicId(PERSON, whose.scope, person)),
        **parts,
    }  # fmt: skip


def _take(opened: Unit) -> _Taken | None:
    due = opened.select(DataExport).where(DataExport.due_at <= opened.now).order_by(DataExport.due_at)
    row = opened.first(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.due_at = opened.now + LEASE
    if row.state == ExportState.WAITING:
        row.tries += 1
    return _Taken(row.id, row.resident_id, row.state, row.addresses, row.tries, row.language, row.asker_id)


def _is_wanted(taken: _Taken) -> bool:
    """Whether anybody is left to fetch it: the account is open, and who asked in its person's place may still act."""
    with unit(Scope.for_person(taken.person)) as reading:
        return not is_closed(reading) and (taken.asker is None or acts(reading, taken.asker))


def _make(scope: Scope, taken: _Taken) -> None:
    found = document(taken.person, alone=taken.asker is None)
    pdf = _pdf(taken, found)
    with (
        arriving(scope, _sealed(taken.id, orjson.dumps(found), Form.JSON)) as address,
        arriving(scope, _sealed(taken.id, pdf, Form.PDF)) if pdf else nullcontext() as pdf_address,
    ):
        run(scope, lambda opened: _end(opened, taken.id, address, pdf_address))


def _pdf(taken: _Taken, found: dict[str, Any]) -> bytes | None:
    """The document for people; None where there are no fonts, and, with an alarm, where it cannot be made."""
    by = typesetter()
    if by is None:
        return None
    with unit(Scope.for_person(taken.person)) as reading:
        language = taken.language or locale_of(reading) or CHINESE
    try:
        return printed(found, language, by)
    except NotTypeset as error:
        log.error("export_has_no_pdf", export=str(taken.id), error=str(error))
        return None


def _sealed(id: uuid.UUID, content: bytes, form: Form) -> bytes:
    return database().cipher.seal(content, place_of(id, form))


def _end(opened: Unit, id: uuid.UUID, address: str | None, pdf_address: str | None) -> None:
    """Ready with the blob at `address`, failed without one; not where another worker was quicker."""
    row = opened.get(DataExport, id, lock=True)
    if row is None or row.state != ExportState.WAITING:
        return
    for coming in filter(None, (address, pdf_address)):
        settle(opened, coming)
    row.pdf_address = pdf_address
    row.state, row.address = ExportState.READY if address else ExportState.FAILED, address
    row.ended_at, row.due_at, row.version = opened.now, opened.now + EXPORT_KEPT, row.version + 1
    note(opened, row.id, row.resident_id, f"data_export.{row.state}", row.version)


def _forget(scope: Scope, taken: _Taken) -> None:
    """The blob first: a row that is left is met again, a blob without one never."""
    for address in taken.addresses:
        blobs().remove(scope.require_tenant(), address)
    mine = (DataExport.tenant_id == scope.require_tenant(), DataExport.id == taken.id)
    run(scope, lambda opened: opened.execute(delete(DataExport).where(*mine)))
