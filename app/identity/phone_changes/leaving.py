"""What follows a change of a number: the new login is held, the former one is let go and told, by message.

Each step may be repeated: it is done in the request, and by the worker after a crash. A try of the message is noted
before the gateway is asked, and has the change's own id, so that a repetition is the same message.
"""

import uuid
from dataclasses import dataclass, field

import structlog

from app.core.ports import Message, MessageNotSent, ports
from app.core.scope import Scope
from app.core.unit import Unit, run, unit
from app.identity.notices.kinds import MOST_TRIES, pause_after
from app.identity.notices.sending import spelled
from app.identity.phone_changes.models import PhoneChange
from app.identity.phone_changes.repository import LEFT, leading
from app.identity.phone_content import phone_of
from app.identity.phones import language_of_number
from app.identity.repository import chosen_locale, person
from app.identity.rules import LEFT_TEMPLATE
from app.identity.service.sign_in import login_key, part_phone, release_login, secure_login

log = structlog.get_logger()


@dataclass(frozen=True)
class _Due:
    id: uuid.UUID
    message: Message | None
    phone: str = field(default="", repr=False)


def leave(scope: Scope) -> None:
    """Let the former numbers of the person of `scope` lead to them no more, and the present one for good.

    They have no number where somebody else came to have the present one, which a change that was cut off let go.
    """
    with unit(scope) as reading:
        present, rows = phone_of(reading), leading(reading)
        former = [number for row in rows if (number := _former(reading, row))]
    if not rows:
        return
    for number in former:
        release_login(login_key(number), scope.require_person())
    if present is not None and not secure_login(present, scope.require_person()):
        run(scope, lambda opened: part_phone(opened, login_key(present)))
    run(scope, _note_left)


def follow(scope: Scope) -> int:
    """Do what is due of one change in the person's `scope`; returns whether there was one."""
    leave(scope)
    due = run(scope, _take)
    if due is None:
        return 0
    if due.message is None or _sent(due, due.message):
        run(scope, lambda opened: _delete(opened, due.id))
    return 1


def _note_left(opened: Unit) -> None:
    for row in leading(opened):
        row.state = LEFT


def _take(opened: Unit) -> _Due | None:
    due = opened.select(PhoneChange).where(PhoneChange.due_at <= opened.now).order_by(PhoneChange.due_at)
    row = opened.first(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    number = _former(opened, row)
    if number is None or row.tries >= MOST_TRIES:
        return _Due(row.id, None)
    row.tries += 1
    row.due_at = opened.now + pause_after(row.tries)
    locale = chosen_locale(person(opened)) or language_of_number(number)
    return _Due(row.id, Message(LEFT_TEMPLATE, locale, {"at": spelled(row.happened_at, locale)}), number)


def _sent(due: _Due, message: Message) -> bool:
    try:
        ports().send_message(due.id, due.phone, message)
    except MessageNotSent:
        log.warning("former_number_not_told", change=str(due.id))
        return False
    return True


def _delete(opened: Unit, id: uuid.UUID) -> None:
    row = opened.get(PhoneChange, id, lock=True)
    if row is not None:
        opened.session.delete(row)


def _former(opened: Unit, row: PhoneChange) -> str | None:
    if row.former is None:
        return None
    return opened.cipher.open(row.former, f"{opened.scope}/phone_changes/former/{row.id}").decode()
