"""Lines of the table of purposes that concern desks: the telephone, and wishes for corrections."""

import secrets
import uuid
from datetime import timedelta
from functools import partial

from app.core.errors import Forbidden, NotFound
from app.core.unit import Unit, run, unit
from app.identity.api import Role
from app.identity.service.sign_in import confirm_login, reserve_login
from app.residents.corrections.purposes import DISPUTED
from app.residents.corrections.rules import DeclineReason
from app.residents.corrections.service import Answer, Wish, answer, ask, read
from app.scheduling.service import telephone
from app.visits.ids import visit_public_id
from tenants.api import Viewer, grants
from tenants.models import Staff
from tenants.service.feed import events
from tests.records.cell import Cell, passed
from tests.records.kept import visit
from tests.records.scenes import house, resident
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import Hospital

HOLD = timedelta(minutes=10)
DESK = frozenset({"corrections.of_records"})


def telephone_cell(clock: Clock) -> Cell:
    """A phone agent finds the appointments of who is on the line."""
    hospital, phone = Hospital(), f"+8613{secrets.randbelow(10**9):09}"
    confirm_login(phone, reserve_login(phone).person_id)
    by = house().acting(hospital.member(Role.PHONE_AGENT)).by
    booked = telephone.book(hospital.scope, phone, hospital.slot(fee_lines=[]), HOLD, by)

    def found() -> None:
        if not telephone.appointments_of(hospital.scope, phone, by):
            raise NotFound

    return Cell(found, lambda: passed(clock, booked.starts_at - clock.now()))


def correction_cell(clock: Clock) -> Cell:
    """Medical affairs read what a resident wants corrected."""
    at, who = house(), resident()
    affairs, kept = at.acting(at.member(Role.MEDICAL_AFFAIRS)), visit_public_id(visit(at, who))
    known = ask(Viewer(who.scope, who.by), str(kept), Wish("x", "y")).id

    def ends() -> None:
        answer(affairs, known, DESK, Answer("x", reason=DeclineReason.IT_IS_RIGHT))
        passed(clock, DISPUTED)

    return Cell(lambda: read(affairs, known, DESK), ends)


def feed_cell(clock: Clock) -> Cell:
    """Who connects the institution's systems reads its events, while that is their work."""
    at = house()
    member = at.member(Role.INTEGRATOR)
    by = at.acting(member).by

    def reads() -> None:
        with unit(at.scope) as reading:
            held = grants(reading, member.id)
        if "events.read" not in (held or ()):
            raise Forbidden("no events for you")
        events(at.scope, 0, 1, frozenset(), by)

    return Cell(reads, lambda: run(at.scope, partial(_end, id=member.id)))


def _end(opened: Unit, id: uuid.UUID) -> None:
    row = opened.get(Staff, id, lock=True)
    assert row
    row.state = "ended"
