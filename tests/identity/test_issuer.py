"""The issuer's address: checked when a process starts."""

import pytest

from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.identity.test_sms_settings import ADDRESSES
from tests.production import without
from tests.tables import let_through

REST = without("CLOUD_ISSUER")


def issuer(**more: str) -> str:
    return Settings.from_environment(environment(ADDRESSES, new_keys(), **more)).issuer


def test_unsafe() -> None:
    addresses = [
        "", "http://hospital.example.com", "https://", "https://hospital.example.com/", "https://h.example.com/path",
        "https://user@h.example.com", "https://h.example.com?x", "https://h.example.com#x", "//h.example.com", "h",
    ]  # fmt: skip

    def set_to(address: str) -> None:
        issuer(**REST, CLOUD_ISSUER=address)

    assert let_through(set_to, addresses, UnsafeSettings, "CLOUD_ISSUER") == set()


def test_missing_in_production() -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_ISSUER"):
        issuer(**REST)


def test_safe() -> None:
    address = "https://hospital.example.com:8443"
    assert issuer(**REST, CLOUD_ISSUER=address) == address
    assert issuer(CLOUD_ISSUER="http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    assert issuer() == "http://localhost"
