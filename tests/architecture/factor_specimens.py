"""Specimens of what people prove themselves with, and of apps that act for them; see specimens.py."""

from collections.abc import Mapping

from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.devices.models import Device
from app.identity.devices.rules import DEVICE_ID, KNOWN_FOR
from app.identity.factors.models import Authenticator
from app.identity.factors.proving import AUTHENTICATOR_ID
from app.identity.oidc.models import AppGrant, OAuthApp
from app.identity.oidc.names import GRANT
from app.identity.passkeys.models import Passkey
from app.identity.passkeys.names import PASSKEY_ID
from tests.architecture.cast import SECRET


def authenticator(scope: Scope, made: Mapping[str, str]) -> str:
    """An authenticator app of the person's."""

    def add(opened: Unit) -> str:
        row = Authenticator(
            id=new_id(), name=SECRET, secret=b"unread", state="active", last_step=0, version=1,
            created_at=opened.now, confirmed_at=opened.now,
        )  # fmt: skip
        return str(PublicId(AUTHENTICATOR_ID, scope, opened.add(row).id))

    return run(scope, add)


def passkey(scope: Scope, made: Mapping[str, str]) -> str:
    """A passkey of the person's."""

    def add(opened: Unit) -> str:
        row = Passkey(
            id=new_id(), name=SECRET, credential_id=new_id().bytes, public_key=b"unread", sign_count=0, transports=[],
            aaguid=new_id(), backup_eligible=False, backed_up=False, state="active", version=1, created_at=opened.now,
        )  # fmt: skip
        return str(PublicId(PASSKEY_ID, scope, opened.add(row).id))

    return run(scope, add)


def device(scope: Scope, made: Mapping[str, str]) -> str:
    """A device on which the person has signed in."""

    def add(opened: Unit) -> str:
        row = Device(
            id=new_id(), secret_hash="unread", name=SECRET, first_used_at=opened.now, last_used_at=opened.now,
            due_at=opened.now + KNOWN_FOR,
        )  # fmt: skip
        return str(PublicId(DEVICE_ID, scope, opened.add(row).id))

    return run(scope, add)


def app(scope: Scope, made: Mapping[str, str]) -> str:
    """An app that the tenant registered."""

    def register(opened: Unit) -> str:
        row = OAuthApp(
            id=new_id(), name=SECRET, redirect_uris=[], post_logout_redirect_uris=[], scopes=[], auth_method="none",
            state="active", version=1, created_at=opened.now,
        )  # fmt: skip
        return str(opened.add(row).public_id)

    return run(scope, register)


def app_grant(scope: Scope, made: Mapping[str, str]) -> str:
    """What the person allows an app."""

    def allow(opened: Unit) -> str:
        row = AppGrant(
            id=new_id(), tenant=7, app_id=new_id(), app_name=SECRET, organization="x", scopes=[], state="active",
            version=1, granted_at=opened.now,
        )  # fmt: skip
        return str(PublicId(GRANT, scope, opened.add(row).id))

    return run(scope, allow)
