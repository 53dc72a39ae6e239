"""The hospital's formulary: which medicines its doctors prescribe."""

from dataclasses import asdict, dataclass, replace

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.core.versions import expect_version
from prescriptions.models.prescribing import Medicine
from prescriptions.names import MEDICINE_ID
from prescriptions.rules.controlled import control_of
from prescriptions.rules.lines import Listed


def medicine_public_id(row: Medicine) -> PublicId:
    """A medicine's public id."""
    return PublicId(MEDICINE_ID, Scope.for_tenant(row.tenant_id), row.id)


@dataclass(frozen=True)
class Change:
    """What a medicine shall be, and whether it may be prescribed."""

    medicine: Listed
    listed: bool


def add(scope: Scope, code: str, medicine: Listed, by: Caller, effect: Effect | None = None) -> Medicine:
    """Take a medicine into the formulary under its national code; raises WrongState `medicine_exists`.

    What is known to be under special control is kept as that, whatever it is called.
    """

    def work(opened: Unit) -> Medicine:
        id = new_id()
        row = {"tenant_id": scope.require_tenant(), "id": id, "code": code, "listed": True, "version": 1}
        made = insert(Medicine).values({**row, **asdict(_controlled(medicine))}).on_conflict_do_nothing()
        opened.session.execute(made)
        found = opened.get(Medicine, id)
        if found is None:
            raise WrongState("the formulary has this code", code="medicine_exists")
        record(opened, "medicine.listed", medicine_public_id(found), 1, {"code": code})
        return found

    return run(scope, work, by, effect=effect)


def change(known: PublicId, wish: Change, seen: int | None, by: Caller, effect: Effect | None = None) -> Medicine:
    """Change a medicine of the formulary, from the next check on; raises NotFound, PreconditionFailed."""

    def work(opened: Unit) -> Medicine:
        row = opened.get(Medicine, known.id, lock=True)
        if row is None:
            raise NotFound
        expect_version(row, seen)
        for name, value in asdict(_controlled(wish.medicine)).items():
            setattr(row, name, value)
        row.listed, row.version = wish.listed, row.version + 1
        record(opened, "medicine.changed", known, row.version, {"code": row.code, "listed": wish.listed})
        return row

    return run(known.scope, work, by, effect=effect)


def _controlled(medicine: Listed) -> Listed:
    return replace(medicine, control=control_of(medicine.name, medicine.ingredient_group, medicine.control))
