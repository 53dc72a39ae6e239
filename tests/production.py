"""What a production process is told at least."""

PRODUCTION = {
    "CLOUD_ENVIRONMENT": "production",
    "CLOUD_SMS_URL": "https://sms.example.com/",
    "CLOUD_SMS_KEY": "secret",
    "CLOUD_ISSUER": "https://hospital.example.com",
    "CLOUD_HOSTS": "hospital.example.com",
    "CLOUD_MALWARE_SCANNER": "none",
}


def without(*prefixes: str) -> dict[str, str]:
    """All of it, but what begins with one of `prefixes`."""
    return {name: value for name, value in PRODUCTION.items() if not name.startswith(prefixes)}
