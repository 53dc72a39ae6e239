"""What identity forgets: tokens that ended long ago, devices that were not used, counts of codes and tries,
authenticators that nobody confirmed, challenges that nobody answered, removed passkeys, and logins and credentials that
were reserved and never held. Messages about notices, and to numbers that were left, go out here.
"""

from sqlalchemy import delete

from app.core.forgetting import forgetting
from app.core.scope import Scope
from app.core.timers import Timer
from app.core.unit import Unit, run, unit
from app.identity.devices.models import Device
from app.identity.factors.models import Authenticator
from app.identity.models import AccessToken, CodeAddress, Login, PersonAccessToken, PhoneChallenge
from app.identity.notices.models import SecurityNotice
from app.identity.notices.sending import send_due
from app.identity.passkeys.holders import let_removed_go, let_reservation_go
from app.identity.passkeys.models import Passkey, PasskeyChallenge, PasskeyHolder, SignInChallenge
from app.identity.passwords.models import SignInTries
from app.identity.phone_changes.leaving import follow
from app.identity.phone_changes.models import PhoneChange
from app.identity.phone_content import phone_of
from app.identity.recoveries.models import AccountRecovery
from app.identity.repository import RESERVED, hold_login
from app.identity.service.sign_in import login_key


def let_go(scope: Scope) -> int:
    """Delete the login of `scope` where it is reserved and due, and its person has not that number.

    Where they have, the sign-in, or the change of their number, was cut off before its last step, which is then done.
    Returns 0 where nothing was due.
    """
    found = run(scope, _due)
    if found is None:
        return 0
    with unit(Scope.for_person(found.person_id)) as reading:
        phone = phone_of(reading)
    if phone is not None and login_key(phone) == found.key:
        run(scope, lambda opened: hold_login(opened, found.key, found.person_id))
    else:
        run(scope, lambda opened: _delete(opened, found))
    return 1


def _due(opened: Unit) -> Login | None:
    return opened.first(opened.select(Login).where(Login.state == RESERVED, Login.due_at <= opened.now))


def _delete(opened: Unit, found: Login) -> None:
    """Unless a sign-in asked for it meanwhile."""
    same = (Login.key == found.key, Login.state == RESERVED, Login.reserved_at == found.reserved_at)
    opened.session.execute(delete(Login).where(*same).execution_options(synchronize_session=False))


FORGETTING = forgetting(
    "forget-sign-ins", AccessToken, PersonAccessToken, PhoneChallenge, CodeAddress, Authenticator, PasskeyChallenge,
    SignInChallenge, Device, SignInTries, AccountRecovery,
)  # fmt: skip
TIMERS = (
    FORGETTING,
    Timer("phone-changes", (PhoneChange,), follow),
    Timer("security-notices", (SecurityNotice,), send_due),
    Timer("let-logins-go", (Login,), let_go, hurried=False),
    Timer("let-passkeys-go", (Passkey,), let_removed_go, hurried=False),
    Timer("let-credentials-go", (PasskeyHolder,), let_reservation_go, hurried=False),
)
