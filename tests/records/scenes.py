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
from app.factory import Hearing
from app.identity.api import STAFF, Role, issue_staff_token
from app.records.rules.emergencies import Reason
from app.records.service.emergencies import Document, Wish, open_access
from app.records.service.showing import Shown
from app.residents.models import FamilyContract, IdentityNumber, Resident
from app.residents.rules.consent_texts import shown_now
from app.residents.rules.consents import Category, Purpose
from app.residents.service import consents
from app.residents.service.seen import name_place
from tenants.api import TENANT_ID, Viewer
from tenants.models import DirectoryDoctor, DirectoryEntry, Profile, Staff
from tenants.papers import new_license
from tenants.rules import Document as PaperKind
from tenants.rules import Kind, Paper
from tenants.states import LicenseState
from tests.architecture.cast import NEVER, new_person, person_token
from tests.platform import Platform
from tests.residents.world import new_number
from tests.scheduling.scenes import be_present
from tests.tenants.world import Actor

ASKED = {"limit": 20, "cursor": ""}
TERM = timedelta(hours=4)
WORDS = "昏迷送入抢救室，无家属在场"


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
        known = PublicId(STAFF, self.scope, row.id)
        if Role.DOCTOR in roles:
            be_present(known)
        return known


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
        paper = Paper(PaperKind.MEDICAL_INSTITUTION_LICENSE, f"N-{number}", "卫健委", ("03",), NEVER)
        opened.add(new_license(paper, LicenseState.VALID, opened.now))
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

    made = run(scope, make)
    be_present(made.doctor)
    return made


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


def opened_access(by: House, who: Somebody, member: PublicId | None = None, words: str = WORDS) -> Shown:
    """An emergency access of a doctor's."""

    wish = Wish(Document(None, who.number), Reason.UNCONSCIOUS, words)
    found = open_access(by.acting(member or by.doctor), wish, TERM)
    assert isinstance(found, Shown)
    return found


def _staff(opened: Unit, person: uuid.UUID, *roles: Role) -> Staff:
    return Staff(
        tenant_id=opened.scope.require_tenant(), id=new_id(), person_id=person, name="陈医生", roles=list(roles),
        subjects=["03"], registration_number="D-1", registration_until=NEVER, state="active", version=1,
        created_at=opened.now,
    )  # fmt: skip
