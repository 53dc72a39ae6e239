"""Ids of other tenants' things in paths: the operator's and a person's endpoints reach across by relay or by choice."""

from app.core.errors import NotFound
from app.core.ids import PublicId
from app.core.scope import ScopeKind
from app.edge.paths import any_id


def tenant_bound(text: str, prefix: str) -> PublicId:
    """The id in a path, of whatever tenant; raises NotFound where it is none of this kind or not a tenant's."""
    known = any_id(text, prefix)
    if known.scope.kind is not ScopeKind.TENANT:
        raise NotFound
    return known
