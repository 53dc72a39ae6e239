"""Bodies and answers around reversals that no scheme answered. Amounts in fen."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from app.edge.schema import Fen, IdOf, Input, Instant, Version, Word
from insurance.ids import coverage_of, settlement_id
from insurance.names import COVERAGE_ID, SETTLEMENT_ID
from insurance.rules.reversals import ReversedBy
from insurance.rules.settlements import State
from insurance.service import reversals


class ReversalOut(Schema):
    """A settlement that a scheme was asked to take back: by its id and `scheme_settlement` the scheme knows it,
    `scheme_url` is where it was asked, `fund` and `account` are what it settled or may have settled.
    """

    id = IdOf(SETTLEMENT_ID, settlement_id)
    subject = fields.String(required=True)
    coverage = IdOf(COVERAGE_ID, coverage_of, allow_none=True)
    state = Word(State, required=True)
    reason = fields.String(required=True, allow_none=True)
    fund = Fen(required=True)
    account = Fen(required=True)
    scheme_url = fields.String(required=True, allow_none=True)
    scheme_settlement = fields.String(required=True, allow_none=True)
    given_up_at = Instant(required=True, allow_none=True)
    reversed_by = Word(ReversedBy, required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True, attribute="reversal_reference")
    version = Version(required=True)


class ReversalWordIn(Input):
    """How the scheme took it back, and under which number the institution has that word or payment."""

    reversed_by = fields.Enum(ReversedBy, by_value=True, required=True)
    reference = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9/_.-]{4,64}\Z"))

    @post_load
    def _value(self, data: dict[str, Any], **_: Any) -> reversals.Word:
        return reversals.Word(**data)
