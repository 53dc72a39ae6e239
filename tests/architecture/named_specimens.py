"""How to make a thing for each kind of id that a body or a query may name; each lies with an owner of its own."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.core.calendar import local_date
from app.core.clock import SystemClock
from app.core.ids import PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.core.unit import Unit, run
from app.identity.api import PERSON
from app.residents.models import Resident
from app.residents.rules.consent_texts import shown_now
from app.residents.rules.consents import Category, Purpose
from insurance.models import Plan
from insurance.names import PLAN_ID
from prescriptions.models.routing import Quote
from prescriptions.order_content import seal_quoted
from prescriptions.routing_ids import quote_public_id
from tests.architecture.cast import SECRET, new_person
from tests.architecture.claim_specimens import POLICY, Made
from tests.architecture.specimens import SPECIMENS, Specimen
from tests.platform import new_tenant
from tests.scheduling.scenes import Hospital


def slot(scope: Scope, made: Made) -> str:
    """A time at which the tenant's doctor has places."""
    return str(Hospital(scope).slot(fee_lines=[]))


def plan(scope: Scope, made: Made) -> str:
    """A plan of the insurer's."""

    def make(opened: Unit) -> Plan:
        return opened.add(
            Plan(
                id=new_id(), code="x", name=SECRET, payer_kind="commercial", policy=POLICY, version=1,
                created_at=opened.now,
            )
        )  # fmt: skip

    return str(PublicId(PLAN_ID, scope, run(scope, make).id))


def quote(scope: Scope, made: Made) -> str:
    """What the pharmacy asked somebody for medicines."""

    def make(opened: Unit) -> Quote:
        id = new_id()
        return opened.add(
            Quote(
                id=id, lines=seal_quoted(opened, id, []), total=1, available=True, as_of=opened.now,
                valid_until=opened.now, due_at=opened.now,
            )
        )  # fmt: skip

    return str(quote_public_id(run(scope, make)))


NAMED: Mapping[str, Specimen] = {
    "cov": SPECIMENS["coverage_id"],
    "per": Specimen(lambda scope, made: str(PublicId(PERSON, scope, scope.require_person())), ScopeKind.PERSON),
    "pln": Specimen(plan),
    "prx": SPECIMENS["prescription_id"],
    "quo": Specimen(quote),
    "rou": SPECIMENS["routing_order_id"],
    "slt": Specimen(slot),
    "sta": SPECIMENS["staff_id"],
    "ten": SPECIMENS["tenant_id"],
    "vis": SPECIMENS["visit_id"],
}
"""By the ids' prefix."""


PUBLISHED: Mapping[str, str] = {
    "POST /api/v1/appointments": "slots are published: whoever has a name may book one",
    "POST /api/v1/me/cards": "a hospital's card names who gave it out; hospitals stand in the directory",
    "POST /api/v1/scheme-connections": "names whom a scheme's system answers for, and asks nobody whether it is there",
    "POST /api/v1/visits": "doctors stand in the directory; who is not there today is told so",
}
"""Where naming what is another's succeeds, each with the reason."""

STATED: Mapping[str, Mapping[str, Any]] = {
    "POST /api/v1/me/consents": {
        "purpose": Purpose.TREATMENT,
        "category": Category.ALLERGIES,
        "text_sha256": shown_now(Purpose.TREATMENT, Category.ALLERGIES).sha256,
        "ends_on": (local_date(SystemClock().now()) + timedelta(days=30)).isoformat(),
    },
    "POST /api/v1/shifts": {
        "slots": [{"starts_at": "2099-12-31T01:00:00Z", "ends_at": "2099-12-31T01:05:00Z", "capacity": 1}]
    },
}
"""What the fields beside an id must say, where no description tells it."""


def verified_person() -> Scope:
    """Somebody whose real name is known: others get nowhere near a doctor."""
    scope = new_person()

    def work(opened: Unit) -> None:
        name = opened.cipher.seal(b"x", f"{opened.scope}/residents/name")
        opened.add(
            Resident(
                state="verified", document_kind="identity_card", name=name, number=b"x", number_digest="0" * 64,
                birth_date=date(1960, 1, 1), sex="male", verification_method="registry", verified_at=opened.now,
                tries_on=local_date(opened.now), tries=1, card_tries=0, version=1,
            )
        )  # fmt: skip

    run(scope, work)
    return scope


def made_for_nobody_here(prefix: str) -> PublicId:
    """A thing with ids of that prefix, of somebody whom no other thing belongs to."""
    specimen = NAMED[prefix]
    text = specimen.make(new_tenant() if specimen.kind is ScopeKind.TENANT else new_person(), {})
    return PublicId.parse(text, prefix)
