"""Who is calling and what they may do: values only; `identity` makes them, endpoints ask them."""

import uuid
from dataclasses import dataclass

from app.core.scope import Scope
from app.core.unit import Caller

PUBLIC = "public"
"""The permission of an endpoint that asks for no credential; declared like every other."""


@dataclass(frozen=True)
class Principal:
    """An authenticated caller. The scope comes from the credential, never from the request's path or body."""

    actor: str
    scope: Scope
    permissions: frozenset[str]
    sign_in: uuid.UUID | None = None
    """The id of the access token, where it is that of a person's own sign-in."""

    def may(self, permission: str) -> bool:
        """Whether this caller holds `permission`."""
        return permission in self.permissions

    def caller(self, request_id: str) -> Caller:
        """This principal as the author of entries, in one request."""
        return Caller(self.actor, request_id)
