"""Nothing comes back into the scope of an erased account, whatever slice would write there."""

import ast

import pytest

from app.core.ids import new_id
from app.core.relays import Answer, Handlers, Incoming
from app.core.scope import Scope
from app.core.unit import SYSTEM, Unit, run
from app.factory import SLICES, hearing
from app.identity.api import Closed, apply_at_once, close_account, locked_person
from app.residents.names import CORRECTION_RELAY
from tests.architecture.cast import new_person
from tests.architecture.sources import PRODUCT, sources
from tests.platform import Platform

ANSWERING = {key for one in SLICES for key in one.answers_for_erased}
HEARD = sorted({key for one in SLICES for key in one.handlers} - ANSWERING)


@pytest.fixture(scope="module")
def erased(platform: Platform) -> Scope:
    scope = new_person()
    run(scope, _erase)
    return scope


@pytest.fixture(scope="module")
def handlers(platform: Platform) -> Handlers:
    return hearing(platform.settings).handlers


def _erase(opened: Unit) -> None:
    account = locked_person(opened)
    assert account
    close_account(opened, account, Closed.ERASED)


def test_no_relay_is_heard_for_an_erased_account(erased: Scope, handlers: Handlers) -> None:
    """Each is refused before it is read; that a living one would have been read is what the empty payload shows."""
    relay, living = Incoming(new_id(), Scope.for_tenant(7), "per_0", "x", {}), new_person()

    def hear(scope: Scope, key: tuple[str, int]) -> Answer:
        return run(scope, lambda opened: handlers[key](opened, relay))

    assert {key for key in HEARD if hear(erased, key) != {"refused": "account_erased"}} == set()
    for scope, keys in ((living, {(CORRECTION_RELAY, 1)}), (erased, ANSWERING)):
        for key in keys:
            with pytest.raises(KeyError):
                hear(scope, key)


def test_nothing_is_applied_at_once_for_an_erased_account(erased: Scope) -> None:
    living, applied = new_person(), list[Scope]()
    for scope in (erased, living):
        apply_at_once(scope.require_person(), lambda opened: applied.append(opened.scope), SYSTEM)
    assert applied == [living]


def test_what_is_shown_at_once_is_shown_so() -> None:
    """Who acts for others is shown by a way of its own, which ends it where their account is closed."""
    others = {"app/residents/family/service/representations.py"}
    found = {
        source.path: ast.unparse(function)
        for source in sources(*PRODUCT)
        for function in source.functions()
        if function.name in ("show_at_once", "take_at_once")
    }
    assert others < set(found)
    assert {path for path, text in found.items() if "apply_at_once(" not in text} == others
