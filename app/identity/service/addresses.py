"""Codes counted by the address, the device and the person that ask for them, so that nobody has messages sent without
end.

All are kept as blind digests alone. Of IPv6 the first 64 bits count: the rest is anybody's to choose.
"""

import uuid
from ipaddress import IPv6Address, ip_address, ip_network

from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.identity.errors import TooManyFromAddress, TooManyFromDevice, TooManyFromPerson
from app.identity.models import CodeAddress
from app.identity.repository import count_address
from app.identity.rules import (
    ADDRESS_BURST,
    ADDRESS_PAUSE,
    DEVICE_BURST,
    DEVICE_PAUSE,
    PERSON_BURST,
    PERSON_PAUSE,
)

SITE_BITS = 64


def spend(address: str) -> None:
    """Count one code for `address`, in one statement; raises TooManyFromAddress, which is not counted."""

    def work(opened: Unit) -> bool:
        return count_address(opened, key, ADDRESS_BURST, ADDRESS_PAUSE)

    key = database().blind.digest("code_address", site(address))
    if not run(Scope.for_key(CodeAddress.__tablename__, key), work):
        wait = int(ADDRESS_PAUSE.total_seconds())
        raise TooManyFromAddress("many codes were asked for from your network", retry_after=wait)


def spend_of_device(token: str) -> None:
    """Count one code for the device that says `token`; raises TooManyFromDevice, which is not counted."""

    def work(opened: Unit) -> bool:
        return count_address(opened, key, DEVICE_BURST, DEVICE_PAUSE)

    key = database().blind.digest("code_device", token)
    if not run(Scope.for_key(CodeAddress.__tablename__, key), work):
        wait = int(DEVICE_PAUSE.total_seconds())
        raise TooManyFromDevice("many codes were asked for on this device", retry_after=wait)


def spend_of_person(person: uuid.UUID) -> None:
    """Count one code for `person`, who is known; raises TooManyFromPerson, which is not counted."""

    def work(opened: Unit) -> bool:
        return count_address(opened, key, PERSON_BURST, PERSON_PAUSE)

    key = database().blind.digest("code_person", str(person))
    if not run(Scope.for_key(CodeAddress.__tablename__, key), work):
        wait = int(PERSON_PAUSE.total_seconds())
        raise TooManyFromPerson("you asked for many codes for a change of your number", retry_after=wait)


def site(address: str) -> str:
    """What of `address` counts; raises ValueError for a text that is no address."""
    known = ip_address(address)
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, SITE_BITS), strict=False))
