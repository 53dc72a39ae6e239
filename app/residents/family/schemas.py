"""Bodies and answers of family."""

from marshmallow import Schema, fields

from app.edge.schema import Input, Instant, PublicIdField, Text, Version, Word
from app.identity.api import PERSON
from app.residents.family.rules import (
    Ask,
    EndReason,
    Evidence,
    Kind,
    PaperKind,
    PaperRejection,
    PaperState,
    Reach,
    State,
)
from app.residents.names import CIVIL_PAPER_ID, REPRESENTATIVE_ID, REPRESENTED_ID
from app.residents.schemas import NAME, NUMBER

PAPER_NUMBER = 60
_UNTIL = {"description": "The local day (Asia/Shanghai) with whose beginning it ends by itself"}


class ChildIn(Input):
    """A child, by its resident identity card."""

    name = Text(NAME, required=True, metadata={"description": "As the document has it, kept exactly"})
    number = Text(NUMBER, required=True)


class AccountClaimIn(ChildIn):
    """Who one is, by one's resident identity card; and, while a guardian acts, the word that they gave."""

    word = Text(100, load_default=None)


class AccountClaimOut(Schema):
    """The account to which the phone leads from now on."""

    person = PublicIdField(PERSON, required=True)


class ClaimWordOut(Schema):
    """A word with which a child takes its account over."""

    word = fields.String(metadata={"description": "Shown once"})
    until = Instant(required=True)


class ProxyIn(Input):
    """Whom somebody names to act for them, how far, and until when."""

    person = PublicIdField(PERSON, required=True)
    reach = fields.Enum(Reach, by_value=True, required=True)
    until = fields.Date(required=True, format="%Y-%m-%d", metadata=_UNTIL)


class RepresentativeOut(Schema):
    """Somebody who may act for the person."""

    id = PublicIdField(REPRESENTATIVE_ID, required=True)
    person = PublicIdField(PERSON, required=True)
    name = fields.String(allow_none=True, metadata={"description": "Null until they agreed"})
    kind = Word(Kind, required=True)
    reach = Word(Reach, required=True)
    evidence = Word(Evidence, required=True)
    state = Word(State, required=True)
    until = fields.Date(allow_none=True, metadata=_UNTIL)
    end_reason = Word(EndReason, allow_none=True)
    created_at = Instant(required=True)
    ended_at = Instant(allow_none=True)
    version = Version(required=True)


class RepresentedOut(Schema):
    """A person for whom the caller may act."""

    id = PublicIdField(REPRESENTED_ID, required=True)
    person = PublicIdField(PERSON, required=True)
    name = fields.String(required=True)
    kind = Word(Kind, required=True)
    reach = Word(Reach, required=True)
    state = Word(State, required=True)
    until = fields.Date(allow_none=True, metadata=_UNTIL)
    end_reason = Word(EndReason, allow_none=True)
    version = Version(required=True)


class RepresentationTokenOut(Schema):
    """A token for somebody else, as OAuth 2.0 Token Exchange answers (RFC 8693, section 2.2)."""

    access_token = fields.String(metadata={"description": "Shown once"})
    issued_token_type = fields.String(required=True)
    token_type = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds"})
    subject = PublicIdField(PERSON, required=True, metadata={"description": "For whom it is"})
    actor = PublicIdField(PERSON, required=True, metadata={"description": "Who acts with it"})


class CivilPaperIn(Input):
    """What is asked on paper: to act for a child, or to read what a dead person left."""

    kind = fields.Enum(Ask, by_value=True, required=True)
    name = Text(NAME, required=True, metadata={"description": "Of the child, or of the dead person"})
    number = Text(NUMBER, required=True, metadata={"description": "Of their resident identity card"})
    paper = fields.Enum(PaperKind, by_value=True, required=True)
    paper_number = Text(PAPER_NUMBER, required=True)


class CivilPaperOut(Schema):
    """A paper as it was handed in, and what became of it."""

    id = PublicIdField(CIVIL_PAPER_ID, required=True)
    kind = Word(Ask, required=True)
    name = fields.String(required=True)
    number = fields.String(required=True)
    paper = Word(PaperKind, required=True)
    paper_number = fields.String(required=True)
    asker = fields.String(required=True, metadata={"description": "Who handed it in, by their verified name"})
    state = Word(PaperState, required=True)
    reason = Word(PaperRejection, allow_none=True)
    submitted_at = Instant(required=True)
    decided_at = Instant(allow_none=True)
    version = Version(required=True)


class PaperRejectionIn(Input):
    """Why the desk rejects a paper."""

    reason = fields.Enum(PaperRejection, by_value=True, required=True)


class CourtEndingIn(Input):
    """A ruling that ends what a guardian may do; both people by their resident identity cards."""

    child_number = Text(NUMBER, required=True)
    guardian_number = Text(NUMBER, required=True)


class CourtEndingOut(Schema):
    """That it ended."""

    state = Word((State.ENDED,), required=True)
