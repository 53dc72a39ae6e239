"""Nothing but the counts for supervision puts doctors and medicines together: no filter, no list, no search (统方)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from app.edge.api import PREFIX

DOCTOR = re.compile(r"doctor|prescriber|author|staff|physician|written_by")
MEDICINE = re.compile(r"medicine|drug|product|ingredient|atc|formulary|^lines|groups")
BOTH = {
    "CountedOut": "the counts themselves",
    "SharedRecordOut": "who wrote what for one resident, who consented to its being read or is told of the emergency",
}
"""The rows that may hold both, each with the reason."""
Document = Mapping[str, Any]


@pytest.fixture(scope="module")
def document(app: Flask) -> Document:
    found: Document = app.test_client().get(f"{PREFIX}/openapi.json").get_json()
    return found


def both(names: Iterator[str]) -> bool:
    known = list(names)
    return any(map(DOCTOR.search, known)) and any(map(MEDICINE.search, known))


def asked(document: Document) -> Iterator[tuple[str, list[str]]]:
    """Each endpoint with the names of what its path and its query ask for."""
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            if isinstance(one, dict) and "x-permission" in one:
                declared = [*operations.get("parameters", ()), *one.get("parameters", ())]
                names = [each["name"] for each in declared if each.get("in") in ("query", "path")]
                yield f"{method.upper()} {path}", [*names, *path.split("/")[-1:]] if names else []


def listed(document: Document) -> Iterator[tuple[str, set[str]]]:
    """Each page of the API, with the names of the fields of its rows."""
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        rows = schema.get("properties", {}).get("data", {}).get("items", {}).get("$ref")
        if rows:
            row = rows.rpartition("/")[2]
            yield row, set(schemas[row].get("properties", {}))


def test_no_endpoint_is_asked_by_doctor_and_medicine(document: Document) -> None:
    found = dict(asked(document))
    assert "drug_count_id" in found["POST /api/v1/drug-counts/{drug_count_id}/reading"]
    assert [door for door, names in sorted(found.items()) if both(iter(names)) and "drug-counts" not in door] == []


def test_no_list_shows_doctors_beside_medicines(document: Document) -> None:
    found = dict(listed(document))
    assert {"MedicineOut", "WrittenPrescriptionOut"} <= set(found)
    assert [row for row, names in sorted(found.items()) if both(iter(names))] == [*BOTH]


def test_the_rule_finds_what_it_is_for() -> None:
    assert both(iter(["doctor", "medicine"]))
    assert both(iter(["doctor_id", "ingredient_group", "limit"]))
    assert not both(iter(["doctor", "date"]))
