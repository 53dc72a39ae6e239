"""Every route declares what it asks of its caller, and answers a stranger as if nothing were there."""

import re
from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from app.core.access import PUBLIC
from app.core.scope import Scope, ScopeKind
from app.edge.permissions import declared
from tests.architecture.cast import client_token, new_person, person_token
from tests.architecture.specimens import NOT_IDS, PUBLISHED, SPECIMENS
from tests.platform import Platform, new_tenant


def rules(app: Flask) -> list[Rule]:
    return list(app.url_map.iter_rules())


def taking_ids(app: Flask) -> Iterator[Rule]:
    for rule in rules(app):
        if "GET" in (rule.methods or ()) and rule.arguments - set(NOT_IDS) and rule.rule not in PUBLISHED:
            yield rule


def test_every_route_declares_a_permission(app: Flask) -> None:
    silent = [str(rule) for rule in rules(app) if not declared(app.view_functions[rule.endpoint])]
    assert silent == [], "declare a permission, or PUBLIC: @endpoint does it, `declare` for other views"


def test_the_routes_of_every_slice_are_there(app: Flask) -> None:
    paths = {rule.rule for rule in rules(app)}
    assert {"/healthz", "/oauth/token", "/api/v1/openapi.json", "/api/v1/dummy-notes/<note_id>"} <= paths


def test_every_parameter_of_a_readable_path_has_a_specimen(app: Flask) -> None:
    asked = {name for rule in taking_ids(app) for name in rule.arguments}
    missing = sorted(asked - set(SPECIMENS))
    assert missing == [], (
        f"tests/architecture/specimens.py: say in SPECIMENS how to make one for {missing}, so that it is tried with a "
        "stranger's token; or in NOT_IDS why the parameter names no row"
    )
    assert all(name.endswith("_id") for name in asked), "an id in a path is called <thing_id>"


def test_every_exception_is_still_needed(app: Flask) -> None:
    arguments = {name for rule in rules(app) for name in rule.arguments}
    assert set(SPECIMENS) | set(NOT_IDS) <= arguments
    assert set(PUBLISHED) <= {rule.rule for rule in rules(app)}


def test_what_takes_an_id_is_not_public(app: Flask) -> None:
    public = [rule.rule for rule in taking_ids(app) if declared(app.view_functions[rule.endpoint]) == PUBLIC]
    assert public == [], "tests/architecture/specimens.py: say in PUBLISHED why everybody may read it"


def fresh(kind: ScopeKind) -> Scope:
    return new_tenant() if kind is ScopeKind.TENANT else new_person()


def token(scope: Scope, permission: str) -> str:
    """An access token of `scope`: of a client with that permission, or of the person."""
    if scope.kind is ScopeKind.PERSON:
        return person_token(scope)

    return client_token(scope, [permission])


def status(app: Flask, path: str, bearer: str) -> int:
    return app.test_client().get(path, headers={"Authorization": f"Bearer {bearer}"}).status_code


def test_a_stranger_finds_nothing_by_an_id(app: Flask, platform: Platform) -> None:
    tried = 0
    for rule in taking_ids(app):
        permission = str(declared(app.view_functions[rule.endpoint]))
        names = [name for name in re.findall(r"<(?:[^:<>]+:)?([^<>]+)>", rule.rule) if name in SPECIMENS]
        kind = SPECIMENS[names[-1]].kind
        owner, made = fresh(kind), dict[str, str]()
        for name in names:
            made[name] = SPECIMENS[name].make(owner, made)
        path = app.url_map.bind("localhost").build(rule.endpoint, made)
        assert status(app, path, token(owner, permission)) == 200, f"{path}: the owner must find it"
        assert status(app, path, token(fresh(kind), permission)) == 404, f"{path}: a stranger must not"
        tried += 1
    assert tried
