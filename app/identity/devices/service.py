"""Recognising the device of a sign-in, noting a new one, and forgetting one together with its sign-ins."""

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.paging import Keyset, Page
from app.identity.devices.models import Device
from app.identity.devices.rules import DEVICE_ID, KNOWN_FOR
from app.identity.models import PersonAccessToken
from app.identity.oidc.credentials import Secret
from app.identity.service.sign_ins import end_known

_LIST = Keyset("devices", (Device.id,), descending=True)


@dataclass(frozen=True)
class Place:
    """Where somebody signs in: the tokens that the device has kept, and what its app calls it."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    """Those of several persons, where they share a browser."""
    name: str | None = None


@dataclass(frozen=True)
class Noted:
    """The device of a sign-in; `token` is what it shall keep, where it has nothing to keep yet."""

    id: uuid.UUID
    token: str | None = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """A device as its person sees it."""

    row: Device
    is_current: bool


def recognised(opened: Unit, place: Place, *, lock: bool = False) -> Device | None:
    """The device of the unit's person that `place` is, while it is known; with `lock` held until the unit ends."""
    for secret in (Secret.parse(token, DEVICE_ID) for token in place.tokens):
        if secret is not None and secret.id.scope == opened.scope:
            row = opened.get(Device, secret.id.id, lock=lock)
            if row is not None and hmac.compare_digest(row.secret_hash, secret.hash) and _is_known(opened, row):
                return row
    return None


def note(opened: Unit, place: Place) -> Noted:
    """Note that the unit's person signs in at `place`: on a device that is known, else on a new one."""
    row = recognised(opened, place, lock=True)
    if row is not None:
        row.last_used_at, row.due_at = opened.now, opened.now + KNOWN_FOR
        row.name = place.name or row.name
        return Noted(row.id, None)
    secret = Secret.fresh(DEVICE_ID, opened.scope)
    opened.add(
        Device(
            id=secret.id.id, secret_hash=secret.hash, name=place.name, first_used_at=opened.now,
            last_used_at=opened.now, due_at=opened.now + KNOWN_FOR,
        )
    )  # fmt: skip
    return Noted(secret.id.id, str(secret))


def listed(scope: Scope, sign_in: uuid.UUID | None, asked: Mapping[str, Any]) -> Page[Shown]:
    """The devices of the person of `scope`, newest first; `sign_in` is the one that asks."""
    with unit(scope) as reading:
        current = reading.get(PersonAccessToken, sign_in) if sign_in else None
        known = reading.select(Device).where(Device.due_at > reading.now)
        page = _LIST.page(reading, known, asked)
    return Page(
        [Shown(row, current is not None and row.id == current.device_id) for row in page.data], page.next_cursor
    )


def forget(known: PublicId, sign_in: uuid.UUID | None, by: Caller, effect: Effect | None) -> Shown:
    """Sign out on a device, and know it no more. Raises NotFound. `sign_in` is the one that asks."""

    def work(opened: Unit) -> Shown:
        row = opened.get(Device, known.id, lock=True)
        if row is None:
            raise NotFound
        current = opened.get(PersonAccessToken, sign_in) if sign_in else None
        made_there = opened.select(PersonAccessToken).where(PersonAccessToken.device_id == row.id)
        for one in opened.all(made_there):
            end_known(opened, one.id)
        mine = (Device.person_id == row.person_id, Device.id == row.id)
        opened.session.execute(delete(Device).where(*mine).execution_options(synchronize_session=False))
        record(opened, "device.forgotten", subject(row), 1, {})
        return Shown(row, current is not None and current.device_id == row.id)

    return run(known.scope, work, by, effect=effect)


def subject(row: Device) -> PublicId:
    """A device's public id."""
    return PublicId(DEVICE_ID, Scope.for_person(row.person_id), row.id)


def _is_known(opened: Unit, row: Device) -> bool:
    return row.due_at is not None and row.due_at > opened.now
