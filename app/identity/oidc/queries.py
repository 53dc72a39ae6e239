"""Reads of the provider that endpoints answer with; lists come in pages."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_

from app.core.scope import Scope
from app.core.unit import unit
from app.edge.paging import Keyset, Page
from app.identity.oidc.models import AppGrant, OAuthApp
from app.identity.oidc.names import ACTIVE

_APPS = Keyset("oauth_apps", (OAuthApp.id,))
_GRANTS = Keyset("app_grants", (AppGrant.id,), descending=True)


def apps(scope: Scope, asked: Mapping[str, Any]) -> Page[OAuthApp]:
    """The apps of the tenant, oldest first; perhaps only those that wait for a review, or do not."""
    with unit(scope) as reading:
        query = reading.select(OAuthApp)
        if asked["review_due"] is not None:
            due = and_(OAuthApp.state == ACTIVE, OAuthApp.review_since.is_not(None))
            query = query.where(due == asked["review_due"])
        return _APPS.page(reading, query, asked)


def grants(scope: Scope, asked: Mapping[str, Any]) -> Page[AppGrant]:
    """What the person allows and allowed, newest first."""
    with unit(scope) as reading:
        return _GRANTS.page(reading, reading.select(AppGrant), asked)
