"""Specimens of who may act for whom, and of how an account ends; see specimens.py."""

from collections.abc import Mapping

import orjson

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.residents.family.models import CivilPaper, Representation, Represented
from app.residents.family.service.papers import paper_id
from app.residents.family.service.representations import subject
from app.residents.names import REPRESENTED_ID
from tenants.names import PLATFORM
from tests.architecture.cast import SECRET

Made = Mapping[str, str]


def representative(scope: Scope, made: Made) -> str:
    """Somebody who may act for the person."""

    def add(opened: Unit) -> Representation:
        row = Representation(
            person_id=scope.require_person(), id=new_id(), kind="proxy", actor_id=new_id(), reach="read",
            evidence="person", state="offered", created_at=opened.now, version=1,
        )  # fmt: skip
        return opened.add(row)

    return str(subject(run(scope, add)))


def represented(scope: Scope, made: Made) -> str:
    """Somebody for whom the person may act."""

    def add(opened: Unit) -> str:
        id = new_id()
        name = opened.cipher.seal(SECRET.encode(), f"{scope}/represented/name/{id}")
        opened.add(
            Represented(
                id=id, represented_id=new_id(), name=name, kind="proxy", reach="read", state="active", source_version=1
            )
        )
        return str(PublicId(REPRESENTED_ID, scope, id))

    return run(scope, add)


def civil_paper(scope: Scope, made: Made) -> str:
    """A paper that the person handed in."""

    def add(opened: Unit) -> CivilPaper:
        id = new_id()
        words = dict.fromkeys(("name", "number", "paper_number", "asker"), SECRET) | {"paper": "court_ruling"}
        content = opened.cipher.seal(orjson.dumps(words), f"{PLATFORM}/civil_papers/content/{id}")
        return opened.add(
            CivilPaper(
                id=id, resident_id=scope.require_person(), kind="guardianship", content=content, state="submitted",
                submitted_at=opened.now, version=1,
            )
        )  # fmt: skip

    return str(paper_id(run(PLATFORM, add)))
