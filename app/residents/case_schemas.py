"""What cases look like on the wire."""

import uuid

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.api import PERSON, code_field, phone_field
from app.residents.case_models import CaseKind, CaseOutcome, CaseState
from app.residents.names import CASE_ID
from app.residents.schemas import NAME, NUMBER
from app.residents.service.cases import Shown, subject
from tenants.api import PLATFORM, STAFF_ID

LONGEST_REASON = 200


def _person(id: uuid.UUID | None) -> PublicId | None:
    return PublicId(PERSON, Scope.for_person(id), id) if id else None


def _proposer(shown: Shown) -> PublicId | None:
    return PublicId(STAFF_ID, PLATFORM, shown.proposal.proposed_by) if shown.proposal else None


class AccountRecoveryIn(Input):
    """A phone number and the code that was sent to it."""

    phone = phone_field()
    code = code_field()


class AccountRecoveryOut(Schema):
    """That it was asked; the same whatever comes of it."""

    asked_at = Instant(required=True)


class AccountCaseOut(Schema):
    """A case of two people behind one number; who proposes to hand the account over, and until when another operator
    may confirm it, where somebody does.
    """

    id = IdOf(CASE_ID, lambda shown: subject(shown.row))
    kind = Word(
        CaseKind, attribute="row.kind",
        metadata={"description": "What is in question: a phone number, or a verified identity"},
    )  # fmt: skip
    person = IdOf(
        PERSON, lambda shown: _person(shown.row.person_id),
        metadata={"description": "The account to which the number leads, or that asks for the identity"},
    )  # fmt: skip
    holder = IdOf(
        PERSON, lambda shown: _person(shown.row.holder_id), allow_none=True,
        metadata={"description": "The account that has the identity"},
    )  # fmt: skip
    state = Word(CaseState, attribute="row.state")
    hand_over_proposed_by = IdOf(STAFF_ID, _proposer, allow_none=True)
    hand_over_expires_at = Instant(attribute="proposal.due_at", dump_default=None, allow_none=True)
    differed = fields.Boolean(
        attribute="row.differed",
        metadata={"description": "Whether papers were shown that are not those of the account"},
    )
    outcome = Word(CaseOutcome, attribute="row.outcome", allow_none=True)
    reason = fields.String(attribute="row.reason", allow_none=True)
    opened_at = Instant(attribute="row.opened_at")
    decided_at = Instant(attribute="row.decided_at", allow_none=True)
    version = Version()


class PapersIn(Input):
    """What an operator read on the identity card of whoever stands before them."""

    name = Text(NAME, required=True)
    number = Text(NUMBER, required=True)


class CaseReasonIn(Input):
    """Why a case is decided so."""

    reason = Text(LONGEST_REASON, required=True)
