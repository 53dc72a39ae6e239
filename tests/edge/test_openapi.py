"""The API describes itself truthfully."""

import json
import re
from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import pytest
from flask import Flask
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.core.access import PUBLIC
from app.edge.answers import SHOWN_ONCE
from app.edge.endpoint import endpoint
from app.edge.files import Download
from app.edge.paging import page_of
from app.edge.schema import IN_FEN, MOST_FEN
from tests.edge.slice import EchoOut, EdgeNoteIn, SecretOut

METHODS = ("get", "put", "post", "patch", "delete")


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found = app.test_client().get("/api/v1/openapi.json").json
    assert isinstance(found, dict)
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, one)
        for path, item in document["paths"].items()
        for method, one in item.items()
        if method in METHODS and path.startswith("/api/v1/")  # the token endpoint answers as OAuth does
    ]


def headers(operation: dict[str, Any]) -> set[str]:
    return {one["$ref"].rpartition("/")[2] for one in operation.get("parameters", []) if "$ref" in one}


def test_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_operations_are_named_once(document: dict[str, Any]) -> None:
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(names) == len(set(names)) > 5


def test_every_operation_tells_its_security_and_problems(document: dict[str, Any]) -> None:
    for method, path, one in operations(document):
        public = one["x-permission"] == PUBLIC
        assert one["security"] == ([] if public else [{"bearer": []}]), path
        assert {"406", "503", "default"} <= one["responses"].keys(), path
        assert public or {"401", "403"} <= one["responses"].keys(), path
        assert "{" not in path or "404" in one["responses"], path
        assert ("IdempotencyKey" in headers(one)) <= (method != "get"), path
        assert "x-headers" not in one


def test_keys_and_versions_are_asked_for(document: dict[str, Any]) -> None:
    notes, one = document["paths"]["/api/v1/edge-notes"], document["paths"]["/api/v1/edge-notes/{note_id}"]
    assert headers(notes["post"]) == {"IdempotencyKey"}
    assert headers(one["put"]) == {"IdempotencyKey", "IfMatch"}
    assert {"412", "428"} <= one["put"]["responses"].keys()
    assert (headers(one["get"]), headers(document["paths"]["/api/v1/edge-echoes"]["post"])) == (set(), set())
    assert {parameter["name"] for parameter in notes["get"]["parameters"]} == {"limit", "cursor"}
    assert "304" in one["get"]["responses"]


