"""For which purpose an institution's staff reads a wish for a correction: the condition by which the query finds it."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_

from app.core.purposes import Purpose
from app.core.unit import Unit
from app.residents.corrections.models import Correction
from app.residents.corrections.rules import State

PURPOSE = "correction"
DISPUTED = timedelta(days=90)
"""For how long after its answer a wish is its institution's to read: the resident may dispute it. A default without a
legal source.
"""


def answers(unit: Unit) -> ColumnElement[bool]:
    """The wish waits for its answer, or had it not long ago."""
    return or_(Correction.state == State.OPEN, Correction.answered_at > unit.now - DISPUTED)


PURPOSES = (
    Purpose(
        "correction: what is wrong, what is right, the answer", "medical affairs, registrar",
        "those about what they answer for", "90 days after its answer", PURPOSE,
    ),
)  # fmt: skip
