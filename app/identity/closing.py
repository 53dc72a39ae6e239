"""Identity's part in the end of an account."""

from app.core.unit import unit
from app.edge.closing import Closing, Rule
from app.edge.exporting import Whose
from app.identity.passkeys.holders import let_all_go
from app.identity.phone_changes.leaving import leave
from app.identity.phone_content import phone_of
from app.identity.service.sign_in import login_key, release_login


def _erase(whose: Whose) -> None:
    """The phone is free: whoever signs in with it next is somebody new. Passkeys lead to nobody."""
    let_all_go(whose.scope)
    leave(whose.scope)
    with unit(whose.scope) as reading:
        phone = phone_of(reading)
    if phone is not None:
        release_login(login_key(phone), whose.person)


CLOSING = Closing(
    erased=frozenset(
        {
            "person_access_tokens", "authenticators", "recovery_codes", "factor_tries", "app_grants",
            "authorization_codes", "app_families", "app_tokens", "browser_sessions", "logins", "devices", "passwords",
            "passkeys", "passkey_challenges", "passkey_holders", "security_notices", "account_recoveries",
            "phone_changes",
        }
    ),
    kept={"persons": Rule.JOURNAL, "access_tokens": Rule.PASSING},
    erase=_erase,
)  # fmt: skip
