"""What a person hears of their coverage, and how they keep it."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Unit
from insurance.coverage_ids import coverage_public_id
from insurance.models.coverages import Coverage, PersonCoverage
from insurance.names import COVERAGE_SHOW
from insurance.rules.coverages import CoverageState, Refusal, RequestState

_PLAIN = ("state", "reason", "plan_code", "plan_name", "payer_kind", "policy")


def show(coverage: Coverage) -> Outgoing:
    """The relay that tells the resident what their coverage is now."""
    facts = {name: getattr(coverage, name) for name in _PLAIN}
    until = coverage.valid_until.isoformat() if coverage.valid_until else None
    days = {"valid_from": coverage.valid_from.isoformat(), "valid_until": until}
    payload = {"id": str(coverage.id), "version": coverage.version, **facts, **days}
    return Outgoing(Scope.for_person(coverage.resident_id), COVERAGE_SHOW, payload)


def show_refusal(person: Scope, id: uuid.UUID, reason: Refusal) -> Outgoing:
    """The relay that tells somebody that nothing came of their request."""
    facts: dict[str, Any] = dict.fromkeys((*_PLAIN, "valid_from", "valid_until"))
    said = {"id": str(id), "version": 1, "state": RequestState.REFUSED.value, "reason": reason.value}
    return Outgoing(person, COVERAGE_SHOW, {**facts, **said})


def facts_of(coverage: Coverage) -> Facts:
    """What entries say of a coverage."""
    facts = {"state": coverage.state, "plan": coverage.plan_code, "payer_kind": coverage.payer_kind}
    return {**facts, "reason": coverage.reason} if coverage.reason else facts


def end_coverage(unit: Unit, coverage: Coverage, last_day: date, reason: str) -> None:
    """End `coverage`, which the unit holds locked."""
    coverage.state, coverage.reason, coverage.valid_until = CoverageState.ENDED, reason, last_day
    coverage.version += 1
    told = [show(coverage)]
    known, whose = coverage_public_id(coverage), coverage.resident_id
    record(unit, "coverage.ended", known, coverage.version, facts_of(coverage), told, whose)


def take_shown(unit: Unit, relay: Incoming) -> Answer:
    """Keep what a coverage is, unless something newer is known."""
    row = unit.get(PersonCoverage, uuid.UUID(relay.payload["id"]), lock=True)
    if row is None or row.insurer != relay.giver.tenant:
        return {"refused": "unknown_coverage"}
    if row.source_version < relay.payload["version"]:
        _keep(row, relay.payload)
        record(unit, "coverage.updated", coverage_public_id(row), row.version, {"state": row.state})
    return {}


def _keep(row: PersonCoverage, said: Mapping[str, Any]) -> None:
    for name in _PLAIN:
        setattr(row, name, said[name])
    row.valid_from, row.valid_until = _day(said["valid_from"]), _day(said["valid_until"])
    row.source_version = said["version"]
    row.version += 1


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
