"""Keys that a key service opens at the start: the same as given ones, or no start at all."""

import base64
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
import requests

from app.core.crypto import CannotDecrypt, Cipher, version_of
from app.core.key_settings import checkpoint_ring
from app.core.keys import KeysUnavailable, provider_of
from app.settings import Settings, UnsafeSettings
from deploy.processes import free_port
from deploy.sandbox.kms.server import NAME, PREFIX, Kms
from deploy.stack import environment, new_keys

ADDRESSES = dict.fromkeys(("app", "sealer", "discovery"), "postgresql://nobody@nowhere/nothing")
TOKEN = "token_of_the_tests"
PLACE = "tenant:7/people/phone/1"


@contextmanager
def running(kms: Kms) -> Iterator[str]:
    """The sandbox's service, listening."""
    server = kms.listen("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[Kms, str]]:
    kms = Kms(TOKEN, os.urandom(32))
    with running(kms) as url:
        yield kms, url


def by_service(url: str, **more: str) -> dict[str, str]:
    given = {"CLOUD_KEY_PROVIDER": "transit", "CLOUD_KMS_URL": url, "CLOUD_KMS_KEY": NAME, "CLOUD_KMS_TOKEN": TOKEN}
    return {**given, **more}


def wrapped(kms: Kms, kept: str) -> str:
    number, colon, key = kept.rpartition(":")
    return number + colon + kms.wrapped(base64.b64decode(key))


def settings(keys: Mapping[str, str], **more: str) -> Settings:
    return Settings.from_environment({**environment(ADDRESSES, new_keys(), **more), **keys})


def test_what_given_keys_sealed_a_service_opens_and_the_other_way_round(service: tuple[Kms, str]) -> None:
    """Going over to a service wraps the keys that there are: nothing stored changes, and a ring still rotates."""
    kms, url = service
    one, two = new_keys(), new_keys().ring.removeprefix("1:")
    ring = f"{one.ring},2:{two}"
    given = {"CLOUD_KEYS": ring, "CLOUD_BLIND_KEY": one.blind, "CLOUD_CHECKPOINT_KEYS": one.checkpoints}
    kept = {name: ",".join(wrapped(kms, part) for part in text.split(",")) for name, text in given.items()}
    assert all(PREFIX in text for text in kept.values())
    here, there = settings(given), settings(kept, **by_service(url))
    assert there.cipher.open(here.cipher.seal(b"x", PLACE), PLACE) == b"x"
    assert here.cipher.open(there.cipher.seal(b"x", PLACE), PLACE) == b"x"
    assert version_of(there.cipher.seal(b"x", PLACE)) == 2
    assert version_of(settings(kept, **by_service(url), CLOUD_SEALING_KEY="1").cipher.seal(b"x", PLACE)) == 1
    assert there.blind.digest("phone", "1") == here.blind.digest("phone", "1")
    assert there.checkpoint_keys and there.checkpoint_keys.can_sign
    asked = {"CLOUD_CHECKPOINT_KEYS": kept["CLOUD_CHECKPOINT_KEYS"], **by_service(url)}
    assert checkpoint_ring(asked, production=False) == one.checkpoints, "who restores a backup needs no other"


def test_a_data_key_that_the_service_made_seals(service: tuple[Kms, str]) -> None:
    kms, url = service
    path, headers = f"{url}/v1/transit/datakey/wrapped/{NAME}", {"X-Vault-Token": TOKEN}
    answers = [requests.post(path, json={"bits": bits}, headers=headers, timeout=5).json() for bits in (256, 128)]
    aes, sm4 = (answer["data"]["ciphertext"] for answer in answers)
    rest = {"CLOUD_BLIND_KEY": kms.wrapped(os.urandom(32)), "CLOUD_CHECKPOINT_KEYS": ""}
    cipher = settings({"CLOUD_KEYS": f"1:{aes},2:sm4:{sm4}", **rest}, **by_service(url)).cipher
    sealed = [replace(cipher, sealing=version).seal(b"secret", PLACE) for version in (1, 2)]
    assert [one[0] for one in sealed] == [1, 2]
    assert [cipher.open(one, PLACE) for one in sealed] == [b"secret"] * 2


@pytest.mark.parametrize(
    ("fault", "why"), [("http_500", "status 500"), ("drop", "does not answer"), ("lie", "is none")]
)
def test_without_its_keys_nothing_starts(service: tuple[Kms, str], fault: str, why: str) -> None:
    kms, url = service
    assert requests.post(f"{url}/sandbox/faults", json={fault: 1}, timeout=5).ok
    with pytest.raises(UnsafeSettings, match=why) as refused:
        settings({"CLOUD_KEYS": wrapped(kms, new_keys().ring)}, **by_service(url))
    assert PREFIX not in str(refused.value) and TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"CLOUD_KMS_TOKEN": "another"}, "status 403"),
        ({"CLOUD_KMS_KEY": "another"}, "status 404"),
        ({"CLOUD_KMS_KEY": "../sys"}, "CLOUD_KEY_PROVIDER"),
        ({"CLOUD_KMS_URL": ""}, "CLOUD_KEY_PROVIDER"),
        ({"CLOUD_KEY_PROVIDER": "elsewhere"}, "CLOUD_KEY_PROVIDER"),
        ({"CLOUD_KMS_URL": f"http://127.0.0.1:{free_port()}"}, "connect_failed"),
    ],
)
def test_a_service_that_is_named_wrongly(service: tuple[Kms, str], more: dict[str, str], why: str) -> None:
    kms, url = service
    with pytest.raises(UnsafeSettings, match=why):
        settings({"CLOUD_KEYS": wrapped(kms, new_keys().ring)}, **{**by_service(url), **more})