def test_problems_are_problem_json(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        expected = set() if name == "NOT_MODIFIED" else {"application/problem+json"}
        assert response.get("content", {}).keys() == expected, name


def test_files_are_described_by_their_media_types(document: dict[str, Any]) -> None:
    sent = document["paths"]["/api/v1/visits/{visit_id}/pictures"]["post"]
    given = document["paths"]["/api/v1/visit-pictures/{visit_picture_id}"]["get"]
    binary = {"schema": {"type": "string", "format": "binary"}}
    both = {"image/jpeg": binary, "image/png": binary}
    assert (sent["requestBody"], given["responses"]["200"]["content"]) == ({"required": True, "content": both}, both)
    assert {"413", "415", "422"} <= sent["responses"].keys()


def test_own_fields_are_described(document: dict[str, Any]) -> None:
    fields_of = document["components"]["schemas"]["EdgeNoteIn"]["properties"]
    assert fields_of["at"]["format"] == "date-time"
    assert fields_of["source"]["pattern"].startswith("^note_")
    amount = document["components"]["schemas"]["LineIn"]["properties"]["amount"]
    assert (amount["type"], amount["minimum"], amount["maximum"]) == ("integer", 0, 10**13 - 1)
    assert document["components"]["schemas"]["EdgeNoteIn"]["additionalProperties"] is False


def test_schemas_say_what_their_classes_say(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    unexplained = [name for name, one in sorted(schemas.items()) if not one.get("description") and "Page" not in name]
    assert unexplained == []
    assert schemas["EdgeNoteIn"]["description"] == cleandoc(EdgeNoteIn.__doc__ or "")
    for name in ("AppointmentOut", "PaymentOut"):
        state = schemas[name]["properties"]["state"]
        assert [word for word in state["enum"] if f"`{word}`" not in state["description"]] == []


def answered_schemas(document: dict[str, Any]) -> set[str]:
    """The names of the schemas that successful answers are made of."""
    found: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in document["components"]["schemas"] and name not in found | {"Problem"}:
                found.add(name)
                walk(document["components"]["schemas"][name])
        for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            walk(one)

    for _, _, one in operations(document):
        walk(one["responses"])
    return found


def test_answers_have_all_their_fields_but_secrets(document: dict[str, Any]) -> None:
    optional: dict[str, set[str]] = {}
    for name in answered_schemas(document):
        schema = document["components"]["schemas"][name]
        if absent := schema.get("properties", {}).keys() - set(schema.get("required", [])):
            optional[name] = absent
    assert optional["EndpointSecretOut"] == {"secret"}
    assert all(absent == SHOWN_ONCE.get(name) for name, absent in optional.items())


def answered_fields(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Schema, name and description of each field of successful answers."""
    for schema in sorted(answered_schemas(document)):
        for name, described in document["components"]["schemas"][schema].get("properties", {}).items():
            yield schema, name, described


def test_a_generator_of_clients_finds_a_type_for_every_field(document: dict[str, Any]) -> None:
    kinds = {"type", "$ref", "anyOf", "allOf"}
    assert [(schema, name) for schema, name, one in answered_fields(document) if not kinds & one.keys()] == []


def test_patterns_are_written_as_json_schema_asks(document: dict[str, Any]) -> None:
    patterns = set(re.findall(r'"pattern": "([^"]+)"', json.dumps(document)))
    assert "^[0-9a-f]{64}$" in patterns
    assert [one for one in sorted(patterns) if re.search(r"\\[AZ]", one)] == []


def test_ids_and_states_are_never_any_text(document: dict[str, Any]) -> None:
    limits = {"id": "pattern", "state": "enum"}
    found = [(schema, name, one) for schema, name, one in answered_fields(document) if name in limits]
    assert len(found) > 50
    assert [(schema, name) for schema, name, one in found if limits[name] not in one] == []


def test_ids_say_what_they_look_like(document: dict[str, Any]) -> None:
    prefixes = {
        "EndpointOut": "whe",
        "MemberOut": "sta",
        "LicenseOut": "lic",
        "TenantOut": "ten",
        "OwnSignInOut": "tok",
        "VisitOut": "vis",
        "AppointmentOut": "apt",
        "BillOut": "bil",
        "ContractOut": "fdc",
        "RoutingOrderOut": "rou",
        "SettlementOut": "stl",
        "ClaimCaseOut": "ccs",
        "ClaimCaseDetailOut": "ccs",
    }
    schemas = document["components"]["schemas"]
    assert {schema: schemas[schema]["properties"]["id"]["pattern"] for schema in prefixes} == {
        schema: f"^{prefix}_[0-9a-v]+$" for schema, prefix in prefixes.items()
    }


def test_states_and_reasons_are_listed(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["EndpointOut"]["properties"]["state"]["enum"] == ["unverified", "active", "disabled", "deleted"]
    assert schemas["LicenseOut"]["properties"]["state"]["enum"][0] == "submitted"
    assert schemas["AppointmentOut"]["properties"]["reason"]["enum"] == ["unpaid", "canceled", "stopped", None]
    assert schemas["ContractOut"]["properties"]["reason"]["enum"].count("other") == 1


@pytest.mark.parametrize("schema", ["ClaimCaseOut", "ClaimCaseDetailOut"])
def test_a_claim_case_says_what_its_parts_look_like(document: dict[str, Any], schema: str) -> None:
    schemas = document["components"]["schemas"]
    case = schemas[schema]["properties"]
    assert case["state"]["enum"] == ["open", "decided", "settled", "withdrawn"]
    assert case["kind"]["enum"] == ["visit", "medicine"]
    assert schemas["DecisionOut"]["properties"]["outcome"]["enum"] == ["approved", "partial", "denied"]
    for name, prefix in {"claim": "clm", "provider": "ten", "coverage": "cov"}.items():
        assert case[name]["pattern"] == f"^{prefix}_[0-9a-v]+$"


def test_amounts_are_said_to_be_in_fen(document: dict[str, Any]) -> None:
    amounts = {"account", "amount", "billed", "cash", "copay", "deductible", "fund", "personal", "price", "total"}
    found = {
        (schema, name): one.get("description", "")
        for schema, described in document["components"]["schemas"].items()
        for name, one in described.get("properties", {}).items()
        if name in amounts
    }
    assert len(found) > 30
    assert [place for place, said in found.items() if "fen" not in said] == []


def test_amounts_that_are_sent_have_bounds(document: dict[str, Any]) -> None:
    sent = {
        (schema, name): one
        for schema, described in document["components"]["schemas"].items()
        for name, one in described.get("properties", {}).items()
        if schema.endswith("In") and IN_FEN in one.get("description", "")
    }
    assert len(sent) > 5
    assert [place for place, one in sent.items() if one["minimum"] < 0 or one["maximum"] > MOST_FEN] == []


def test_nothing_is_published_that_nothing_uses(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    unused = [name for name in document["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
    assert unused == []


def test_problems_are_the_ones_that_are_described(document: dict[str, Any], app: Flask) -> None:
    described = document["components"]["schemas"]["Problem"]
    given = app.test_client().post("/api/v1/sign-ins", json={"phone": "1", "x": 1}).json
    assert isinstance(given, dict)
    assert set(described["required"]) <= given.keys() <= described["properties"].keys()
    assert re.fullmatch(described["properties"]["type"]["pattern"], given["type"])
    assert given["errors"][0].keys() == described["properties"]["errors"]["items"]["properties"].keys()
    assert "Retry-After" in document["components"]["responses"]["TOO_MANY_REQUESTS"]["headers"]


@pytest.mark.parametrize(
    "declaration",
    [
        {"permission": PUBLIC, "answer": EchoOut},
        {"permission": "x", "answer": SecretOut, "secret_fields": ("client_secrt",)},
        {"permission": "x", "answer": SecretOut, "secret_fields": ("id",)},
        {"permission": PUBLIC, "answer": SecretOut, "idempotent_by": "y", "secret_fields": ("client_secret",)},
        {"permission": "x", "answer": Download(("image/png",))},
    ],
)
def test_contradicting_declarations_are_refused(declaration: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"say what|no optional field|keeps no answer|no key can keep"):
        endpoint(Blueprint("x", __name__), "POST", "/x", **declaration)


def test_pages_of_a_schema_are_one_schema() -> None:
    class ThingOut(Schema):
        name = fields.String()

    assert page_of(ThingOut) is page_of(ThingOut)
    assert page_of(ThingOut).__name__ == "ThingPage"
