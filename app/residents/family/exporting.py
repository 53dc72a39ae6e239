"""What family contributes to the export of everything about a person."""

from collections.abc import Callable, Mapping
from typing import Any

from app.core.scope import Scope
from app.edge.exporting import Whose, every, rendered
from app.residents.family import queries
from app.residents.family.schemas import CivilPaperOut, RepresentativeOut, RepresentedOut
from tenants.api import PLATFORM

TABLES = frozenset({"representations", "represented", "civil_papers"})


def _papers(whose: Whose) -> list[Any]:
    own = Scope.for_tenant(PLATFORM.require_tenant(), as_resident=whose.person)
    return rendered(CivilPaperOut, every(lambda asked: queries.own_papers(own, asked)))


PARTS: Mapping[str, Callable[[Whose], Any]] = {
    "representatives": lambda whose: rendered(
        RepresentativeOut, every(lambda asked: queries.representatives(whose.scope, asked))
    ),
    "represented": lambda whose: rendered(RepresentedOut, every(lambda asked: queries.represented(whose.scope, asked))),
    "civil_papers": _papers,
}
