"""Whoever is refused for what they are leaves an entry of it (OWASP ASVS 5.0, 16.3.2)."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g, request

from app.core.access import Principal
from app.core.errors import Forbidden, SecondFactorRequired
from app.core.refusals import Noting

EXTENSION = "cloud_hospital_refusals"
"""Where the application keeps what it has noted."""


@contextmanager
def noting(principal: Principal | None) -> Iterator[None]:
    """Note in the caller's scope that they were refused within, and go on refusing.

    Being asked for a second factor is no refusal: who proves it may. At a public endpoint nobody is known.
    """
    try:
        yield
    except SecondFactorRequired:
        raise
    except Forbidden as refused:
        if principal is not None:
            known: Noting = current_app.extensions[EXTENSION]
            known.note(principal.scope, principal.caller(g.request_id), _door(), refused.code)
        raise


def _door() -> str:
    return f"{request.method} {request.url_rule.rule if request.url_rule else ''}"
