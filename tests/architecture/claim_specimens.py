"""Settlements, claims and cases, for the specimens."""

from collections.abc import Mapping

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from insurance.ids import case_id, claim_id, settlement_id
from insurance.models import Claim, ClaimCase, Coverage, Member, Plan, Settlement
from insurance.names import MEMBER_ID
from insurance.rules.splits import Item, all_own
from insurance.service.content import Content, seal_content
from insurance.service.sealing import seal_member
from tests.architecture.cast import SECRET
from tests.platform import new_tenant

Made = Mapping[str, str]
ITEM = Item(1, "x", "x", "A", 1, 1)
CONTENT = Content((ITEM,), ("I10",), all_own((ITEM,)).lines, "")
POLICY = {"policy_version": "1", "deductible": 0, "rate_bp": {}, "ceiling": None, "pre_self_bp": {}}


def settlement(scope: Scope, made: Made) -> str:
    """A settlement of the person's at some pharmacy."""
    return str(settlement_id(run(new_tenant(), lambda opened: _settled(opened, scope.require_person()))))


def reversal(scope: Scope, made: Made) -> str:
    """A settlement of the tenant's whose reversal was given up."""

    def make(opened: Unit) -> Settlement:
        row = _settled(opened, new_id())
        row.state, row.given_up_at, row.reason = "reversing", opened.now, SECRET
        return row

    return str(settlement_id(run(scope, make)))


def claim(scope: Scope, made: Made) -> str:
    """A claim of the provider's."""

    def make(opened: Unit) -> Claim:
        row, own = _settled(opened, new_id()), new_id()
        opened.session.flush()
        return opened.add(
            Claim(
                id=own, settlement_id=row.id, resident_id=row.resident_id, kind="direct_billing", insurer=1,
                claim_version=1, content=seal_content(opened, "claims", own, CONTENT), service_date=row.service_date,
                billed=1, fund=0, account=0, cash=1, returned=0, state="submitted", version=1, created_at=opened.now,
            )
        )  # fmt: skip

    return str(claim_id(run(scope, make)))


def claim_case(scope: Scope, made: Made) -> str:
    """A case of the insurer's about one of its members."""

    def make(opened: Unit) -> ClaimCase:
        held, own = _covered(opened), new_id()
        opened.session.flush()
        return opened.add(
            ClaimCase(
                id=own, resident_id=held.resident_id, provider=1, provider_id=new_id(), provider_name=SECRET,
                claim_id=new_id(), claim_version=1, coverage_id=held.id, kind="visit", service_date=held.valid_from,
                content=seal_content(opened, "claim_cases", own, CONTENT), billed=1, fund=0, decision_seq=0,
                state="open", version=1, created_at=opened.now,
            )
        )  # fmt: skip

    return str(case_id(run(scope, make)))


def member(scope: Scope, made: Made) -> str:
    """Somebody whom the insurer covers."""
    return str(PublicId(MEMBER_ID, scope, run(scope, _covered).member_id))


def _settled(opened: Unit, resident: object) -> Settlement:
    own = new_id()
    return opened.add(
        Settlement(
            id=own, resident_id=resident, asked=new_id().hex, subject=str(PublicId("rou", opened.scope, new_id())),
            kind="medicine", payer="self", content=seal_content(opened, "settlements", own, CONTENT), total=1, fund=0,
            account=0, cash=1, fund_parts={}, expected=0, service_date=local_date(opened.now), prepaid=0,
            state="trial", tries=0, version=1, created_at=opened.now,
        )
    )  # fmt: skip


def _covered(opened: Unit) -> Coverage:
    plan = opened.add(
        Plan(
            id=new_id(), code="x", name=SECRET, payer_kind="commercial", policy=POLICY, version=1,
            created_at=opened.now,
        )
    )  # fmt: skip
    own, today = new_id(), local_date(opened.now)
    opened.session.flush()
    name = seal_member(opened, own, "name", SECRET)
    member = opened.add(
        Member(
            id=own, plan_id=plan.id, number=seal_member(opened, own, "number", "x"), number_digest="x",
            identity_digest="x", name=name, valid_from=today, state="active", version=1, created_at=opened.now,
        )
    )  # fmt: skip
    opened.session.flush()
    return opened.add(
        Coverage(
            id=new_id(), resident_id=new_id(), member_id=member.id, plan_id=plan.id, plan_code="x", plan_name=SECRET,
            payer_kind="commercial", policy=POLICY, valid_from=today, state="active", version=1, created_at=opened.now,
        )
    )  # fmt: skip
