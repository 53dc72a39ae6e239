"""A production process does not start without a gateway that is reached over TLS."""

import pytest

from app.settings import Settings, UnsafeSettings
from deploy.stack import environment, new_keys
from tests.production import PRODUCTION, without

ADDRESSES = {name: f"postgresql://{name}@db.example.com/cloud" for name in ("app", "sealer", "discovery")}


def read(**more: str) -> Settings:
    return Settings.from_environment(environment(ADDRESSES, new_keys(), **more))


@pytest.mark.parametrize(
    "sms",
    [
        {},
        {"CLOUD_SMS_URL": "https://sms.example.com"},
        {"CLOUD_SMS_KEY": "secret"},
        {"CLOUD_SMS_URL": "http://sms.example.com", "CLOUD_SMS_KEY": "secret"},
    ],
)
def test_unsafe(sms: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_SMS"):
        read(**without("CLOUD_SMS"), **sms)


def test_safe_in_production_and_optional_in_development() -> None:
    settings = read(**PRODUCTION)
    assert settings.sms_url == "https://sms.example.com"
    assert "secret" not in repr(settings)
    assert read().sms_url == ""
