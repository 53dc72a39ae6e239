"""The insurer's answer to somebody who says that they are a member."""

import uuid
from collections.abc import Mapping
from typing import Any

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from insurance.coverage_ids import coverage_public_id
from insurance.models.coverages import Coverage, Member, Plan
from insurance.names import COVERAGE_ID
from insurance.rules.coverages import CoverageState, MemberState, Refusal, same_name
from insurance.service.sealing import identity_digest, member_name, number_digest
from insurance.service.telling import facts_of, show, show_refusal
from tenants.api import may_act


def take_asked(unit: Unit, relay: Incoming) -> Answer:
    """Cover the person who asks where they are the member they say they are; tell them either way.

    The member's row is held, so that of two who ask for one number the second finds it taken.
    """
    known = PublicId(COVERAGE_ID, unit.scope, uuid.UUID(relay.payload["id"]))
    member = _member(unit, relay.payload)
    if member is None or not may_act(unit):
        reason = Refusal.NOT_A_MEMBER if may_act(unit) else Refusal.INSURER_SUSPENDED
        told = [show_refusal(relay.giver, known.id, reason)]
        record(unit, "coverage.refused", known, 1, {"reason": reason.value}, told)
        return {"refused": reason.value}
    coverage = _cover(unit, member, known.id, relay.giver.require_person())
    told, whose = [show(coverage)], coverage.resident_id
    record(unit, "coverage.activated", coverage_public_id(coverage), 1, facts_of(coverage), told, whose)
    return {}


def _member(unit: Unit, said: Mapping[str, Any]) -> Member | None:
    """The member whom number, identity and name agree on, and whom nobody has taken yet; locked."""
    digest = number_digest(unit, unit.scope.require_tenant(), said["member_number"])
    query = unit.select(Member).where(Member.number_digest == digest).with_for_update()
    member = unit.first(query.execution_options(populate_existing=True))
    return member if member is not None and _is(unit, member, said) and not _taken(unit, member) else None


def _is(unit: Unit, member: Member, said: Mapping[str, Any]) -> bool:
    identity = identity_digest(unit, unit.scope.require_tenant(), said["identity_number"])
    over = member.valid_until is not None and member.valid_until < local_date(unit.now)
    return (
        member.state == MemberState.ACTIVE
        and not over
        and member.identity_digest == identity
        and same_name(member_name(unit, member), said["name"])
    )


def _taken(unit: Unit, member: Member) -> bool:
    return unit.first(unit.select(Coverage).where(Coverage.member_id == member.id)) is not None


def _cover(unit: Unit, member: Member, id: uuid.UUID, person: uuid.UUID) -> Coverage:
    plan = unit.get(Plan, member.plan_id)
    if plan is None:
        raise LookupError("a member without a plan")
    return unit.add(
        Coverage(
            id=id, resident_id=person, member_id=member.id, plan_id=plan.id, plan_code=plan.code, plan_name=plan.name,
            payer_kind=plan.payer_kind, policy=plan.policy, valid_from=member.valid_from,
            valid_until=member.valid_until, state=CoverageState.ACTIVE, version=1, created_at=unit.now,
        )
    )  # fmt: skip
