"""Bodies and answers of the residents endpoints."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, Text, Version, Word
from app.identity.api import PERSON
from app.residents.connectors.registry import METHOD, PAPER
from app.residents.names import CARD_ID, CONTRACT_ID
from app.residents.repository import BOUND, UNBOUND, UNVERIFIED, VERIFIED
from app.residents.rules.cards import CardKind
from app.residents.rules.contracts import TERMS, ContractState, DeclineReason, EndReason, Package
from app.residents.rules.documents import DocumentKind
from app.residents.rules.identity_cards import Sex
from app.residents.service.seen import Seen
from tenants.api import TENANT_ID

NAME = 100
NUMBER = 60
"""Characters of a number with everything that people put between its digits."""


def _person(contract: Seen) -> PublicId:
    return PublicId(PERSON, Scope.for_person(contract.resident), contract.resident)


class VerificationIn(Input):
    """Who somebody is by which document; birth date and sex for every document but a resident identity card."""

    name = Text(NAME, required=True, metadata={"description": "As the document has it, kept exactly"})
    document_kind = fields.Enum(DocumentKind, by_value=True, load_default=DocumentKind.RESIDENT_IDENTITY_CARD)
    number = Text(NUMBER, required=True)
    birth_date = fields.Date(load_default=None, allow_none=True, format="%Y-%m-%d")
    sex = fields.Enum(Sex, by_value=True, load_default=None, allow_none=True)


class ResidentOut(Schema):
    """A resident as they read themselves."""

    state = Word((UNVERIFIED, VERIFIED), required=True)
    document_kind = Word(DocumentKind, allow_none=True)
    name = fields.String(allow_none=True)
    number = fields.String(allow_none=True, metadata={"description": "All but the end hidden"})
    birth_date = fields.Date(allow_none=True)
    sex = Word(Sex, allow_none=True)
    verification_method = Word((METHOD, PAPER), allow_none=True)
    verified_at = Instant(allow_none=True)
    version = Version(allow_none=True)


class CardIn(Input):
    """A card; a hospital's names the tenant that gave it out."""

    kind = fields.Enum(CardKind, by_value=True, required=True)
    number = Text(NUMBER, required=True)
    issuer = PublicIdField(TENANT_ID, load_default=None, allow_none=True)


class CardOut(Schema):
    """A card that is or was bound to the resident."""

    id = PublicIdField(CARD_ID, required=True)
    kind = Word(CardKind, required=True)
    number = fields.String(required=True, metadata={"description": "All but the end hidden"})
    state = Word((BOUND, UNBOUND), required=True)
    bound_at = Instant(required=True)
    unbound_at = Instant(allow_none=True)
    version = Version(required=True)


class ContractIn(Input):
    """Which team a resident asks for what, and for how many years."""

    team = PublicIdField(TENANT_ID, required=True)
    package = fields.Enum(Package, by_value=True, required=True)
    term_years = fields.Integer(required=True, strict=True, validate=validate.Range(*TERMS))


class ContractOut(Schema):
    """A family-doctor contract in its present state."""

    id = PublicIdField(CONTRACT_ID, required=True)
    team_name = fields.String(required=True)
    package = Word(Package, required=True)
    term_years = fields.Integer(required=True)
    state = Word(ContractState, required=True)
    reason = Word((*DeclineReason, *EndReason), allow_none=True)
    starts_on = fields.Date(allow_none=True)
    ends_on = fields.Date(allow_none=True, metadata={"description": "The last day, a local date"})
    requested_at = Instant(required=True)
    version = Version(required=True)


class TeamContractOut(ContractOut):
    """A contract as the team reads it: with whom it is."""

    person = IdOf(PERSON, _person)
    name = fields.String(required=True)
    birth_date = fields.Date(required=True)
    sex = Word(Sex, required=True)


class ContractsQuery(PageQuery):
    """Contracts in which stored state; all of them where none is named."""

    state = fields.String(validate=validate.OneOf([state.value for state in ContractState]), load_default=None)


class DeclineIn(Input):
    """Why the team does not take the resident."""

    reason = fields.Enum(DeclineReason, by_value=True, required=True)


class EndIn(Input):
    """Why a contract ends before its term."""

    reason = fields.Enum(EndReason, by_value=True, required=True)


class EntryOut(Schema):
    """Something that was done about the person."""

    seq = fields.Integer(required=True)
    type = fields.String(required=True)
    at = Instant(required=True)
    actor = fields.String(required=True)
    subject = fields.String(required=True)
