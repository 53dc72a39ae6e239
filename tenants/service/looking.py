"""Looks at somebody's record by a tenant's people and systems, and who the resident is told that it was.

The resident hears of the first look of each quarter of an hour by a relay that rides on the look's own entry. They are
told the role, and a name where the member practises under it: doctors and pharmacists sign what the resident reads.
Of others they are told the role alone, of a system its name.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import BindParameter, Select, Table, and_, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from app.core.ids import MalformedId, PublicId, new_id
from app.core.journal.record import Outgoing, record
from app.core.looks import DAY, LOOK_ID, MARK_KEPT, READ, Look, day_of, quarter_of
from app.core.scope import Scope
from app.core.unit import Unit
from app.identity.api import CLIENT, OAuthClient, Role
from tenants.models import DirectoryDoctor, DirectoryEntry, Profile, Staff
from tenants.names import STAFF_ID

LOOKED = "look.made"
"""To the person who was looked at."""
FEED = "feed"
"""The purpose of reading events, from the feed or of a delivery."""
NAMED = (Role.DOCTOR, Role.PHARMACIST)
SHOWN = (*NAMED, *(role for role in Role if role not in NAMED))
"""The role that is told of a member who has several: the first of these."""


class Who(StrEnum):
    """What kind of author looked: somebody of an institution, a system of its, the platform itself, or somebody who
    acts for the person.
    """

    STAFF = "staff"
    CLIENT = "client"
    PLATFORM = "platform"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True)
class Shown:
    """Who looked, in as far as the resident may know it."""

    who: Who
    role: str | None = None
    name: str | None = field(default=None, repr=False)
    institution_id: str | None = None
    institution_name: str | None = None


@dataclass(frozen=True)
class Across:
    """Of whom which institution reads what others keep, why, and by what it was opened."""

    resident: uuid.UUID
    reader: Scope
    purpose: str
    about: PublicId


_OWNER: BindParameter[Any] = bindparam("owner")
_LOOKS, _STAFF, _CLIENTS, _PROFILES = (
    cast(Table, model.__table__) for model in (Look, Staff, OAuthClient, Profile)
)  # fmt: skip
_MEMBER = select(func.jsonb_build_array(_STAFF.c.name, _STAFF.c.roles, type_=JSONB)).where(
    _STAFF.c.tenant_id == _OWNER, _STAFF.c.id == bindparam("of_staff")
)
_SYSTEM = select(_CLIENTS.c.name).where(_CLIENTS.c.tenant_id == _OWNER, _CLIENTS.c.id == bindparam("of_client"))
_INSTITUTION = select(func.jsonb_build_array(_PROFILES.c.id, _PROFILES.c.name, type_=JSONB)).where(
    _PROFILES.c.tenant_id == _OWNER
)
_MARK = (
    insert(_LOOKS)
    .on_conflict_do_nothing()
    .returning(_MEMBER.scalar_subquery(), _SYSTEM.scalar_subquery(), _INSTITUTION.scalar_subquery())
)
"""Leaves the mark; where it is the first, answers who made it. One statement, for it runs at every look."""
_QUIET_MARK = insert(_LOOKS).on_conflict_do_nothing().returning(_LOOKS.c.id)
_MARKS = insert(_LOOKS).on_conflict_do_nothing().returning(_LOOKS.c.id, _LOOKS.c.resident_id)
_AUTHOR = select(_MEMBER.scalar_subquery(), _SYSTEM.scalar_subquery(), _INSTITUTION.scalar_subquery())
_LOOKED_AT = and_(
    _LOOKS.c.actor == bindparam("of_actor"), _LOOKS.c.purpose == bindparam("of_purpose"),
    _LOOKS.c.quarter == bindparam("of_quarter"),
)  # fmt: skip
_ENTRIES = cast(Table, DirectoryEntry.__table__)
_LISTED = select(_ENTRIES.c.profile_id, _ENTRIES.c.name).where(_ENTRIES.c.tenant == bindparam("of_tenant"))


def look(unit: Unit, resident: uuid.UUID, purpose: str, about: PublicId) -> bool:
    """Note that the unit's author reads of `resident` for `purpose`; returns whether this look made an entry.

    Called in the unit that reads, which commits before the answer leaves. `about` is what was looked at first.
    """
    own, quarter, owner = new_id(), quarter_of(unit.now), unit.scope.require_tenant()
    row = {
        "tenant_id": owner, "id": own, "resident_id": resident, "actor": unit.by.actor, "purpose": purpose,
        "quarter": quarter, "due_at": quarter + MARK_KEPT,
    }  # fmt: skip
    first = unit.execute(_MARK, row | _author(unit)).first()
    if first is None:
        return False
    person = Scope.for_person(resident)
    payload = {"id": str(own), "purpose": purpose, "about": str(about), "at": unit.now.isoformat()}
    told = Outgoing(person, LOOKED, payload | asdict(_shown(unit, *first)))
    facts = {"purpose": purpose, "resident": str(person), "about": str(about)}
    record(unit, READ, PublicId(LOOK_ID, unit.scope, own), 1, facts, [told])
    return True


def with_mark(query: Select[Any], rows: Table) -> Select[Any]:
    """`query` of `rows` of residents: only of those at whom was looked already, as the values of `mark` say.

    Who finds a row by it need not `look`: a mark is committed with its entry.
    """
    same = (_LOOKS.c.tenant_id == rows.c.tenant_id, _LOOKS.c.resident_id == rows.c.resident_id)
    return query.join(_LOOKS, and_(*same, _LOOKED_AT))


def mark(actor: str, purpose: str, now: datetime) -> dict[str, Any]:
    """The values by which `with_mark` knows the mark that `actor`'s look for `purpose` left in this quarter."""
    return {"of_actor": actor, "of_purpose": purpose, "of_quarter": quarter_of(now)}