def test_keys_that_another_service_wrapped_are_not_opened(service: tuple[Kms, str]) -> None:
    other = Kms(TOKEN, os.urandom(32))
    with pytest.raises(UnsafeSettings, match=r"CLOUD_KEYS: .*status 400"):
        settings({"CLOUD_KEYS": wrapped(other, new_keys().ring)}, **by_service(service[1]))


def test_production_asks_over_tls_alone(service: tuple[Kms, str]) -> None:
    provider = provider_of(by_service(service[1]), production=True)
    with pytest.raises(KeysUnavailable, match="destination_refused"):
        provider.opened("vault:v1:x")


def test_an_algorithm_opens_nothing_of_another() -> None:
    aes, sm4 = Cipher({1: os.urandom(32)}), Cipher({1: os.urandom(16)})
    with pytest.raises(CannotDecrypt):
        aes.open(sm4.seal(b"x", PLACE), PLACE)
    altered = bytearray(sm4.seal(b"x", PLACE))
    for place in (0, 1, 5, len(altered) - 1):
        altered[place] ^= 1
        with pytest.raises(CannotDecrypt):
            sm4.open(bytes(altered), PLACE)
        altered[place] ^= 1
    for other in ("elsewhere", ""):
        with pytest.raises(CannotDecrypt):
            sm4.open(bytes(altered), other)
    assert sm4.open(bytes(altered), PLACE) == b"x"
    with pytest.raises(CannotDecrypt):
        sm4.open(bytes(altered[:20]), PLACE)


@pytest.mark.parametrize("kept", ["1:sm4:{32}", "1:{16}", "1:", "1:rot:{32}", "1:sm4:", "1:aes:{16}"])
def test_a_key_fits_its_algorithm(kept: str) -> None:
    lengths = {"{32}": base64.b64encode(bytes(32)).decode(), "{16}": base64.b64encode(bytes(16)).decode()}
    for name, text in lengths.items():
        kept = kept.replace(name, text)
    with pytest.raises(ValueError, match="key ring"):
        Cipher.parse(kept)
