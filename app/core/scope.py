"""Whose rows a transaction may touch: one tenant, one person, or one value.

The scope is bound as three literal settings in the same message as BEGIN, so that row-level security fences every
statement of the transaction. Literals, because SET takes no parameters: each value is therefore of a type that can
only be written in one harmless way (an integer, a uuid, a table name with a hexadecimal value), checked here again.
"""

import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

NONE = "none"
MAX_TENANT = 2**53 - 1
"""Tenant numbers stay exact in JSON (RFC 8785 integers)."""
_KEY = re.compile(r"\A[a-z][a-z0-9_]{0,62}:[0-9a-f]{32,128}\Z")


class ScopeKind(StrEnum):
    """What a unit is bound to."""

    TENANT = "tenant"
    PERSON = "person"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Scope:
    """One tenant (perhaps narrowed to one resident of it), one person, or one row of a value-keyed table.

    Made by the three named constructors; raises ValueError for a value that cannot be bound.
    """

    tenant: int | None = None
    person: uuid.UUID | None = None
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse every combination that is not one of the four kinds of binding."""
        if self.tenant is not None and (type(self.tenant) is not int or not 0 < self.tenant <= MAX_TENANT):
            raise ValueError("a tenant is a number in range")
        if self.person is not None and not isinstance(self.person, uuid.UUID):
            raise ValueError("a person is a uuid")
        if self.key is not None and not _KEY.match(self.key):
            raise ValueError("malformed key scope")
        exactly_one = (self.tenant is not None or self.person is not None) != (self.key is not None)
        if not exactly_one:
            raise ValueError("a scope names one tenant, one person or one value")

    @classmethod
    def for_tenant(cls, tenant: int, as_resident: uuid.UUID | None = None) -> "Scope":
        """All rows of `tenant`; with `as_resident`, only what that resident may see there."""
        return cls(tenant=tenant, person=as_resident)

    @classmethod
    def for_person(cls, person: uuid.UUID) -> "Scope":
        """All rows keyed by `person`."""
        return cls(person=person)

    @classmethod
    def for_key(cls, table: str, value: str | uuid.UUID) -> "Scope":
        """The one row of the value-keyed `table` whose key is `value` (a hexadecimal digest or a uuid)."""
        return cls(key=f"{table}:{value.hex if isinstance(value, uuid.UUID) else value}")

    @property
    def kind(self) -> ScopeKind:
        """Which of the three kinds of scope this is."""
        if self.tenant is not None:
            return ScopeKind.TENANT
        return ScopeKind.PERSON if self.person is not None else ScopeKind.KEY

    @property
    def resident(self) -> uuid.UUID | None:
        """The resident to whose view a tenant scope is narrowed, if any."""
        return self.person if self.tenant is not None else None

    def require_tenant(self) -> int:
        """The tenant's number; raises ValueError in any other kind of scope."""
        if self.tenant is None:
            raise ValueError("not a tenant scope")
        return self.tenant

    def require_person(self) -> uuid.UUID:
        """The person's uuid; raises ValueError where no person is bound."""
        if self.person is None:
            raise ValueError("not a person scope")
        return self.person

    def __str__(self) -> str:
        """How the scope is named in entries and relays: `tenant:7`, `person:<uuid>`, `key:<table>`."""
        if self.tenant is not None:
            return f"tenant:{self.tenant}"
        if self.person is not None:
            return f"person:{self.person}"
        return f"key:{str(self.key).partition(':')[0]}"

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read back what `str` wrote for a tenant or a person; raises ValueError for every other text."""
        kind, _, value = text.partition(":")
        if kind == ScopeKind.TENANT:
            parsed = cls.for_tenant(int(value))
        elif kind == ScopeKind.PERSON:
            parsed = cls.for_person(uuid.UUID(value))
        else:
            raise ValueError("malformed scope")
        if str(parsed) != text:  # one scope, one spelling: it is part of what ciphertexts are bound to
            raise ValueError("malformed scope")
        return parsed

    def begin(self) -> str:
        """The message that opens a transaction and binds it."""
        return f"BEGIN; {self.binding()}"

    def binding(self) -> str:
        """What binds a transaction: all three settings; what is absent is the word `none`."""
        tenant = NONE if self.tenant is None else str(int(self.tenant))
        person = NONE if self.person is None else str(self.person)
        return (
            f"SET LOCAL app.tenant = '{tenant}'; SET LOCAL app.person = '{person}'; "
            f"SET LOCAL app.key = '{self.key or NONE}'"
        )
