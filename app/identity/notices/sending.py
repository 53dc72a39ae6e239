"""The worker's part of notices: messages go out, again where they did not, and old notices are deleted.

A try is noted before the gateway is asked, with the time of the next one: a worker that dies between leaves a notice
that is tried again under the same id, which the gateway takes for the same message.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from app.core.calendar import ZONE
from app.core.ports import Message, MessageNotSent, ports
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.notices.kinds import KEPT, MOST_TRIES, State, pause_after
from app.identity.notices.models import SecurityNotice
from app.identity.phone_content import phone_of
from app.identity.phones import language_of_number
from app.identity.repository import chosen_locale, person
from app.identity.service.sign_in import owner_of

log = structlog.get_logger()


@dataclass(frozen=True)
class _Taken:
    id: uuid.UUID
    message: Message | None
    phone: str = field(default="", repr=False)
    gave_up: bool = False


def send_due(scope: Scope) -> int:
    """Send, or forget, one notice that is due in the person's `scope`; returns whether there was one."""
    taken = run(scope, _take)
    if taken is None:
        return 0
    if taken.gave_up:
        log.error("security_notice_unsent", notice=str(taken.id))
    if taken.message is None:
        return 1
    if owner_of(taken.phone) != scope.require_person():  # the number is somebody else's by now
        run(scope, lambda opened: _end(opened, taken.id, State.UNSENT))
    elif _sent(taken.id, taken.phone, taken.message):
        run(scope, lambda opened: _end(opened, taken.id, State.SENT))
    return 1


def _sent(id: uuid.UUID, phone: str, message: Message) -> bool:
    try:
        ports().send_message(id, phone, message)
    except MessageNotSent:
        return False
    return True


def _take(opened: Unit) -> _Taken | None:
    due = opened.select(SecurityNotice).where(SecurityNotice.due_at <= opened.now).order_by(SecurityNotice.due_at)
    row = opened.first(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    if row.state != State.WAITING:
        opened.session.delete(row)
    elif row.tries >= MOST_TRIES:
        row.state, row.due_at = State.UNSENT, row.happened_at + KEPT
        return _Taken(row.id, None, gave_up=True)
    else:
        phone = phone_of(opened)
        if phone is None:
            row.state, row.due_at = State.UNSENT, row.happened_at + KEPT
            return _Taken(row.id, None)
        row.tries += 1
        row.due_at = opened.now + pause_after(row.tries)
        return _written(opened, row, phone)
    return _Taken(row.id, None)


def _written(opened: Unit, row: SecurityNotice, phone: str) -> _Taken:
    owner = person(opened)
    if owner is None:
        raise LookupError("a notice of nobody")
    locale = chosen_locale(owner) or language_of_number(phone)
    return _Taken(row.id, Message(row.kind, locale, {"at": spelled(row.happened_at, locale)}), phone)


def _end(opened: Unit, id: uuid.UUID, state: State) -> None:
    row = opened.get(SecurityNotice, id, lock=True)
    if row is not None and row.state == State.WAITING:
        row.state, row.due_at = state, row.happened_at + KEPT


def spelled(at: datetime, locale: str) -> str:
    """The local minute, as a message says it."""
    local = at.astimezone(ZONE)
    return f"{local.month}月{local.day}日{local:%H:%M}" if locale == "zh-CN" else f"{local:%H:%M on %Y-%m-%d} (UTC+8)"
