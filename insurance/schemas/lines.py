"""Lines of what was supplied, in answers."""

from marshmallow import Schema, fields

from app.edge.schema import Fen, Word
from insurance.schemas.coverages import CATEGORIES


class ClaimLineOut(Schema):
    """One line of what was supplied. `amount` in fen."""

    sequence = fields.Integer()
    code = fields.String()
    name = fields.String()
    category = Word(CATEGORIES)
    quantity = fields.Integer()
    amount = Fen()


class SettlementLineOut(ClaimLineOut):
    """One line, and who bears what of it in fen, as far as it is known."""

    fund = Fen()
    account = Fen()
    cash = Fen()
