"""As whom the platform asks for passkeys: checked when a process starts."""

import pytest

from app.core.relying_party import RelyingParty
from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.identity.test_sms_settings import ADDRESSES
from tests.production import without
from tests.tables import let_through

ISSUER, DOMAIN, ORIGINS = "CLOUD_ISSUER", "CLOUD_PASSKEY_DOMAIN", "CLOUD_PASSKEY_ORIGINS"
HOSPITAL = "https://id.hospital.example.com"
REST = without(ISSUER)


def party(**more: str) -> RelyingParty:
    return Settings.from_environment(environment(ADDRESSES, new_keys(), **more)).relying_party


@pytest.mark.parametrize(
    ("set_to", "domain", "origins"),
    [
        ({ISSUER: HOSPITAL}, "id.hospital.example.com", [HOSPITAL]),
        ({ISSUER: f"{HOSPITAL}:443"}, "id.hospital.example.com", [HOSPITAL]),
        ({ISSUER: f"{HOSPITAL}:8443", DOMAIN: "example.com"}, "example.com", [f"{HOSPITAL}:8443"]),
        (
            {ISSUER: HOSPITAL, DOMAIN: "hospital.example.com", ORIGINS: "https://hospital.example.com,"},
            "hospital.example.com", [HOSPITAL, "https://hospital.example.com"],
        ),
        ({ISSUER: "https://hospital"}, "hospital", ["https://hospital"]),
    ],
)  # fmt: skip
def test_usable(set_to: dict[str, str], domain: str, origins: list[str]) -> None:
    assert party(**REST, **set_to) == RelyingParty(domain, tuple(origins))


def test_unusable_in_production() -> None:
    unusable = [
        {ISSUER: "https://192.0.2.1"}, {ISSUER: "https://[2001:db8::1]:8443"}, {ISSUER: HOSPITAL, DOMAIN: "com"},
        {ISSUER: HOSPITAL, DOMAIN: "example.org"}, {ISSUER: HOSPITAL, DOMAIN: "l.example.com"},
        {ISSUER: HOSPITAL, ORIGINS: "https://portal.example.com"},
        {ISSUER: HOSPITAL, DOMAIN: "example.com", ORIGINS: "http://portal.example.com"},
        {ISSUER: HOSPITAL, DOMAIN: "example.com", ORIGINS: "https://portal.example.com/"},
        {ISSUER: HOSPITAL, DOMAIN: "example.com", ORIGINS: "https://u@portal.example.com"},
        {ISSUER: HOSPITAL, DOMAIN: "example.com", ORIGINS: "https://evilexample.com"},
    ]  # fmt: skip

    def use(set_to: tuple[tuple[str, str], ...]) -> None:
        party(**REST, **dict(set_to))

    cells = [tuple(one.items()) for one in unusable]
    assert let_through(use, cells, UnsafeSettings, f"{ISSUER}|{DOMAIN}") == set()


@pytest.mark.parametrize("issuer", ["http://localhost", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_development_takes_this_machine(issuer: str) -> None:
    assert party(CLOUD_ISSUER=issuer).origins == (issuer,)
