"""Institutions that keep something of a resident and one that reads it; the machines are turned by hand."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask

from app.core.calendar import local_date
from app.core.carry import carry
from app.core.ids import PublicId, new_id
from app.core.journal.models import Pending, PersonPending
from app.core.journal.record import open_chain
from app.core.journal.seal import seal
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run
from app.edge.paging import Page
from app.factory import Hearing
from app.identity.api import STAFF, Role, issue_staff_token
from app.records.rules.emergencies import Reason
from app.records.service.emergencies import Document, Wish, open_access
from app.records.service.grounds import by_visit
from app.records.service.reading import SharedRecord, shared
from app.records.service.showing import Shown
from app.residents.models import FamilyContract, IdentityNumber, Resident
from app.residents.rules.consent_texts import shown_now
from app.residents.rules.consents import Category, Purpose
from app.residents.service import consents
from app.residents.service.seen import name_place
from app.visits.content import seal_complaint, seal_record
from app.visits.ids import visit_public_id
from app.visits.models import PersonVisit, Visit, VisitRecord
from app.visits.rules.conclusion import Diagnosis, Written
from prescriptions.content import Written as Prescribed
from prescriptions.content import seal_groups, seal_written
from prescriptions.ids import prescription_public_id
from prescriptions.models.prescribing import PersonPrescription, Prescription
from prescriptions.rules.lines import Control as Special
from prescriptions.rules.lines import Frequency, Line, Listed, Route
from tenants.api import TENANT_ID, Viewer
from tenants.models import DirectoryDoctor, DirectoryEntry, Profile, Staff
from tenants.rules import Kind
from tests.architecture.cast import NEVER, new_person, person_token
from tests.platform import Platform
from tests.residents.world import new_number
from tests.tenants.world import Actor

ASKED = {"limit": 20, "cursor": ""}
DIAGNOSIS = Diagnosis("I10.x09", "高血压病")
TERM = timedelta(hours=4)
WORDS = "昏迷送入抢救室，无家属在场"
_LISTED = Listed("苯磺酸氨氯地平片", "C08CA01", "片", "5mg", "片", 7, "A", Special.ORDINARY, 2000, 2000, True)


@dataclass(frozen=True)
class House:
    """An institution that the directory knows, with a doctor."""

    scope: Scope
    id: PublicId
    doctor: PublicId

    @property
    def number(self) -> int:
        """The tenant's number."""
        return self.scope.require_tenant()

    @property
    def viewer(self) -> Viewer:
        """The doctor as who acts."""
        return self.acting(self.doctor)

    def acting(self, member: PublicId) -> Viewer:
        """A member of the staff as who acts."""
        return Viewer(self.scope, Caller(f"staff:{member}"))

    def member(self, *roles: Role, person: uuid.UUID | None = None) -> PublicId:
        """A fresh member of the staff."""
        row = run(self.scope, lambda opened: opened.add(_staff(opened, person or new_id(), *roles)))
        return PublicId(STAFF, self.scope, row.id)


@dataclass(frozen=True)
class Somebody:
    """A verified resident."""

    id: uuid.UUID
    number: str = field(repr=False)

    @property
    def scope(self) -> Scope:
        """The person's."""
        return Scope.for_person(self.id)

    @property
    def by(self) -> Caller:
        """As who acts."""
        return Caller(f"person:{self.id}")

    def consents(
        self, house: House, category: Category, purpose: Purpose = Purpose.TREATMENT, days: int = 30
    ) -> consents.OwnConsent:
        """Let `house` read one category."""
        ends_on = local_date(database().clock.now()) + timedelta(days=days)
        wish = consents.Wish(house.id, purpose, category, shown_now(purpose, category).sha256, ends_on)
        return consents.grant(self.id, wish, self.by)


