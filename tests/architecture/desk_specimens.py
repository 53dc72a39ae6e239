"""What tenants, their staff and residents keep of themselves, for the specimens."""

from collections.abc import Mapping

import orjson

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.send.models import Endpoint
from app.core.unit import Caller, Unit, database, run, unit
from app.identity.api import CLIENT, STAFF, Role, register_client
from app.identity.credentials import TOKEN, Bearer
from app.identity.signatures.names import public_id
from app.identity.signatures.service import make
from app.payments.models import MerchantAccount
from app.payments.names import ACCOUNT_CHANGE_ID, ACCOUNT_ID
from app.payments.service import changing
from app.payments.service.accounts import add_secret
from app.residents.allergy_models import Allergy
from app.residents.case_models import AccountCase
from app.residents.models import FamilyContract, PersonCard
from app.residents.names import ALLERGY_ID, CARD_ID
from app.residents.service.cases import subject as case_subject
from app.residents.service.seen import contract_id, name_place
from app.scheduling.ids import shift_public_id
from insurance.ids import connection_id
from insurance.models import SchemeConnection
from prescriptions.counting_timer import COUNTING
from prescriptions.names import DRUG_COUNT_ID
from prescriptions.service import counting
from prescriptions.service.counting import Wanted
from tenants.models import Application, License, LicenseReview
from tenants.names import ENDPOINT_ID, LICENSE_ID, PLATFORM, REVIEW_ID, TENANT_ID
from tenants.rules import Kind
from tenants.service.membership import staff_subject
from tenants.service.opening import establish_platform
from tenants.service.operating import OperatorAct
from tenants.service.proposals import proposal_id, propose
from tests.architecture.cast import NEVER, SECRET, employed, opened_tenant, person_token
from tests.platform import new_tenant
from tests.receiver import hear
from tests.scheduling.scenes import Hospital

Made = Mapping[str, str]
PAPER = {"kind": "clinic_filing", "number": "x", "issuer": "x", "subjects": ["03"], "valid_until": "2099-12-31"}


def client(scope: Scope, made: Made) -> str:
    """A system of the tenant."""

    def register(opened: Unit) -> str:
        row, _ = register_client(opened, "x", ["events.read"])
        return str(PublicId(CLIENT, scope, row.id))

    return run(scope, register)


def staff(scope: Scope, made: Made) -> str:
    """What the person is in some hospital."""
    member = employed(opened_tenant(Kind.HOSPITAL), [Role.DOCTOR], scope.require_person())
    return str(PublicId(STAFF, Scope.for_tenant(member.tenant_id), member.id))


def tenant(scope: Scope, made: Made) -> str:
    """A tenant that the operator approved."""
    opened = opened_tenant(Kind.CLINIC)

    def approve(deciding: Unit) -> str:
        establish_platform(deciding, "x")
        row = deciding.add(
            Application(
                id=new_id(), resident_id=new_id(), name=SECRET, kind="clinic", documents=[], state="approved",
                version=1, submitted_at=deciding.now, opened=opened.require_tenant(),
            )
        )  # fmt: skip
        return str(PublicId(TENANT_ID, opened, row.id))

    return run(PLATFORM, approve)


def license(scope: Scope, made: Made) -> str:
    """A paper that the tenant handed in."""

    def make_one(opened: Unit) -> License:
        return opened.add(
            License(
                id=new_id(), kind="clinic_filing", number="x", issuer=SECRET, subjects=["03"], valid_until=NEVER,
                state="submitted", version=1, submitted_at=opened.now,
            )
        )  # fmt: skip

    return str(PublicId(LICENSE_ID, scope, run(scope, make_one).id))


def license_review(scope: Scope, made: Made) -> str:
    """A paper before the operator, in the platform's tenant."""

    def make_one(opened: Unit) -> LicenseReview:
        establish_platform(opened, "x")
        return opened.add(
            LicenseReview(
                id=new_id(),
                tenant=7,
                source=str(PublicId(LICENSE_ID, scope, new_id())),
                document=PAPER,
                state="submitted",
                version=1,
                submitted_at=opened.now,
            )
        )

    return str(PublicId(REVIEW_ID, PLATFORM, run(PLATFORM, make_one).id))


def proposal(scope: Scope, made: Made) -> str:
    """What an operator proposed."""

    def make_one(opened: Unit) -> str:
        about = PublicId(TENANT_ID, new_tenant(), new_id())
        return str(proposal_id(propose(opened, OperatorAct.SUSPEND_TENANT, about, {"reason": SECRET})))

    return run(scope, make_one, Caller(f"staff:{PublicId(STAFF, scope, new_id())}"))


