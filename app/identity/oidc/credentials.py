"""The form of the provider's secrets: `<public id>.<random>`; the id says in which person's scope to look. Pure."""

import uuid
from dataclasses import dataclass, field

from app.core.ids import MalformedId, PublicId, new_id
from app.core.scope import Scope, ScopeKind
from app.identity.credentials import fingerprint, new_secret


@dataclass(frozen=True)
class Secret:
    """A code, a token or a cookie taken apart."""

    id: PublicId
    random: str = field(repr=False)

    @classmethod
    def parse(cls, text: str, *prefixes: str) -> "Secret | None":
        """What `text` names, or None where it is none of a person's of these kinds."""
        first, _, random = text.partition(".")
        prefix = first.partition("_")[0]
        if prefix not in prefixes or not random:
            return None
        try:
            known = PublicId.parse(first, prefix)
        except MalformedId:
            return None
        return cls(known, random) if known.scope.kind is ScopeKind.PERSON else None

    @classmethod
    def fresh(cls, prefix: str, scope: Scope, id: uuid.UUID | None = None) -> "Secret":
        """A new one for the person of `scope`."""
        return cls(PublicId(prefix, scope, id or new_id()), new_secret())

    @property
    def hash(self) -> str:
        """What is stored of it."""
        return fingerprint(self.random)

    def __str__(self) -> str:
        """The text that its bearer sends."""
        return f"{self.id}.{self.random}"
