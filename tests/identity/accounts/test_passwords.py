"""Passwords: which are taken, who may set them, and how they are kept."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from app.core.access import FRESH_FOR
from app.core.errors import TryLater
from app.core.unit import Unit, run
from app.identity.passwords.hashing import GATE, MEMORY_KIB, MOST_AT_ONCE, PASSES, hashed, is_outdated, is_right
from app.identity.passwords.models import Password
from app.identity.passwords.rules import LEAST, LEAST_WITH_FACTOR, fault_of, normalized, parts_of
from app.identity.passwords.schemas import PasswordIn
from tests.identity.accounts.owners import PASSWORD, Owner, Stopped, later
from tests.platform import Platform

PATH = "/me/password"
KNOWN = parts_of("+8613912345678", "欧阳长风", "110101195001010012")


def test_which_are_taken() -> None:
    rules = {
        "c0rrect hor": "too_short", "c0rrect hors": None, "马" * 12: "too_common",
        "1a!B" * 40: "too_long",
        "abcdefghijklmnop": "too_common", "qwertyuiopasdf": "too_common", "987654321098": "too_common",
        "BusinessBabe": "too_common", "sunshine2026!": "too_common", "2026 Liverpool": "too_common",
        "sunshine and rain": None, "48201957-3-love-90": None, "4820-love-19": None,
        "482-liverpool-195": "too_common", "482-liverpool-19573": None,
        "Password12345": "too_common", "13912345678x!": "about_yourself", "欧阳长风19500101": "about_yourself",
        "+8613912345678": "about_yourself", "x19500101-1101": None, "一个很长的句子没有人会猜": None,
    }  # fmt: skip
    assert {password: fault_of(password, KNOWN, has_factor=False) for password in rules} == rules


def test_a_factor_allows_shorter_ones() -> None:
    assert (LEAST, LEAST_WITH_FACTOR) == (12, 8)
    assert fault_of("x7!kq9Zp", KNOWN, has_factor=True) is None
    assert fault_of("x7!kq9Z", KNOWN, has_factor=True) == "too_short"


@pytest.mark.parametrize("text", ["a\x07b", "a\ue000b", "a\u0378b"])
def test_what_cannot_be_typed(text: str) -> None:
    with pytest.raises(ValueError, match="typed"):
        normalized(text)


def test_set_changed_and_removed(owner: Owner) -> None:
    assert owner.me.do("GET", PATH) == {"is_set": False, "changed_at": None}
    assert owner.me.do("PUT", PATH, {"password": PASSWORD})["is_set"] is True
    other = owner.elsewhere().sign_in(code=owner.code(), password=PASSWORD)
    assert owner.me.do("PUT", PATH, {"password": PASSWORD + "!"})["is_set"] is True
    assert other.me.refused(401, "GET", "/me") == "unauthenticated", "a change ends the other sign-ins"
    assert owner.me.do("DELETE", PATH) == {"is_set": False, "changed_at": None}
    assert owner.me.refused(404, "DELETE", PATH) == "not_found"
    assert owner.kinds() == ["password_set", "new_device", "password_changed", "password_removed"]


def test_a_weak_one_is_refused_with_the_rule(owner: Owner) -> None:
    assert owner.me.rules("PUT", PATH, {"password": "short"}) == {("/password", "too_short")}
    longest = PasswordIn().fields["password"].metadata["maxLength"]
    assert owner.me.rules("PUT", PATH, {"password": "1a!B" * (longest // 4) + "x"}) == {("/password", "too_long")}
    assert owner.me.rules("PUT", PATH, {"password": owner.phone.removeprefix("+86") + "!"}) == {
        ("/password", "about_yourself")
    }
    assert owner.kinds() == []


def test_a_sign_in_of_long_ago_changes_nothing(owner: Owner, stopped: Stopped) -> None:
    later(stopped, seconds=FRESH_FOR.total_seconds())
    assert owner.me.refused(403, "PUT", PATH, {"password": PASSWORD}) == "fresh_sign_in_required"
    owner.sign_in().enrol().set_password()
    later(stopped, seconds=FRESH_FOR.total_seconds())
    assert owner.me.refused(403, "DELETE", PATH) == "second_factor_required"


def test_kept_as_argon2id_and_encrypted(platform: Platform, owner: Owner) -> None:
    assert hashed("x").startswith(f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$")
    owner.set_password()
    with platform.connection() as connection:
        row = connection.execute("SELECT hash FROM passwords WHERE person_id = %s", [owner.scope.person]).fetchone()
    assert row and b"argon2" not in row[0] and PASSWORD.encode() not in row[0]


def test_no_more_are_looked_at_at_once_than_memory_is_meant_for() -> None:
    with ExitStack() as busy:
        for _ in range(MOST_AT_ONCE):
            busy.enter_context(GATE.passed())
        with pytest.raises(TryLater, match="under way"):
            is_right("x", None)


def test_set_twice_at_once_there_is_one(owner: Owner) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: owner.set_password(), range(2)))
    assert sorted(owner.kinds()) == ["password_changed", "password_set"]


def test_parameters_that_have_changed_are_followed_at_the_next_sign_in(owner: Owner, stopped: Stopped) -> None:
    owner.set_password()
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(normalized(PASSWORD))
    assert is_outdated(weak)

    def stored(opened: Unit) -> str:
        row = opened.session.scalars(opened.select(Password)).one()
        return opened.cipher.open(row.hash, f"{opened.scope}/passwords/hash/{row.id}").decode()

    def weaken(opened: Unit) -> None:
        row = opened.session.scalars(opened.select(Password)).one()
        row.hash = opened.cipher.seal(weak.encode(), f"{opened.scope}/passwords/hash/{row.id}")

    run(owner.scope, weaken)
    assert owner.refused(password=PASSWORD + "x") == "proof_not_accepted"
    assert run(owner.scope, stored) == weak
    stopped.ahead += timedelta(seconds=2)
    owner.sign_in(password=PASSWORD)
    assert not is_outdated(run(owner.scope, stored))
