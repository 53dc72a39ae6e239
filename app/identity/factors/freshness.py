"""Whether a person's sign-in has proved a second factor: lately, or at all."""

import uuid

from app.core.access import FRESH_FOR
from app.core.errors import Forbidden, SecondFactorRequired, Unauthenticated
from app.core.scope import Scope
from app.core.unit import Unit, unit
from app.edge.admission import PROVE
from app.identity.errors import FreshSignInRequired
from app.identity.factors.repository import has_factor
from app.identity.models import PersonAccessToken

SIGN_IN = "sign in again with a code to your phone, then ask with the new token"
MISSING = "add an authenticator app (POST /api/v1/me/authenticators) or a passkey (/me/passkey-registrations) first"


def refuse_stale(opened: Unit, sign_in: uuid.UUID) -> None:
    """Raise SecondFactorRequired where the unit's person has a second factor and `sign_in` proved nothing lately."""
    if not has_factor(opened):
        return
    row = held(opened, sign_in)
    if row.proved_at is None or opened.now - row.proved_at >= FRESH_FOR:
        raise SecondFactorRequired(PROVE)


def refuse_absent(person: uuid.UUID, sign_in: uuid.UUID) -> None:
    """Refuse where nothing says that the person themself is there: a second factor that was proved lately, or, of who
    has none, a sign-in by a code that is not older.

    Raises SecondFactorRequired, FreshSignInRequired, and Unauthenticated where the sign-in is not there.
    """
    with unit(Scope.for_person(person)) as reading:
        refuse_unattended(reading, sign_in)


def refuse_unattended(opened: Unit, sign_in: uuid.UUID) -> None:
    """As `refuse_absent`, in a unit of the person's that goes on to change something."""
    refuse_stale(opened, sign_in)
    row = held(opened, sign_in)
    if opened.now - (row.proved_at or row.issued_at) >= FRESH_FOR:  # what it proved may be removed since
        raise FreshSignInRequired(SIGN_IN)


def refuse_unproved(person: uuid.UUID, sign_in: uuid.UUID) -> None:
    """Raise SecondFactorRequired where that sign-in of the person has never proved a second factor.

    Raises Forbidden `second_factor_missing` where they have none, Unauthenticated where the sign-in is not there.
    """
    with unit(Scope.for_person(person)) as reading:
        if held(reading, sign_in).proved_at is not None:
            return
        if not has_factor(reading):
            raise Forbidden(MISSING, code="second_factor_missing")
    raise SecondFactorRequired(PROVE)


def held(opened: Unit, sign_in: uuid.UUID) -> PersonAccessToken:
    """The sign-in of the unit's person, held until its end; raises Unauthenticated."""
    row = opened.get(PersonAccessToken, sign_in, lock=True)
    if row is None:
        raise Unauthenticated("the sign-in has ended")
    return row
