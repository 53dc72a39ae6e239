"""What a resident does with a trial: confirm exactly what was shown, or give it up."""

import uuid
from collections.abc import Callable

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from insurance.errors import credential_needed
from insurance.models import Settlement
from insurance.rules.settlements import Event, Payer, State, confirmed
from insurance.service.content import seal_credential
from insurance.service.driving import drive
from insurance.service.moving import due_now, require
from insurance.service.showing import Shown, settlement_of, shown
from insurance.service.subjects import read_subject, subject_of

BY_RESIDENT = "by_resident"


def confirm(
    person: uuid.UUID, known: PublicId, seen: int | None, credential: str | None, by: Caller,
    effect: Effect | None = None,
) -> Shown:  # fmt: skip
    """Confirm the trial in the version that was `seen`. A bill is opened for what is to be paid; where nothing is, the
    settlement goes on at once.

    Raises NotFound, PreconditionFailed, InvalidInput `credential_needed`, and WrongState, also with what stands against
    settling the subject by now.
    """

    def change(opened: Unit, row: Settlement) -> None:
        expect_version(row, seen)
        if row.state == State.TRIAL:
            subject_of(opened, read_subject(row.subject), person, lock=True)
        if row.payer == Payer.PUBLIC_SCHEME:
            if not credential:
                raise credential_needed()
            row.credential = seal_credential(opened, row.id, credential)
        require(opened, row, confirmed(Payer(row.payer), due_now(row)))

    done = _changed(person, known, change, by, effect)
    drive(known.scope, known.id)
    return done


def cancel(person: uuid.UUID, known: PublicId, by: Caller, effect: Effect | None = None) -> Shown:
    """Give up a settlement that nothing was paid or settled for yet; a payment under way goes back.

    Raises NotFound, WrongState.
    """
    return _changed(
        person, known, lambda opened, row: require(opened, row, Event.CANCELED, BY_RESIDENT), by, effect
    )  # fmt: skip


def _changed(
    person: uuid.UUID, known: PublicId, change: Callable[[Unit, Settlement], None], by: Caller, effect: Effect | None
) -> Shown:
    """Change the locked settlement in the tenant's own scope, because bill and order move with it; a look in the
    person's own scope comes first, so that nobody reaches what is not theirs.
    """
    settlement_of(person, known, by)

    def work(opened: Unit) -> Shown:
        row = opened.get(Settlement, known.id, lock=True)
        if row is None or row.resident_id != person:
            raise NotFound
        change(opened, row)
        opened.session.flush()
        return shown(opened, known.id)

    return run(Scope.for_tenant(known.scope.require_tenant()), work, by, effect=effect)