def look_at_events(unit: Unit, seen: Mapping[uuid.UUID, PublicId]) -> int:
    """Note that the unit's author reads events of residents, each with the first one of theirs; returns of how many for
    the first time that local day. Those make one entry, which tells each of them.
    """
    day, owner = day_of(unit.now), unit.scope.require_tenant()
    mark = {
        "tenant_id": owner,
        "actor": unit.by.actor,
        "purpose": FEED,
        "quarter": day,
        "due_at": day + DAY + MARK_KEPT,
    }
    rows = [mark | {"id": new_id(), "resident_id": resident} for resident in sorted(seen)]
    fresh = unit.session.execute(_MARKS, rows).all() if rows else ()
    if fresh:
        shown = asdict(_shown(unit, *unit.execute(_AUTHOR, _author(unit)).one()))
        at = unit.now.isoformat()
        told = [
            Outgoing(
                Scope.for_person(one.resident_id), LOOKED,
                {"id": str(one.id), "purpose": FEED, "about": str(seen[one.resident_id]), "at": at, **shown},
            )
            for one in fresh
        ]  # fmt: skip
        facts = {"purpose": FEED, "residents": [str(one.taker) for one in told]}
        record(unit, READ, PublicId(LOOK_ID, unit.scope, fresh[0].id), 1, facts, told)
    return len(fresh)


def look_across(unit: Unit, who: Across, category: str) -> bool:
    """Note in the journal of an institution that somebody reads a category of what institutions keep of a resident.

    Made at those that keep it and at the one that reads, once in each quarter of an hour; returns whether this look
    made an entry. The resident heard already, where what opened it was asked for.
    """
    own, quarter = new_id(), quarter_of(unit.now)
    row = {
        "tenant_id": unit.scope.require_tenant(), "id": own, "resident_id": who.resident, "actor": unit.by.actor,
        "purpose": f"{who.purpose}:{category}:{who.about.id}", "quarter": quarter, "due_at": quarter + MARK_KEPT,
    }  # fmt: skip
    if unit.execute(_QUIET_MARK, row).first() is None:
        return False
    facts = {
        "purpose": who.purpose, "resident": str(Scope.for_person(who.resident)), "about": str(who.about),
        "category": category, "reader": str(who.reader),
    }  # fmt: skip
    record(unit, READ, PublicId(LOOK_ID, unit.scope, own), 1, facts)
    return True


def of_person(unit: Unit) -> tuple[int | None, Shown]:
    """Who the author of a unit of a person's is and of which tenant, by what the directory publishes."""
    staff = _parsed(unit.by.actor, STAFF_ID)
    if staff is None:
        return None, Shown(Who.PLATFORM)
    tenant = staff.scope.require_tenant()
    doctor = unit.session.scalars(
        select(DirectoryDoctor).where(DirectoryDoctor.tenant == tenant, DirectoryDoctor.id == staff.id)
    ).first()
    role, name = (Role.DOCTOR, doctor.name) if doctor else (None, None)
    return tenant, Shown(Who.STAFF, role, name, *_listed(unit, tenant))


def system_of(unit: Unit, tenant: int) -> Shown:
    """Some system of `tenant`, by what the directory publishes of it."""
    return Shown(Who.CLIENT, None, None, *_listed(unit, tenant))


def _listed(unit: Unit, tenant: int) -> tuple[str | None, str | None]:
    """Id and name of the institution, where the directory knows it."""
    found = unit.execute(_LISTED, {"of_tenant": tenant}).first()
    return (str(found.profile_id), found.name) if found else (None, None)


def _shown(unit: Unit, member: Any, system: str | None, institution: Any) -> Shown:
    where: Mapping[str, str] = dict(zip(("institution_id", "institution_name"), institution or (), strict=False))
    if member:
        role = next((role for role in SHOWN if role in member[1]), None)
        return Shown(Who.STAFF, role, member[0] if role in NAMED else None, **where)
    return Shown(Who.CLIENT if system else Who.PLATFORM, None, system, **where)


def _author(unit: Unit) -> dict[str, Any]:
    """What the statements take that ask who looks."""
    actor = unit.by.actor
    ids = {"of_staff": _id_of(actor, STAFF_ID), "of_client": _id_of(actor, CLIENT)}
    return {"owner": unit.scope.require_tenant(), **ids}


def _id_of(actor: str, prefix: str) -> uuid.UUID | None:
    known = _parsed(actor, prefix)
    return known.id if known else None


def _parsed(actor: str, prefix: str) -> PublicId | None:
    try:
        return PublicId.parse(actor.partition(":")[2], prefix)
    except MalformedId:
        return None
