"""At the institution where a doctor is mainly registered: other sites ask whether they may practise online there."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.edge.paging import Keyset, Page
from tenants.home_consent_rules import ConsentState, may_become, may_decide
from tenants.models import Staff
from tenants.names import ANSWER_HOME, CONSENT_REQUEST_ID
from tenants.practice_models import HomeConsentRequest
from tenants.viewing import staff_in

_REQUESTS = Keyset("home_consent_requests", (HomeConsentRequest.id,), descending=True)


def take_question(opened: Unit, relay: Incoming) -> Answer:
    """Put the question of a site before medical affairs and administrators."""
    told = relay.payload
    row = opened.add(
        HomeConsentRequest(
            id=uuid.UUID(told["consent"]), site=relay.giver.require_tenant(), site_name=told["site_name"],
            doctor_name=told["doctor_name"], registration_number=told["registration_number"], number=told["number"],
            authority=told["authority"], valid_from=date.fromisoformat(told["valid_from"]),
            valid_until=date.fromisoformat(told["valid_until"]), state=ConsentState.ASKED, asked_at=opened.now,
            version=1,
        )
    )  # fmt: skip
    _record(opened, row, [])
    return {}


def take_end(opened: Unit, relay: Incoming) -> Answer:
    """The site does without the consent, which need not be answered any more."""
    row = opened.get(HomeConsentRequest, uuid.UUID(relay.payload["consent"]), lock=True)
    wanted = ConsentState.WITHDRAWN
    if row is None or row.site != relay.giver.tenant or not may_become(ConsentState(row.state), wanted):
        return {"refused": "home_consent_ended"}
    _move(opened, row, wanted, [])
    return {}


def decide(known: PublicId, state: ConsentState, by: Caller, effect: Effect | None = None) -> HomeConsentRequest:
    """Give, decline, or take back the institution's consent; the site hears of it.

    Raises NotFound, Forbidden `own_clinical_role` for the doctor, WrongState `home_consent_request_state`.
    """

    def work(opened: Unit) -> HomeConsentRequest:
        row = opened.get(HomeConsentRequest, known.id, lock=True)
        if row is None:
            raise NotFound
        member = opened.get(Staff, staff_in(by.actor))
        if member is None or _is_doctor(member, row):
            raise Forbidden("somebody else must decide where you practise", code="own_clinical_role")
        if not may_decide(ConsentState(row.state), state):
            raise WrongState(f"the request is {row.state}", code="home_consent_request_state")
        row.decided_by, row.decided_at = member.id, opened.now
        answer = {"consent": str(row.id), "state": state.value}
        _move(opened, row, state, [Outgoing(Scope.for_tenant(row.site), ANSWER_HOME, answer)])
        return row

    return run(known.scope, work, by, effect=effect)


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[HomeConsentRequest]:
    """What sites asked the tenant of `scope`, newest first, perhaps of one state."""
    with unit(scope) as reading:
        query = reading.select(HomeConsentRequest)
        if asked["state"]:
            query = query.where(HomeConsentRequest.state == asked["state"])
        return _REQUESTS.page(reading, query, asked)


def request_id(row: HomeConsentRequest) -> PublicId:
    """A request's public id."""
    return PublicId(CONSENT_REQUEST_ID, Scope.for_tenant(row.tenant_id), row.id)


def _is_doctor(member: Staff, row: HomeConsentRequest) -> bool:
    return row.registration_number is not None and member.registration_number == row.registration_number


def _move(opened: Unit, row: HomeConsentRequest, state: ConsentState, told: Sequence[Outgoing]) -> None:
    row.state, row.version = state, row.version + 1
    _record(opened, row, told)


def _record(opened: Unit, row: HomeConsentRequest, told: Sequence[Outgoing]) -> None:
    facts: Facts = {"from": row.valid_from.isoformat(), "until": row.valid_until.isoformat()}
    about = PublicId(CONSENT_REQUEST_ID, opened.scope, row.id)
    record(opened, f"home_consent_request.{row.state}", about, row.version, facts, told)
