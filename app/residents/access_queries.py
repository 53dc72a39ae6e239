"""Reading one's own access log, newest first."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.edge.paging import Keyset, Page
from app.identity.api import locale_of
from app.residents.access_models import Access
from app.residents.names import ACCESS_ID
from app.residents.rules import hook_words
from app.residents.rules.access_words import CHINESE, Told, sentence
from tenants.api import TENANT_ID

_ACCESSES = Keyset("accesses", (Access.at, Access.id), descending=True)


@dataclass(frozen=True)
class OwnAccess:
    """An access as the person reads it: codes for programs, a sentence for people.

    `event`, `host` and `arrived_at` are a hook's.
    """

    id: PublicId
    at: datetime
    institution: PublicId | None
    institution_name: str | None
    who: str
    role: str | None
    name: str | None = field(repr=False)
    purpose: str
    kind: str
    subject: str
    event: str | None
    host: str | None
    arrived_at: datetime | None
    sentence: str = field(repr=False)


def access_log(person: uuid.UUID, asked: Mapping[str, Any], language: str | None) -> Page[OwnAccess]:
    """Who looked at the person's data and who was sent news of it, perhaps of one institution or time; in their own
    language where none is asked for.
    """
    with unit(Scope.for_person(person)) as reading:
        query = reading.select(Access)
        if asked["institution"]:
            query = query.where(Access.tenant == asked["institution"].scope.tenant)
        if asked["since"]:
            query = query.where(Access.at >= asked["since"])
        if asked["until"]:
            query = query.where(Access.at < asked["until"])
        page = _ACCESSES.page(reading, query, asked)
        spoken = language or locale_of(reading) or CHINESE
        return Page([_own(reading, row, spoken) for row in page.data], page.next_cursor)


def _own(reading: Unit, row: Access, language: str) -> OwnAccess:
    return OwnAccess(
        PublicId(ACCESS_ID, reading.scope, row.id), row.at, _institution(row), row.institution_name, row.who, row.role,
        row.name, row.purpose, row.kind, row.subject, row.event, row.host, row.arrived_at,
        _sentence(row, language),
    )  # fmt: skip


def _sentence(row: Access, language: str) -> str:
    if row.event is not None and row.host is not None:
        sent = hook_words.Sent(row.at, row.event, row.institution_name, row.host, row.arrived_at is not None)
        return hook_words.sentence(sent, language)
    told = Told(row.at, row.who, row.role, row.name, row.institution_name, row.purpose, row.kind)
    return sentence(told, language)


def _institution(row: Access) -> PublicId | None:
    if row.tenant is None or row.institution_id is None:
        return None
    return PublicId(TENANT_ID, Scope.for_tenant(row.tenant), row.institution_id)
