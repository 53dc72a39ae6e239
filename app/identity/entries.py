"""Which entries of a person's journal are for themself alone: not for a guardian, a proxy or a successor.

How and with which number they sign in, what they allowed apps, where they work, and who else acts for them.
Everything else tells of their care, which who acts for them answers for.
"""

OWN_ENTRIES = frozenset(
    {
        "account_case", "account_recovery", "affiliation", "app", "app_grant", "app_token", "app_tokens",
        "authenticator", "browser_session", "device", "passkey", "password", "recovery_codes", "representation",
        "represented", "security_notice", "sign_in", "signature", "signing_certificate", "signing_key",
    }
)  # fmt: skip
"""By the first word of an entry's type."""
OWN_TYPES = frozenset({"person.locale_changed", "person.parted", "person.phone_changed"})
"""Whole types: with which number somebody signs in and how they are written to, among what became of their account."""