def drug_count(scope: Scope, made: Made) -> str:
    """Counts that somebody of the tenant asked for and somebody else confirmed."""
    asking, confirming = (employed(scope, [role]) for role in (Role.MEDICAL_AFFAIRS, Role.PHARMACIST))
    today = local_date(database().clock.now())
    request = counting.ask(scope, Wanted(today, today, SECRET), Caller(f"staff:{staff_subject(asking)}"))
    known = PublicId(DRUG_COUNT_ID, scope, request.row.id)
    counting.confirm(known, Caller(f"staff:{staff_subject(confirming)}"))
    while COUNTING.task(scope):
        pass
    return str(known)


def account_change(scope: Scope, made: Made) -> str:
    """Where somebody proposes that the tenant's money goes."""
    known = PublicId(ACCOUNT_CHANGE_ID, scope, new_id())
    content = {"url": SECRET, "api_key": SECRET}
    by = Caller(f"staff:{PublicId(STAFF, scope, new_id())}")
    run(scope, lambda opened: propose(opened, changing.ACT, known, content, id=known.id), by)
    return str(known)


def scheme_connection(scope: Scope, made: Made) -> str:
    """How the tenant reaches a public scheme."""

    def make_one(opened: Unit) -> SchemeConnection:
        return opened.add(
            SchemeConnection(
                id=new_id(), insurer=7, insurer_id=new_id(), url="x", institution=SECRET, key=b"x", version=1,
                created_at=opened.now,
            )
        )  # fmt: skip

    return str(connection_id(run(scope, make_one)))


def webhook_endpoint(scope: Scope, made: Made) -> str:
    """Where the tenant hears."""
    hear(scope, "https://his.example.com/hooks", ["note.sent"])
    with unit(scope) as reading:
        row = reading.first(reading.select(Endpoint).order_by(Endpoint.id.desc()))
    assert row
    return str(PublicId(ENDPOINT_ID, scope, row.id))


def account(scope: Scope, made: Made) -> str:
    """A merchant account with the secret of its webhooks."""
    known = PublicId(ACCOUNT_ID, scope, new_id())
    add_secret(known, "secret")

    def make_one(opened: Unit) -> None:
        opened.add(MerchantAccount(id=known.id, url="x", api_key=b"x", version=1, created_at=opened.now))

    run(scope, make_one)
    return str(known)


def signing_key(scope: Scope, made: Made) -> str:
    """A key of a member of the staff."""
    member = PublicId(STAFF, scope, new_id())
    return str(public_id(make(scope, Caller(f"staff:{member}"))))


def shift(scope: Scope, made: Made) -> str:
    """A doctor's morning at the tenant."""
    return str(shift_public_id(Hospital(scope).shift(fee_lines=[]).shift))


def contract(scope: Scope, made: Made) -> str:
    """What the person asked a family-doctor team for."""
    team = new_tenant()

    def ask(opened: Unit) -> FamilyContract:
        id = new_id()
        name = opened.cipher.seal(SECRET.encode(), name_place(opened.scope, id))
        return opened.add(
            FamilyContract(
                id=id, resident_id=scope.require_person(), name=name,
                birth_date=local_date(opened.now), sex="female", team_name=SECRET, package="basic", term_years=1,
                state="requested", requested_at=opened.now, version=1,
            )
        )  # fmt: skip

    return str(contract_id(run(team, ask)))


def card(scope: Scope, made: Made) -> str:
    """A card of the person's."""

    def bind(opened: Unit) -> str:
        id = new_id()
        number = opened.cipher.seal(b"12345678", f"{scope}/person_cards/number/{id}")
        opened.add(
            PersonCard(
                id=id, kind="health_card", number=number, digest=id.hex, state="bound", bound_at=opened.now, version=1
            )
        )
        return str(PublicId(CARD_ID, scope, id))

    return run(scope, bind)


def allergy(scope: Scope, made: Made) -> str:
    """What the person does not tolerate."""

    def state(opened: Unit) -> str:
        id = new_id()
        said = orjson.dumps({"group": "A01", "name": SECRET})
        content = opened.cipher.seal(said, f"{scope}/allergies/content/{id}")
        opened.add(Allergy(id=id, content=content, state="stated", stated_at=opened.now, version=1))
        return str(PublicId(ALLERGY_ID, scope, id))

    return run(scope, state)


def sign_in(scope: Scope, made: Made) -> str:
    """A device on which the person is signed in."""
    bearer = Bearer.parse(person_token(scope))
    assert bearer
    return str(PublicId(TOKEN, scope, bearer.id))


def account_case(scope: Scope, made: Made) -> str:
    """A case of two accounts that want one identity."""

    def open_one(opened: Unit) -> AccountCase:
        return opened.add(
            AccountCase(
                id=new_id(), kind="identity", person_id=new_id(), holder_id=new_id(), state="open", differed=False,
                version=1, opened_at=opened.now,
            )
        )  # fmt: skip

    return str(case_subject(run(scope, open_one)))
