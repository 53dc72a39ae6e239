"""Documents between their stored form (JSON, or rows of `licenses`) and the values that rules take."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from tenants.models import License
from tenants.rules import Document, Paper


def stored(paper: Paper) -> dict[str, Any]:
    """`paper` as JSON."""
    return {
        "kind": paper.kind.value, "number": paper.number, "issuer": paper.issuer, "subjects": list(paper.subjects),
        "valid_until": paper.valid_until.isoformat(),
    }  # fmt: skip


def read(document: dict[str, Any]) -> Paper:
    """The paper that `stored` wrote."""
    return Paper(
        Document(document["kind"]), document["number"], document["issuer"], tuple(document["subjects"]),
        date.fromisoformat(document["valid_until"]),
    )  # fmt: skip


def of_rows(rows: Iterable[License]) -> list[Paper]:
    """The papers in rows of `licenses`."""
    return [Paper(Document(row.kind), row.number, row.issuer, tuple(row.subjects), row.valid_until) for row in rows]