@dataclass(frozen=True)
class World:
    """The application over the shared database."""

    app: Flask
    platform: Platform = field(repr=False)
    heard: Hearing = field(repr=False)

    def person(self, who: Somebody) -> Actor:
        """A resident who calls the API."""
        return Actor(self.app, person_token(who.scope), who.id)

    def staff(self, house: House, *roles: Role) -> tuple[Actor, PublicId]:
        """A fresh member of the staff who calls the API, with a second factor just proved, and their member id."""
        person = new_id()
        member = house.member(*roles, person=person)
        return Actor(self.app, issue_staff_token(house.scope, member.id, person), person), member

    def settle(self, *scopes: Scope) -> None:
        """Seal and carry for `scopes` until nothing is left to do."""
        while sum(seal(s, self.heard.public, self.platform.sealing) + carry(s, self.heard.handlers) for s in scopes):
            pass

    def entries(self, scope: Scope, type: str) -> list[tuple[str, dict[str, Any]]]:
        """Author and facts of what waits in a journal to be sealed, of one type, oldest first."""
        table = Pending if scope.tenant is not None else PersonPending
        owner = "tenant_id" if scope.tenant is not None else "person_id"
        query = f"SELECT actor, facts FROM {table.__tablename__} WHERE {owner} = %s AND type = %s ORDER BY id"  # noqa: S608  # constants
        return self.platform.looking.execute(query.encode(), [scope.tenant or scope.person, type]).fetchall()


def house(kind: Kind = Kind.HOSPITAL, name: str = "北院", parent: House | None = None) -> House:
    """A fresh institution, in the directory with its doctor."""
    scope = Scope.for_tenant(secrets.randbelow(2**50) + 10**6)

    def make(opened: Unit) -> House:
        open_chain(opened)
        number, whole = scope.require_tenant(), parent.number if parent else None
        profile = opened.add(
            Profile(
                id=new_id(), name=name, kind=kind, parent=whole, state="active", version=1, opened_at=opened.now
            )
        )  # fmt: skip
        doctor = opened.add(_staff(opened, new_id(), Role.DOCTOR))
        opened.session.add(
            DirectoryEntry(
                tenant=number, profile_id=profile.id, name=name, kind=kind, parent=whole, state="active", licenses=[],
                source_version=1,
            )
        )  # fmt: skip
        opened.session.add(
            DirectoryDoctor(
                tenant=number, id=doctor.id, name="陈医生", subjects=["03"], listed=True, source_version=1,
                offer_version=0,
            )
        )  # fmt: skip
        return House(scope, PublicId(TENANT_ID, scope, profile.id), PublicId(STAFF, scope, doctor.id))

    return run(scope, make)


def resident() -> Somebody:
    """A fresh person whose real name is verified by an identity card."""
    scope, number = new_person(), new_number()
    digest = database().blind.digest("identity_number", number)

    def reserve(opened: Unit) -> None:
        opened.add(IdentityNumber(key=digest, person_id=scope.require_person(), reserved_at=opened.now))

    def verify(opened: Unit) -> None:
        opened.add(
            Resident(
                state="verified", document_kind="resident_identity_card", number_digest=digest, sex="male",
                name=opened.cipher.seal("张三".encode(), f"{scope}/residents/name"),
                number=opened.cipher.seal(number.encode(), f"{scope}/residents/number"), birth_date=date(1960, 1, 1),
                verification_method="registry", verified_at=opened.now, tries_on=local_date(opened.now), tries=1,
                card_tries=0, version=1,
            )
        )  # fmt: skip

    run(Scope.for_key("identity_numbers", digest), reserve)
    run(scope, verify)
    return Somebody(scope.require_person(), number)


def visit(at: House, who: Somebody, state: str = "taken", open_for: timedelta = timedelta(hours=1)) -> Visit:
    """A visit with the doctor of `at`; a completed one is kept by the resident too."""
    completed = state == "completed"

    def make(opened: Unit) -> Visit:
        id = new_id()
        row = opened.add(
            Visit(
                tenant_id=at.number, id=id, resident_id=who.id, doctor_id=at.doctor.id, doctor_name="陈医生",
                subject="03", legal_basis="with_doctor_present", state=state, fee=1, bill_id=new_id(),
                institution_name="北院", institution_license="x", take_seconds=1, window_seconds=1, version=1,
                created_at=opened.now, complaint=seal_complaint(opened, id, "头痛"),
                due_at=opened.now + open_for if state in ("paid", "taken") else None,
                ended_at=None if state in ("paid", "taken") else opened.now,
            )
        )  # fmt: skip
        opened.session.flush()
        content = seal_record(opened, id, Written(diagnoses=(DIAGNOSIS,)))
        opened.add(VisitRecord(id=id, resident_id=who.id, content=content, written_at=opened.now, version=1))
        return row

    made = run(at.scope, make)
    if completed:
        run(who.scope, lambda opened: opened.add(_kept(made)))
    return made


