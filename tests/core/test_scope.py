"""What can be bound, and how it is written."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.scope import MAX_TENANT, Scope, ScopeKind
from tests.tables import let_through

PERSON = uuid.UUID("01890000-0000-7000-8000-000000000001")
DIGEST = "ab" * 32


@pytest.mark.parametrize(
    ("scope", "kind", "tenant", "person", "key"),
    [
        (Scope.for_tenant(7), ScopeKind.TENANT, "7", "none", "none"),
        (Scope.for_tenant(7, as_resident=PERSON), ScopeKind.TENANT, "7", str(PERSON), "none"),
        (Scope.for_person(PERSON), ScopeKind.PERSON, "none", str(PERSON), "none"),
        (Scope.for_key("logins", DIGEST), ScopeKind.KEY, "none", "none", f"logins:{DIGEST}"),
        (Scope.for_key("logins", PERSON), ScopeKind.KEY, "none", "none", f"logins:{PERSON.hex}"),
    ],
)
def test_all_three_settings_are_bound_with_begin(
    scope: Scope, kind: ScopeKind, tenant: str, person: str, key: str
) -> None:
    assert scope.kind is kind
    assert scope.begin() == (
        f"BEGIN; SET LOCAL app.tenant = '{tenant}'; SET LOCAL app.person = '{person}'; SET LOCAL app.key = '{key}'"
    )


BAD: list[dict[str, Any]] = [
    {},
    {"tenant": 0},
    {"tenant": -1},
    {"tenant": MAX_TENANT + 1},
    {"tenant": True},
    {"tenant": 7.0},
    {"tenant": "7"},
    {"tenant": "7'; SET ROLE owner; --"},
    {"person": str(PERSON)},
    {"person": "x'; --"},
    {"tenant": 7, "person": "x'; --"},
    {"tenant": 7, "key": f"logins:{DIGEST}"},
    {"person": PERSON, "key": f"logins:{DIGEST}"},
    {"key": "logins"},
    {"key": "logins:"},
    {"key": "logins:abc"},
    {"key": f"Logins:{DIGEST}"},
    {"key": f"logins:{DIGEST.upper()}"},
    {"key": f"logins:{DIGEST}\n"},
    {"key": f"logins:{DIGEST}'; --"},
    {"key": f"log'ins:{DIGEST}"},
    {"key": f"logins:{'a' * 129}"},
]


def test_what_cannot_be_bound_is_refused() -> None:
    assert let_through(lambda values: Scope(**dict(values)), [tuple(one.items()) for one in BAD], match=".") == set()


@given(st.integers(1, MAX_TENANT) | st.uuids())
def test_a_scope_is_read_back_as_it_was_written(value: int | uuid.UUID) -> None:
    scope = Scope.for_tenant(value) if isinstance(value, int) else Scope.for_person(value)
    assert Scope.parse(str(scope)) == scope


def test_another_spelling_is_no_scope() -> None:
    texts = [
        "",
        "7",
        "tenant:",
        "tenant:0",
        "tenant:07",
        "tenant:+7",
        "tenant: 7",
        "tenant:7_0",
        "tenant:７",
        "tenant:x",
        "person:",
        f"person:{PERSON.hex}",
        f"person:{{{PERSON}}}",
        f"person:{str(PERSON).upper()}x",
        f"person:{str(PERSON).upper().replace('7000', 'ABCD')}",
        "key:logins",
        f"key:logins:{DIGEST}",
        "other:7",
    ]
    assert let_through(Scope.parse, texts, match=".") == set()


def test_the_name_of_a_key_scope_keeps_its_value_to_itself() -> None:
    assert str(Scope.for_key("logins", DIGEST)) == "key:logins"


def test_asking_for_an_owner_that_is_not_bound_fails() -> None:
    with pytest.raises(ValueError, match="tenant"):
        Scope.for_person(PERSON).require_tenant()
    with pytest.raises(ValueError, match="person"):
        Scope.for_tenant(7).require_person()
    assert Scope.for_person(PERSON).resident is None
    assert Scope.for_tenant(7, as_resident=PERSON).resident == PERSON
