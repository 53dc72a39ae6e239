"""What corrections contribute to the export of everything about a person."""

from collections.abc import Callable, Mapping
from typing import Any

from app.core.unit import unit
from app.edge.exporting import Whose, rendered
from app.residents.corrections.models import Correction
from app.residents.corrections.schemas import CorrectionOut
from app.residents.corrections.service import seen

TABLES = frozenset({"corrections", "person_corrections"})


def _corrections(whose: Whose) -> list[Any]:
    found = []
    for scope in whose.within():
        with unit(scope) as reading:
            rows = reading.all(reading.select(Correction).order_by(Correction.id))
            found += [seen(reading, row) for row in rows]
    return rendered(CorrectionOut, found)


PARTS: Mapping[str, Callable[[Whose], Any]] = {"corrections": _corrections}
