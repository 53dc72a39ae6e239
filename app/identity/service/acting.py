"""Tokens with which somebody acts for another person: after OAuth 2.0 Token Exchange (RFC 8693), subject and actor.

Such a token lies in the scope of the person acted for, so that it ends in the commit that ends the right to it; the
actor's own sign-in is asked at every use too. It cannot be exchanged again: it does not open the exchange.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit
from app.identity.credentials import PERSON, TOKEN, Bearer, fingerprint, new_secret
from app.identity.models import PersonAccessToken
from app.identity.repository import person_token
from app.identity.service.sign_ins import MADE, TOKEN_KEPT

ACTING_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Acting:
    """Who acts with which sign-in of theirs, by which right, as what, and until when at most."""

    actor: uuid.UUID
    sign_in: uuid.UUID
    representation: uuid.UUID
    acting_as: str
    until: datetime | None


@dataclass(frozen=True)
class ActingToken:
    """A fresh token of who acts for a person."""

    id: uuid.UUID
    access_token: str = field(repr=False)
    subject: PublicId
    actor: PublicId
    expires_in: int
    """Seconds."""
    issued_token_type: str = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # RFC 8693, section 3
    token_type: str = "Bearer"  # noqa: S105  # the kind of token (RFC 6750), no secret


def issue_acting_token(opened: Unit, acting: Acting) -> ActingToken:
    """A token for the unit's person; whoever asks holds the right that it is given by."""
    bearer = Bearer(opened.scope, new_id(), new_secret())
    until = min(opened.now + ACTING_LIFE, acting.until or datetime.max.replace(tzinfo=opened.now.tzinfo))
    opened.add(
        PersonAccessToken(
            id=bearer.id, secret_hash=fingerprint(bearer.secret), issued_at=opened.now, expires_at=until,
            due_at=until + TOKEN_KEPT, actor_id=acting.actor, actor_sign_in_id=acting.sign_in,
            representation_id=acting.representation, acting_as=acting.acting_as,
        )
    )  # fmt: skip
    actor = PublicId(PERSON, Scope.for_person(acting.actor), acting.actor)
    record(opened, MADE, PublicId(TOKEN, opened.scope, bearer.id), 1, {"actor": str(actor), "as": acting.acting_as})
    subject = PublicId(PERSON, opened.scope, opened.scope.require_person())
    return ActingToken(bearer.id, str(bearer), subject, actor, int((until - opened.now).total_seconds()))


def who_acts(by: Caller) -> uuid.UUID | None:
    """Who acts for somebody else as the author `by`; None where they act for themself."""
    if not by.behalf:
        return None
    return PublicId.parse(by.actor.partition(":")[2], PERSON).scope.require_person()


def is_signed_in(reading: Unit, sign_in: uuid.UUID) -> bool:
    """Whether that sign-in of the unit's person holds."""
    return person_token(reading, sign_in) is not None
