"""What an app may ask a person for: the one table from scopes to permissions, with the words of the consent page.

An app never has more than the person. A scope is any text that RFC 6749 (3.3) allows, so those of SMART
(`patient/Appointment.rs`) are further lines.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from app.identity.roles import Role, permissions_of


@dataclass(frozen=True)
class Meaning:
    """What a scope opens, and how a person reads it."""

    chinese: str
    english: str
    permissions: frozenset[str] = frozenset()
    """Of the API; empty for what only `userinfo` answers."""


OPENID = "openid"
PROFILE = "profile"
PHONE = "phone"
OFFLINE = "offline_access"
SCOPES: Mapping[str, Meaning] = {
    OPENID: Meaning("确认您是谁", "Confirm who you are"),
    PROFILE: Meaning("读取您的语言设置", "Read your language"),
    PHONE: Meaning("读取您的手机号码", "Read your phone number"),
    OFFLINE: Meaning(
        "在您离开后继续使用这些权限，直到您撤回", "Keep this access while you are away, until you withdraw it"
    ),
    "appointments.read": Meaning("读取您的预约", "Read your appointments", frozenset({"appointments.read"})),
    "bills.read": Meaning("读取您的账单", "Read your bills", frozenset({"bills.read"})),
}


def permissions_for(scopes: Iterable[str]) -> frozenset[str]:
    """What an access token with `scopes` may do: never more than the person themself."""
    opened = frozenset[str]().union(*(SCOPES[scope].permissions for scope in scopes if scope in SCOPES))
    return opened & permissions_of([Role.RESIDENT])


def asked(scope: str | None, allowed: Collection[str]) -> list[str] | None:
    """The scopes in `scope`, each once and sorted; None where one of them is not allowed, or none is named."""
    wanted = sorted(set((scope or "").split()))
    return wanted if wanted and set(wanted) <= set(allowed) else None
