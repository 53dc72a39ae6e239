"""Specimens of who may act for whom, and of how an account ends; see specimens.py."""

from collections.abc import Mapping

import orjson

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.residents.closing.models import DeathRecord
from app.residents.closing.service.deaths import death_id
from app.residents.corrections.content import sealed
from app.residents.corrections.models import Correction
from app.residents.corrections.service import correction_id
from app.residents.family.models import CivilPaper, Representation, Represented
from app.residents.family.service.papers import paper_id
from app.residents.family.service.representations import subject
from app.residents.names import REPRESENTED_ID
from tenants.names import PLATFORM
from tests.architecture.cast import NEVER, SECRET
from tests.platform import new_tenant

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


def death(scope: Scope, made: Made) -> str:
    """A death that an operator proposed."""

    def add(opened: Unit) -> DeathRecord:
        id = new_id()
        words = {"name": SECRET, "certificate": SECRET, "died_on": "2026-01-01"}
        content = opened.cipher.seal(orjson.dumps(words), f"{PLATFORM}/death_records/content/{id}")
        return opened.add(
            DeathRecord(
                id=id, resident_id=new_id(), content=content, state="proposed", proposed_by="staff:x",
                proposed_at=opened.now, version=1,
            )
        )  # fmt: skip

    return str(death_id(run(PLATFORM, add)))


def correction(scope: Scope, made: Made) -> str:
    """What the person asks an institution to correct."""

    def add(opened: Unit) -> Correction:
        row = Correction(
            id=new_id(), resident_id=scope.require_person(), subject="vis_0", area="record", state="open",
            asked_at=opened.now, answer_until=NEVER, version=1,
        )  # fmt: skip
        row.request = sealed(opened, "request", row.id, {"wrong": SECRET, "right": SECRET})
        return opened.add(row)

    return str(correction_id(run(new_tenant(), add)))
