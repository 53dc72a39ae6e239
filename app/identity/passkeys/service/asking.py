"""What a caller hands to the browser: a challenge with everything around it."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Forbidden, WrongState
from app.core.relying_party import RelyingParty
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.factors.freshness import MISSING, refuse_unattended
from app.identity.factors.repository import hold
from app.identity.passkeys import ceremonies, challenges
from app.identity.passkeys.ceremonies import Known
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import ACTIVE, PROOF, REGISTRATION
from app.identity.passkeys.repository import passkeys
from app.identity.passkeys.rules import CHALLENGE_LIFE, MOST, masked
from app.identity.phone_content import phone_of


@dataclass(frozen=True)
class Asked:
    """What the browser shall do, as WebAuthn writes it, and for how many seconds its answer is taken."""

    options: Any = field(repr=False)
    expires_in: int = int(CHALLENGE_LIFE.total_seconds())


def to_make(sign_in: uuid.UUID, by: Caller, effect: Effect | None, scope: Scope, party: RelyingParty) -> Asked:
    """Ask that sign-in of the person of `scope` to make a passkey.

    Raises SecondFactorRequired where they have a second factor already, FreshSignInRequired where they have none,
    WrongState `too_many_passkeys`.
    """

    def work(opened: Unit) -> Asked:
        hold(opened)
        refuse_unattended(opened, sign_in)
        known = few(opened)
        challenge, phone = challenges.ask(opened, REGISTRATION, sign_in), phone_of(opened)
        name = masked(phone) if phone else str(scope)  # who was parted from their number keeps the account by a passkey
        return Asked(ceremonies.to_make(party, scope.require_person(), name, challenge, _known(known)))

    return run(scope, work, by, effect=effect)


def to_prove(sign_in: uuid.UUID, by: Caller, effect: Effect | None, scope: Scope, party: RelyingParty) -> Asked:
    """Ask that sign-in of the person of `scope` to show a passkey of theirs as a second factor.

    Raises Forbidden `second_factor_missing` where they have no passkey.
    """

    def work(opened: Unit) -> Asked:
        known = [one for one in passkeys(opened) if one.state == ACTIVE]
        if not known:
            raise Forbidden(MISSING, code="second_factor_missing")
        return Asked(ceremonies.to_show(party, challenges.ask(opened, PROOF, sign_in), _known(known)))

    return run(scope, work, by, effect=effect)


def to_sign_in(party: RelyingParty) -> Asked:
    """Ask somebody who is not known yet to show any passkey of theirs."""
    return Asked(ceremonies.to_show(party, challenges.ask_anybody()))


def few(opened: Unit) -> list[Passkey]:
    """The passkeys of the unit's person; raises WrongState `too_many_passkeys` where there is no room for another."""
    rows = passkeys(opened)
    if len(rows) >= MOST:
        raise WrongState("remove one that you do not use any more", code="too_many_passkeys")
    return rows


def _known(rows: list[Passkey]) -> list[Known]:
    return [Known(row.credential_id, row.transports) for row in rows]
