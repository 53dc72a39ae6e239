"""What an owner proves themself with beside the phone: passkeys, a password, authenticators and recovery codes."""

import re
from typing import Any

from flask import Response, current_app, request

from app.core.errors import InvalidInput, Problem, Refused
from app.core.relying_party import RelyingParty
from app.identity.account.drawing import qr_code
from app.identity.account.endpoints.entrance import Owner, hang, named, room
from app.identity.account.endpoints.reading import ANSWER, EVERYTHING, answer, read
from app.identity.factors import authenticators, recovery
from app.identity.factors.proving import AUTHENTICATOR_ID
from app.identity.factors.proving import subject as authenticator_id
from app.identity.factors.repository import ACTIVE
from app.identity.factors.schemas import AuthenticatorIn, FirstCodeIn
from app.identity.passkeys.names import PASSKEY_ID, RELYING_PARTY
from app.identity.passkeys.schemas import PasskeyIn, PasskeyNameIn
from app.identity.passkeys.service import asking, owning
from app.identity.passkeys.service.using import subject as passkey_id
from app.identity.passwords import service as passwords
from app.identity.passwords.schemas import PasswordIn

_VERSION = re.compile(r"[0-9]{1,18}")
"""What a column of 64 bits holds."""


def party() -> RelyingParty:
    """As whom this application asks for passkeys."""
    found: RelyingParty = current_app.extensions[RELYING_PARTY]
    return found


def _passkeys(owner: Owner, problem: Problem | None) -> Response:
    return room(
        "passkeys.html", owner, problem, rows=owning.listed(owner.scope, EVERYTHING).data, passkey_id=passkey_id
    )


def _ask(owner: Owner) -> Response:
    """The page on which the browser makes a passkey of that name."""
    name = read(PasskeyNameIn, "name")["name"]
    asked = asking.to_make(owner.sign_in, owner.by, None, owner.scope, party())
    return room("make_passkey.html", owner, None, passkeys="create", name=name, options=asked.options, into=ANSWER)


def _keep(owner: Owner) -> Refused | None:
    made = read(PasskeyIn, "name", credential=answer())
    kept = owning.make(made["credential"], made["name"], owner.sign_in, owner.by, None, owner.scope, party())
    return kept if isinstance(kept, Refused) else None


def _rename(owner: Owner) -> None:
    version = request.form.get("version", "")
    if not _VERSION.fullmatch(version):
        raise InvalidInput(code="stale_version")
    owning.rename(named(PASSKEY_ID, owner), read(PasskeyNameIn, "name")["name"], int(version), owner.by, None)


def _remove_passkey(owner: Owner) -> None:
    owning.remove(named(PASSKEY_ID, owner), owner.sign_in, owner.by, None)


def _password(owner: Owner, problem: Problem | None) -> Response:
    return room("password.html", owner, problem, password=passwords.shown(owner.scope))


def _change_password(owner: Owner) -> None:
    passwords.change(owner.sign_in, read(PasswordIn, "password")["password"], owner.by, None, owner.scope)


def _remove_password(owner: Owner) -> None:
    passwords.remove(owner.sign_in, owner.by, None, owner.scope)


def _authenticators(owner: Owner, problem: Problem | None, **shown: Any) -> Response:
    rows = authenticators.listed(owner.scope, EVERYTHING).data
    has_factor = any(row.state == ACTIVE for row in rows) or bool(owning.listed(owner.scope, EVERYTHING).data)
    return room(
        "authenticators.html", owner, problem, rows=rows, authenticator_id=authenticator_id, active=ACTIVE,
        has_factor=has_factor, left=recovery.left(owner.scope), **shown,
    )  # fmt: skip


def _add(owner: Owner) -> Response:
    """The page with the secret, which is shown this once."""
    name = read(AuthenticatorIn, "name")["name"]
    added = authenticators.add(owner.sign_in, name, owner.by, None, owner.scope)
    return _authenticators(owner, None, added=added, picture=qr_code(added.otpauth_uri))


def _confirm(owner: Owner) -> None:
    code = read(FirstCodeIn, "code")["code"]
    authenticators.confirm(named(AUTHENTICATOR_ID, owner), owner.sign_in, code, owner.by, None)


def _remove(owner: Owner) -> None:
    authenticators.remove(named(AUTHENTICATOR_ID, owner), owner.sign_in, owner.by, None)


def _make_codes(owner: Owner) -> Response:
    """The page with the codes, which are shown this once."""
    return _authenticators(owner, None, made=recovery.make(owner.sign_in, owner.by, None, owner.scope))


hang("passkeys", _passkeys, {"ask": _ask, "keep": _keep, "rename": _rename, "remove": _remove_passkey})
hang("password", _password, {"change": _change_password, "remove": _remove_password})
hang(
    "authenticators", _authenticators,
    {"add": _add, "confirm": _confirm, "remove": _remove, "make-codes": _make_codes},
)  # fmt: skip
