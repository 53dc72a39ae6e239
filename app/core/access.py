"""Who is calling and what they may do: values only; `identity` makes them, endpoints ask them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.scope import Scope
from app.core.unit import Caller

PUBLIC = "public"
"""The permission of an endpoint that asks for no credential; declared like every other."""
FRESH_FOR = timedelta(minutes=15)
"""For how long a proved second factor is fresh: one sitting at a desk, so that nobody is asked at every signature, and
short enough that who finds an unlocked screen after a break signs nothing (NIST SP 800-63B, AAL3: 15 minutes idle).
"""


@dataclass(frozen=True)
class Principal:
    """An authenticated caller. The scope comes from the credential, never from the request's path or body."""

    actor: str
    scope: Scope
    permissions: frozenset[str]
    sign_in: uuid.UUID | None = None
    """The id of the access token, where it is that of a person's own sign-in."""
    own: tuple[uuid.UUID, uuid.UUID] | None = None
    """Of a person who calls as themself or for another: they, and the sign-in of their own that stands behind it."""
    second_factor_at: datetime | None = None
    """When the sign-in behind the token proved a second factor last; None where it never did."""
    is_client: bool = False
    """Whether a system calls: it has no sign-in, and its credentials are what proves it."""
    roles: tuple[str, ...] = ()
    """The roles in which a member of a staff acts: of the one affiliation that the token is for."""
    behalf: str = ""
    """The person for whom the actor acts, where that is somebody else."""

    def may(self, permission: str) -> bool:
        """Whether this caller holds `permission`."""
        return permission in self.permissions

    def is_fresh(self, now: datetime) -> bool:
        """Whether a second factor was proved lately; a client holds only permissions that are meant for clients."""
        if self.is_client:
            return True
        return self.second_factor_at is not None and now - self.second_factor_at < FRESH_FOR

    def caller(self, request_id: str) -> Caller:
        """This principal as the author of entries, in one request."""
        return Caller(self.actor, request_id, self.roles, self.behalf)
