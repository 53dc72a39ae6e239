"""Every look that the code can leave has words in the resident's access log: each purpose, kind of thing and role."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest

from app.core.send.message import EVENT
from app.identity.api import Role
from app.residents.rules.access_words import (
    CARE,
    CODES,
    EXTRACT,
    KINDS,
    LANGUAGES,
    PURPOSES,
    ROLES,
    SHARED,
    Told,
    kind_of,
    sentence,
)
from tenants.api import FEED, Who
from tests.architecture.sources import PRODUCT, Source, sources

LOOKS = {"look": 4, "look_for_care": 3, "look_at_shared": 4, "look_for_research": 4}
"""What leaves a mark, with the number of its arguments: the last but one is the purpose, the last what about."""
AT = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)


def looks() -> Iterator[tuple[Source, ast.Call]]:
    for source in sources(*PRODUCT):
        for name, call in source.calls:
            if LOOKS.get(name) == len(call.args):
                yield source, call


def value_of(source: Source, name: ast.expr) -> Any:
    """What the module of `source` means by `name`; a look names its purpose and its thing plainly, to be found here."""
    assert isinstance(name, ast.Name), f"{source.path}:{name.lineno}: name it by a constant or a function"
    return getattr(import_module(source.module), name.id)


def prefix_of(source: Source, about: ast.expr) -> str:
    """The prefix of the id that `about` makes: a call of a function that is one `PublicId(...)`."""
    assert isinstance(about, ast.Call), f"{source.path}:{about.lineno}: make the id by the function of its thing"
    made = value_of(source, about.func)
    home = next(one for one in sources(*PRODUCT) if one.module == made.__module__)
    body = next(one for one in home.functions() if one.name == made.__name__)
    calls = [node for node in ast.walk(body) if isinstance(node, ast.Call) and ast.unparse(node.func) == "PublicId"]
    return str(value_of(home, calls[0].args[0]))


def of_tenants() -> list[tuple[Source, ast.Call]]:
    return [(source, call) for source, call in looks() if ast.unparse(call.func) == "look"]


def test_looks_are_found() -> None:
    assert {source.path.partition("/")[0] for source, _ in of_tenants()} == {"app", "insurance", "prescriptions"}
    assert len(list(looks())) > len(of_tenants())


def test_every_purpose_has_words_and_no_other() -> None:
    assert {value_of(source, call.args[-2]) for source, call in looks()} | {FEED} == set(PURPOSES)


def test_every_kind_has_words_and_no_other() -> None:
    assert {prefix_of(source, call.args[-1]) for source, call in of_tenants()} | {EVENT} == set(KINDS)


def test_every_role_has_words() -> None:
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", Who)
def test_every_sentence_is_whole_and_its_own(who: Who, language: str) -> None:
    """In each language each pair of purpose and kind is told differently, without a hole."""
    name = "名" if who is Who.CLIENT else None
    said = {
        sentence(Told(AT, who, "nurse", name, "示范医院", purpose, kind), language)
        for purpose in PURPOSES
        for kind in CODES
    }
    assert len(said) == len(PURPOSES) * len(CODES)
    assert not [one for one in said if "None" in one or "  " in one]


def test_a_kind_is_known_by_its_id() -> None:
    known = {kind_of(f"{prefix}_0").code for prefix in KINDS}
    shared = {kind.code for kind in SHARED.values()}
    assert known | shared | {CARE.code, EXTRACT.code, kind_of("zzz_0").code} == set(CODES)
