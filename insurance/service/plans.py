"""An insurer's plans."""

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from app.core.errors import Forbidden, WrongState
from app.core.ids import new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from insurance.coverage_ids import plan_public_id
from insurance.models.coverages import Plan
from insurance.names import INSURER
from insurance.rules.adjudication import Policy
from insurance.rules.coverages import PayerKind
from tenants.api import profile_of


@dataclass(frozen=True)
class NewPlan:
    """A plan as the insurer describes it."""

    code: str
    name: str
    payer_kind: PayerKind
    policy: Policy


def make(insurer: Scope, wish: NewPlan, by: Caller, effect: Effect | None = None) -> Plan:
    """Make a plan; raises Forbidden `not_an_insurer` for another kind of tenant, WrongState `plan_code_taken`."""

    def work(opened: Unit) -> Plan:
        if profile_of(opened).kind != INSURER:
            raise Forbidden("only an insurer has plans", code="not_an_insurer")
        plan = _new(opened, wish)
        facts = {"code": plan.code, "payer_kind": plan.payer_kind, "policy_version": wish.policy.policy_version}
        record(opened, "plan.made", plan_public_id(plan), plan.version, facts)
        return plan

    return run(insurer, work, by, effect=effect)


def _new(opened: Unit, wish: NewPlan) -> Plan:
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": new_id(), "code": wish.code, "name": wish.name,
        "payer_kind": wish.payer_kind.value, "policy": wish.policy.plain(), "version": 1, "created_at": opened.now,
    }  # fmt: skip
    made = insert(Plan).values(row).on_conflict_do_nothing().returning(Plan)
    plan = opened.session.scalars(made).one_or_none()
    if plan is None:
        raise WrongState("there is a plan with this code", code="plan_code_taken")
    return plan
