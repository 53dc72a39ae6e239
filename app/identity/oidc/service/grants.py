"""What a person allows an app: given on the consent page, seen and withdrawn by the person."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import update

from app.core.errors import NotFound
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.oidc.models import AppFamily, AppGrant
from app.identity.oidc.names import ACTIVE, ENDED, GRANT
from app.identity.oidc.service.apps import App


@dataclass(frozen=True)
class Consent:
    """What a person agreed to, as the page said it."""

    app: App
    organization: str
    scopes: Collection[str]


def active(opened: Unit, app: PublicId, *, lock: bool = False) -> AppGrant | None:
    """What the unit's person allows `app` now."""
    query = opened.select(AppGrant).where(AppGrant.app_id == app.id, AppGrant.state == ACTIVE)
    return opened.first(query.with_for_update() if lock else query)


def allowed(scope: Scope, app: App) -> frozenset[str]:
    """The scopes that the person of `scope` allows `app` now."""
    with unit(scope) as reading:
        row = active(reading, app.id)
    return frozenset(row.scopes) if row else frozenset()


def allow(opened: Unit, consent: Consent) -> AppGrant:
    """Note that the unit's person allows the app that much; the former grant grows."""
    row = active(opened, consent.app.id, lock=True)
    if row is None:
        return _begin(opened, consent)
    scopes = sorted({*row.scopes, *consent.scopes})
    if scopes != row.scopes:
        row.scopes, row.version = scopes, row.version + 1
        record(opened, "app_grant.extended", public_id(row), row.version, {"scopes": scopes})
    return row


def end(grant: PublicId, by: Caller, effect: Effect | None = None) -> AppGrant:
    """Withdraw a grant: every token that came of it is dead from this commit on. Raises NotFound."""

    def work(opened: Unit) -> AppGrant:
        row = opened.get(AppGrant, grant.id, lock=True)
        if row is None:
            raise NotFound
        if row.state == ACTIVE:
            row.state, row.ended_at, row.version = ENDED, opened.now, row.version + 1
            _end_families(opened, row)
            record(opened, "app_grant.ended", grant, row.version, {})
        return row

    return run(grant.scope, work, by, effect=effect)


def public_id(row: AppGrant) -> PublicId:
    """How a grant is named outside."""
    return PublicId(GRANT, Scope.for_person(row.person_id), row.id)


def _begin(opened: Unit, consent: Consent) -> AppGrant:
    row = opened.add(
        AppGrant(
            id=new_id(), tenant=consent.app.id.scope.require_tenant(), app_id=consent.app.id.id,
            app_name=consent.app.name, organization=consent.organization, scopes=sorted(consent.scopes), state=ACTIVE,
            version=1, granted_at=opened.now,
        )
    )  # fmt: skip
    facts = {"app": str(consent.app.id), "scopes": list(row.scopes)}
    record(opened, "app_grant.given", public_id(row), 1, facts)
    opened.flush()
    return row


def _end_families(opened: Unit, row: AppGrant) -> None:
    mine = (AppFamily.person_id == row.person_id, AppFamily.grant_id == row.id, AppFamily.revoked_at.is_(None))
    change = update(AppFamily).where(*mine).values(revoked_at=opened.now)
    opened.session.execute(change.execution_options(synchronize_session=False))
