"""What the platform and the accounts tell each other about cases."""

import hmac
import uuid

from sqlalchemy.dialects.postgresql import insert

from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.unit import Unit
from app.identity.api import (
    NoticeKind,
    StatedIdentity,
    is_same_identity,
    let_in,
    notice_id,
    part_phone,
    tell_owner,
)
from app.residents.case_models import AccountCase, CaseKind, CaseOutcome, CaseState
from app.residents.family.service.permits import is_unclaimed, permit
from app.residents.names import CASE_ID, CHECKED_RELAY, RESIDENT_ID
from app.residents.repository import UNVERIFIED, locked_resident
from app.residents.service.cases import end, subject
from app.residents.service.reading import known_as
from tenants.api import PLATFORM


def take_case(opened: Unit, relay: Incoming) -> Answer:
    """Open a case in the platform's tenant, unless one of this kind about the account waits already."""
    told = relay.payload
    row = {
        "tenant_id": opened.scope.require_tenant(), "id": new_id(), "kind": told["kind"],
        "person_id": uuid.UUID(told["person"]), "login": told.get("login"), "state": CaseState.OPEN,
        "holder_id": uuid.UUID(told["holder"]) if "holder" in told else None, "differed": False, "version": 1,
        "opened_at": opened.now,
    }  # fmt: skip
    fresh = insert(AccountCase).values(row).on_conflict_do_nothing().returning(AccountCase.id)
    id = opened.session.scalars(fresh).first()
    if id is None:
        return {"refused": "open_already"}
    record(opened, "account_case.opened", PublicId(CASE_ID, opened.scope, id), 1, {"kind": told["kind"]})
    return {}


def take_notice(opened: Unit, relay: Incoming) -> Answer:
    """Tell the owner of an account what became of its identity or number elsewhere; a number that leads to them no more
    is forgotten, where that was not done before.
    """
    if "login" in relay.payload:
        part_phone(opened, relay.payload["login"])
    notice = tell_owner(opened, NoticeKind(relay.payload["kind"]))
    record(opened, "security_notice.made", notice_id(notice), 1, {})
    return {}


def take_check(opened: Unit, relay: Incoming) -> Answer:
    """Compare papers with what the unit's person was verified by, act where they fit, and answer.

    Whose papers fit an account that guardians opened, and to which nobody signed in yet, may take it over.
    """
    told, case = relay.payload, uuid.UUID(relay.payload["case"])
    fits = _fits(opened, told["name"], told["number"])
    if fits and told["kind"] == CaseKind.NUMBER:
        let_in(opened, case)
    elif fits and is_unclaimed(opened):
        permit(opened, case, uuid.UUID(told["person"]))
    elif fits:
        _release(opened)
    answer = Outgoing(PLATFORM, CHECKED_RELAY, {"case": told["case"], "fits": fits})
    record(opened, "account_case.checked", PublicId(CASE_ID, PLATFORM, case), told["version"], {"fits": fits}, [answer])
    return {}


def take_checked(opened: Unit, relay: Incoming) -> Answer:
    """The account has compared: the case is decided, or open again."""
    row = opened.get(AccountCase, uuid.UUID(relay.payload["case"]), lock=True)
    if row is None or row.state != CaseState.CHECKING:
        return {"refused": "not_checking"}
    facts: Facts = {"fits": relay.payload["fits"]}
    if relay.payload["fits"]:
        end(row, CaseOutcome.HANDED_OVER, opened.now)
        record(opened, "account_case.decided", subject(row), row.version, {**facts, "outcome": row.outcome or ""})
    else:
        row.state, row.differed, row.version = CaseState.OPEN, True, row.version + 1
        record(opened, "account_case.differed", subject(row), row.version, facts)
    return {}


def _fits(opened: Unit, name: str, number: str) -> bool:
    """Name and whole number; who was never verified cannot be compared with any papers."""
    known = known_as(opened)
    same = is_same_identity(known, StatedIdentity(name, number[-6:]))
    return known is not None and hmac.compare_digest(known.number, number) and same


def _release(opened: Unit) -> None:
    """The resident is verified no more; another account may be verified by the number now."""
    row = locked_resident(opened)
    row.state, row.number_digest = UNVERIFIED, None
    row.verified_at = row.verification_method = None
    row.version += 1
    record(opened, "resident.released", PublicId(RESIDENT_ID, opened.scope, row.person_id), row.version, {})
    tell_owner(opened, NoticeKind.IDENTITY_RELEASED)
