"""Ids in paths: read, and held against the caller's scope, before anything is looked up."""

from app.core.errors import NotFound
from app.core.ids import MalformedId, PublicId
from app.core.scope import Scope


def any_id(text: str, prefix: str) -> PublicId:
    """The id in a path, of whatever scope; raises NotFound where it is none of this kind."""
    try:
        return PublicId.parse(text, prefix)
    except MalformedId:
        raise NotFound from None


def own_id(text: str, prefix: str, scope: Scope) -> PublicId:
    """The id in a path, which must lie in `scope`; raises NotFound, the same for strange and for malformed ids."""
    known = any_id(text, prefix)
    if (known.scope.tenant, known.scope.person) != (scope.tenant, scope.person):
        raise NotFound
    return known
