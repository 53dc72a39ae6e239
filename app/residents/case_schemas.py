"""What cases look like on the wire."""

from marshmallow import Schema, fields

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.schema import IdOf, Input, Instant, Text, Version, Word
from app.identity.api import PERSON, code_field, phone_field
from app.residents.case_models import AccountCase, CaseKind, CaseOutcome, CaseState
from app.residents.names import CASE_ID
from app.residents.schemas import NAME, NUMBER
from app.residents.service.cases import subject

LONGEST_REASON = 200


def _holder(row: AccountCase) -> PublicId | None:
    return PublicId(PERSON, Scope.for_person(row.holder_id), row.holder_id) if row.holder_id else None


class AccountRecoveryIn(Input):
    """A phone number and the code that was sent to it."""

    phone = phone_field()
    code = code_field()


class AccountRecoveryOut(Schema):
    """That it was asked; the same whatever comes of it."""

    asked_at = Instant(required=True)


class AccountCaseOut(Schema):
    """A case of two people behind one number."""

    id = IdOf(CASE_ID, subject)
    kind = Word(CaseKind, metadata={"description": "What is in question: a phone number, or a verified identity"})
    person = IdOf(
        PERSON, lambda row: PublicId(PERSON, Scope.for_person(row.person_id), row.person_id),
        metadata={"description": "The account to which the number leads, or that asks for the identity"},
    )  # fmt: skip
    holder = IdOf(PERSON, _holder, allow_none=True, metadata={"description": "The account that has the identity"})
    state = Word(CaseState)
    differed = fields.Boolean(metadata={"description": "Whether papers were shown that are not those of the account"})
    outcome = Word(CaseOutcome, allow_none=True)
    reason = fields.String(allow_none=True)
    opened_at = Instant()
    decided_at = Instant(allow_none=True)
    version = Version()


class PapersIn(Input):
    """What an operator read on the identity card of whoever stands before them."""

    name = Text(NAME, required=True)
    number = Text(NUMBER, required=True)


class CaseReasonIn(Input):
    """Why a case is decided so."""

    reason = Text(LONGEST_REASON, required=True)
