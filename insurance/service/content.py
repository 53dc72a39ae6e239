"""What was supplied and why, of settlements, claims and cases: the one place that seals and opens it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from app.core.unit import Unit
from insurance.models import Claim, ClaimCase, Settlement
from insurance.rules.splits import Item, LineSplit


@dataclass(frozen=True)
class Content:
    """The lines, the diagnoses (ICD-10) for which, and who bears what of each line."""

    items: tuple[Item, ...] = field(repr=False)
    diagnoses: tuple[str, ...] = field(repr=False)
    split: tuple[LineSplit, ...]
    person: str = field(repr=False)
    """The member number; empty without insurance, and at the insurer, who has it already."""

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Content":
        """What `plain` wrote."""
        items = tuple(Item(**one) for one in plain["items"])
        return cls(items, tuple(plain["diagnoses"]), tuple(LineSplit(**one) for one in plain["split"]), plain["person"])

    def plain(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "items": [asdict(item) for item in self.items], "diagnoses": list(self.diagnoses),
            "split": [asdict(line) for line in self.split], "person": self.person,
        }  # fmt: skip

    def split_as(self, lines: Sequence[LineSplit]) -> "Content":
        """The same with another split."""
        return replace(self, split=tuple(lines))


def seal_content(unit: Unit, table: str, id: uuid.UUID, content: Content) -> bytes:
    """Content of a row of `table` (`settlements`, `claims`, `claim_cases`), encrypted."""
    return unit.cipher.seal(orjson.dumps(content.plain()), _place(unit, f"{table}/content", id))


def content_of(unit: Unit, row: Settlement | Claim | ClaimCase) -> Content:
    """The content of a row."""
    opened = unit.cipher.open(row.content, _place(unit, f"{row.__tablename__}/content", row.id))
    return Content.read(orjson.loads(opened))


def seal_credential(unit: Unit, id: uuid.UUID, credential: str) -> bytes:
    """A person's credential for one settlement, encrypted."""
    return unit.cipher.seal(credential.encode(), _place(unit, "settlements/credential", id))


def credential_of(unit: Unit, row: Settlement) -> str:
    """The credential, empty where none is kept."""
    if row.credential is None:
        return ""
    return unit.cipher.open(row.credential, _place(unit, "settlements/credential", row.id)).decode()


def seal_decision(unit: Unit, id: uuid.UUID, plain: Mapping[str, Any]) -> bytes:
    """A decision about a case, encrypted."""
    return unit.cipher.seal(orjson.dumps(plain), _place(unit, "claim_cases/decision", id))


def decision_of(unit: Unit, row: ClaimCase) -> dict[str, Any] | None:
    """The decision about a case, if there is one."""
    if row.decision is None:
        return None
    opened: dict[str, Any] = orjson.loads(unit.cipher.open(row.decision, _place(unit, "claim_cases/decision", row.id)))
    return opened


def seal_key(unit: Unit, id: uuid.UUID, key: str) -> bytes:
    """A provider's key with a scheme, encrypted."""
    return unit.cipher.seal(key.encode(), _place(unit, "scheme_connections/key", id))


def seal_former_keys(unit: Unit, id: uuid.UUID, keys: Mapping[str, str]) -> bytes:
    """A provider's keys at addresses that it left, encrypted."""
    return unit.cipher.seal(orjson.dumps(keys), _place(unit, "scheme_connections/former_keys", id))


def open_former_keys(unit: Unit, id: uuid.UUID, sealed: bytes | None) -> dict[str, str]:
    """A provider's keys at addresses that it left, by address."""
    if sealed is None:
        return {}
    keys: dict[str, str] = orjson.loads(unit.cipher.open(sealed, _place(unit, "scheme_connections/former_keys", id)))
    return keys


def open_key(unit: Unit, id: uuid.UUID, sealed: bytes) -> str:
    """A provider's key with a scheme."""
    return unit.cipher.open(sealed, _place(unit, "scheme_connections/key", id)).decode()


def _place(unit: Unit, column: str, id: uuid.UUID) -> str:
    return f"tenant:{unit.scope.require_tenant()}/{column}/{id}"