def prescription(at: House, who: Somebody, state: str = "ready", doctor: PublicId | None = None) -> Prescription:
    """A signed prescription of the doctor's, which the resident keeps too."""
    line = Line("86900000000017", 1000, Frequency.ONCE_DAILY, Route.ORAL, 7, 1, None, _LISTED)

    def make(opened: Unit) -> Prescription:
        id, now = new_id(), opened.now
        return opened.add(
            Prescription(
                tenant_id=at.number, id=id, resident_id=who.id, doctor_id=(doctor or at.doctor).id,
                doctor_name="陈医生", visit_id=new_id(), legal_basis="follow_up", state=state, validity_days=1,
                institution_name="北院", content=seal_written(opened, id, Prescribed((line,), (DIAGNOSIS,))),
                document=b"x", signed_at=now, expires_at=now + timedelta(days=1),
                covers_until=local_date(now) + timedelta(days=6), attempt=0, version=1, created_at=now,
            )
        )  # fmt: skip

    made = run(at.scope, make)
    run(who.scope, lambda opened: opened.add(_kept_prescription(opened, made)))
    return made


def contracted(team: House, who: Somebody) -> FamilyContract:
    """A contract that runs for thirty days."""

    def make(opened: Unit) -> FamilyContract:
        id, today = new_id(), local_date(opened.now)
        name = opened.cipher.seal("张三".encode(), name_place(opened.scope, id))
        return opened.add(
            FamilyContract(
                id=id, resident_id=who.id, name=name, birth_date=today, sex="male", team_name="团队", package="basic",
                term_years=1, state="active", starts_on=today, ends_on=today + timedelta(days=30),
                requested_at=opened.now, version=2,
            )
        )  # fmt: skip

    return run(team.scope, make)


def read(
    by: House, who: Somebody, category: Category = Category.VISITS, open_visit: Visit | None = None, **asked: Any
) -> Page[SharedRecord]:
    """What the doctor of `by` reads, who has an open visit with the resident."""
    known = visit_public_id(open_visit or visit(by, who))
    return shared(by_visit(by.viewer, known), category, {**ASKED, **asked}, by.viewer.by)


def opened_access(by: House, who: Somebody, member: PublicId | None = None, words: str = WORDS) -> Shown:
    """An emergency access of a doctor's."""

    wish = Wish(Document(None, who.number), Reason.UNCONSCIOUS, words)
    found = open_access(by.acting(member or by.doctor), wish, TERM)
    assert isinstance(found, Shown)
    return found


def sources(page: Page[SharedRecord]) -> list[PublicId]:
    """What a page is about."""
    return [one.source for one in page.data]


def _staff(opened: Unit, person: uuid.UUID, *roles: Role) -> Staff:
    return Staff(
        tenant_id=opened.scope.require_tenant(), id=new_id(), person_id=person, name="陈医生", roles=list(roles),
        subjects=["03"], registration_number="D-1", registration_until=NEVER, state="active", version=1,
        created_at=opened.now,
    )  # fmt: skip


def _kept(row: Visit) -> PersonVisit:
    return PersonVisit(
        person_id=row.resident_id, id=row.id, tenant=row.tenant_id, doctor_id=row.doctor_id,
        doctor_name=row.doctor_name, legal_basis=row.legal_basis, state=row.state, fee=row.fee, bill_id=row.bill_id,
        refunded=False, institution_name=row.institution_name, requested_at=row.created_at, source_version=1,
    )  # fmt: skip


def _kept_prescription(opened: Unit, row: Prescription) -> PersonPrescription:
    return PersonPrescription(
        person_id=row.resident_id, id=row.id, tenant=row.tenant_id, doctor_name=row.doctor_name,
        institution_name="北院", state=row.state, signed_at=row.signed_at, expires_at=row.expires_at,
        covers_until=row.covers_until, groups=seal_groups(opened, row.id, ["C08CA01"]), source_version=1,
    )  # fmt: skip


def id_of(row: Prescription) -> PublicId:
    """A prescription's public id."""
    return prescription_public_id(row)
