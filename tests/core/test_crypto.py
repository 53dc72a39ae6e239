"""What is sealed opens at its place, with a key of the ring, unaltered; and digests that only compare."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.crypto import BlindIndex, CannotDecrypt, Cipher, version_of
from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.tables import let_through

ONE, TWO = bytes(range(32)), bytes(range(32, 64))
PLACE = "tenant:7/people/phone/1"


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.binary(max_size=300), st.text(max_size=40))
def test_sealed_values_open_at_their_place(plain: bytes, place: str) -> None:
    cipher = Cipher({1: ONE})
    assert cipher.open(cipher.seal(plain, place), place) == plain


def test_two_seals_of_one_value_differ() -> None:
    assert len({Cipher({1: ONE}).seal(b"x", PLACE) for _ in range(50)}) == 50


def test_another_place_does_not_open() -> None:
    sealed = Cipher({1: ONE}).seal(b"x", PLACE)
    with pytest.raises(CannotDecrypt):
        Cipher({1: ONE}).open(sealed, PLACE.replace("tenant:7", "tenant:8"))


@given(st.data())
def test_an_altered_value_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(Cipher({1: ONE, 2: TWO}).seal(b"secret", PLACE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotDecrypt):
        Cipher({1: ONE, 2: TWO}).open(bytes(sealed), PLACE)


@given(st.integers(0, 40))
def test_a_shortened_value_does_not_open(length: int) -> None:
    sealed = Cipher({1: ONE}).seal(b"0123456789", PLACE)
    with pytest.raises(CannotDecrypt):
        Cipher({1: ONE}).open(sealed[: min(length, len(sealed) - 1)], PLACE)


def test_older_keys_only_open() -> None:
    old, both, new = Cipher({1: ONE}), Cipher({1: ONE, 2: TWO}), Cipher({2: TWO})
    assert both.open(old.seal(b"x", PLACE), PLACE) == b"x"
    assert new.open(both.seal(b"x", PLACE), PLACE) == b"x"
    with pytest.raises(CannotDecrypt):
        new.open(old.seal(b"x", PLACE), PLACE)


def test_a_malformed_ring_is_refused_without_showing_it() -> None:
    rings = [
        "",
        "1",
        "1:",
        ":",
        f"x:{text(ONE)}",
        f"1:{text(ONE[:31])}",
        f"1:{text(ONE)}x",
        f"1:{text(ONE)},",
        "1:密钥",
        f"0:{text(ONE)}",
        f"-1:{text(ONE)}",
        f"65536:{text(ONE)}",
        f"1:{text(ONE)},1:{text(TWO)}",
    ]

    def shown(ring: str) -> bool:
        """Whether its refusal, which speaks of keys, shows it."""
        with pytest.raises(ValueError, match=r"key") as refused:
            Cipher.parse(ring)
        return bool(ring) and ring in str(refused.value)

    assert let_through(Cipher.parse, rings, match="key") == set()
    assert {ring for ring in rings if shown(ring)} == set()


def test_a_ring_is_read() -> None:
    cipher = Cipher.parse(f"1:{text(ONE)},2:{text(TWO)}")
    assert cipher.keys == {1: ONE, 2: TWO}
    assert text(ONE) not in repr(cipher) and repr(ONE) not in repr(cipher)


def test_digests_are_equal_for_equal_values_of_a_kind_alone() -> None:
    index = BlindIndex.parse(text(ONE))
    assert index.digest("phone", "1") == index.digest("phone", "1")
    others = {index.digest("phone", "2"), index.digest("login", "1"), BlindIndex(TWO).digest("phone", "1")}
    assert index.digest("phone", "1") not in others and len(others) == 3
    assert repr(ONE) not in repr(index)


def test_a_kind_cannot_run_into_its_value() -> None:
    with pytest.raises(ValueError, match="colon"):
        BlindIndex(ONE).digest("phone:1", "2")


@pytest.mark.parametrize("key", ["", text(ONE[:31]), text(ONE) + "x", "密钥"])
def test_a_malformed_blind_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"key|ASCII"):
        BlindIndex.parse(key)


def test_a_new_key_may_be_made_known_before_it_seals() -> None:
    new = Cipher({1: ONE, 2: TWO})
    waiting = Cipher({1: ONE, 2: TWO}, sealing=1)
    assert version_of(new.seal(b"x", "a")) == 2
    assert version_of(waiting.seal(b"x", "a")) == 1
    assert waiting.open(new.seal(b"x", "a"), "a") == b"x"
    with pytest.raises(ValueError, match="not in the ring"):
        Cipher({1: ONE}, sealing=2)


def test_the_settings_name_the_key_that_seals() -> None:
    addresses = dict.fromkeys(("app", "sealer", "discovery"), "postgresql://nobody@nowhere/nothing")
    keys = new_keys()
    ring = f"{keys.ring},2:{new_keys().ring.removeprefix('1:')}"

    def sealer(**more: str) -> int:
        return Settings.from_environment(environment(addresses, replace(keys, ring=ring), **more)).cipher.sealer

    assert (sealer(), sealer(CLOUD_SEALING_KEY="1")) == (2, 1)
    for wrong in ("3", "x", "0"):
        with pytest.raises(UnsafeSettings, match="CLOUD_"):
            sealer(CLOUD_SEALING_KEY=wrong)


@pytest.mark.parametrize("sealed", [b"", b"x", b"xx"])
def test_what_is_too_short_was_sealed_by_nothing(sealed: bytes) -> None:
    assert version_of(sealed) == 0
