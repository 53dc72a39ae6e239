"""The one way to make an API endpoint: a permission is declared, the caller admitted, the payload parsed, the answer
rendered, and an effect made idempotent, in this order and for every endpoint alike.
"""

import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

from app.core.access import PUBLIC, Principal
from app.core.errors import Forbidden
from app.core.idempotency import KeyedEffect, Replayed
from app.core.scope import ScopeKind
from app.core.unit import Caller
from app.edge.admission import EXTENSION, admit
from app.edge.answers import Rendering, respond
from app.edge.conditions import expected_version, idempotency_key, request_as_sent, same_request
from app.edge.documentation import Declared, operation, success_headers
from app.edge.files import Download, Upload, reading
from app.edge.parsing import JSON, StrictParser, expect_nothing
from app.edge.permissions import declare
from app.edge.refusing import noting

__all__ = ["ANONYMOUS", "EXTENSION", "Call", "endpoint"]

View = Callable[..., Any]
Entrance = Callable[[], Principal | None]
ANONYMOUS = "anonymous"
"""The actor of a call at a public endpoint."""
_PARSER = StrictParser()


@dataclass(frozen=True)
class Call:
    """One admitted request, as an endpoint gets it."""

    admitted: Principal | None = field(repr=False)
    """None at a public endpoint."""
    by: Caller
    effect: KeyedEffect | None = None
    """To be passed to the one `run` of an effect; None for a GET, and where `idempotent_by` stands."""
    if_match: int | None = None
    """The version that the caller has seen, where the endpoint asks for it; see `app.core.versions`."""

    @property
    def principal(self) -> Principal:
        """Who calls; raises LookupError at a public endpoint, where nobody was asked."""
        if self.admitted is None:
            raise LookupError("a public endpoint knows no caller")
        return self.admitted

    @property
    def person(self) -> uuid.UUID:
        """The person who calls as themself; raises Forbidden where a tenant's client or member of staff does."""
        scope = self.principal.scope
        if scope.kind is not ScopeKind.PERSON:
            raise Forbidden("only a person can do this, as themself")
        return scope.require_person()

    @property
    def sign_in(self) -> uuid.UUID:
        """The sign-in as themself of the person who calls; raises Forbidden where none of one's own called."""
        if self.principal.sign_in is None:
            raise Forbidden("only a sign-in of one's own can prove something")
        return self.principal.sign_in

    @property
    def tenant(self) -> int:
        """The tenant that the caller acts in; raises Forbidden where a person calls as themself."""
        scope = self.principal.scope
        if scope.kind is not ScopeKind.TENANT:
            raise Forbidden("only somebody of an organization can do this")
        return scope.require_tenant()


def endpoint(  # noqa: PLR0913  # one keyword for each thing that an endpoint may declare
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    permission: str,
    body: type[Schema] | None = None,
    query: type[Schema] | None = None,
    upload: Upload | None = None,
    answer: type[Schema] | Download,
    status: int = 200,
    if_match: bool = False,
    idempotent_by: str = "",
    secret_fields: tuple[str, ...] = (),
    partly_versioned: bool = False,
    fresh: bool = False,
) -> Callable[[View], View]:
    """Register the decorated `view(call, [body], [query], **path values)` under `path`.

    A body is JSON, or with `upload` one file, of which the view gets the bytes; an answer is JSON or a `File`.
    Everything but GET is an effect: it asks for an `Idempotency-Key`, and the view passes `call.effect` to `run`.
    `idempotent_by` is the sentence that says why repeating this effect is harmless without a key; a public effect needs
    it, because a key belongs to a caller. With `if_match` the caller says which version it changes (`call.if_match`,
    428 where missing). `secret_fields` of the answer are shown once: they are not kept with the key, and a repeated
    answer leaves them out and names them in `Idempotency-Omitted`. A GET that is `partly_versioned` answers with more
    than its version tells of: it is answered whole, never with 304. A `fresh` endpoint asks whose sign-in proved no
    second factor lately to prove it first (403 `second_factor_required`); clients are proved by their credentials.
    Raises ValueError for a declaration that contradicts itself.
    """
    keyed = method != "GET" and not idempotent_by
    if keyed and permission == PUBLIC:
        raise ValueError(f"{method} {path} is public: say what makes it idempotent")
    if not keyed and secret_fields:
        raise ValueError(f"{method} {path} keeps no answer that could hold a secret")
    if isinstance(answer, Download) and method != "GET":
        raise ValueError(f"{method} {path} answers a file, which no key can keep")
    if fresh and permission == PUBLIC:
        raise ValueError(f"{method} {path} is public: nobody there has proved anything")
    rendering = answer if isinstance(answer, Download) else Rendering(answer(), status, secret_fields)
    guarded = functools.partial(_respond, rendering=rendering, keyed=keyed, if_match=if_match, whole=partly_versioned)

    def register(view: View) -> View:
        declared = Declared(
            name=f"{blueprint.name}_{view.__name__}".replace("-", "_"), permission=permission, method=method,
            takes_body=body is not None or upload is not None, takes_query=query is not None, takes_path="<" in path,
            keyed=keyed, if_match=if_match, fresh=fresh,
        )  # fmt: skip
        handle: View = functools.wraps(view)(functools.partial(guarded, view))
        headers = success_headers(keyed=keyed, secret=bool(secret_fields))
        for schema, media_type in _answers(answer):
            handle = blueprint.response(status, schema, content_type=media_type, headers=headers)(handle)
        handle = _parsed(blueprint, handle, body, query, upload)
        handle = blueprint.doc(**operation(declared))(handle)
        entrance = functools.partial(admit, permission, fresh=fresh)
        admitted = _admitted(handle, entrance, body, upload, [kind for _, kind in _answers(answer)], keyed=keyed)
        blueprint.route(path, methods=[method])(declare(admitted, permission))
        return admitted

    return register


def _answers(answer: type[Schema] | Download) -> list[tuple[Any, str]]:
    """What an endpoint answers, by media type, each with its schema."""
    if isinstance(answer, Download):
        return [(answer.schema, media_type) for media_type in answer.media_types]
    return [(answer, JSON)]


def _parsed(
    blueprint: Blueprint, handle: View, body: type[Schema] | None, query: type[Schema] | None, upload: Upload | None
) -> View:
    blueprint.ARGUMENTS_PARSER = _PARSER
    if query is not None:
        handle = blueprint.arguments(query, location="query")(handle)
    if upload is not None:
        handle = blueprint.doc(**upload.described())(reading(handle))
    return blueprint.arguments(body)(handle) if body is not None else handle


def _admitted(
    handle: View,
    entrance: Entrance,
    body: type[Schema] | None,
    upload: Upload | None,
    answers: Sequence[str],
    *,
    keyed: bool,
) -> View:
    taken = (JSON,) if body is not None else upload.media_types if upload else ()
    bare = keyed and not taken  # what needs no key may read a body itself, as others sign it byte for byte

    @functools.wraps(handle)
    def enter(*args: Any, **values: Any) -> Any:
        g.principal = entrance()
        if request.accept_mimetypes and request.accept_mimetypes.best_match(answers) is None:
            raise NotAcceptable(f"this is answered as {' or '.join(answers)}: say in Accept that you take it")
        if taken and request.mimetype not in taken:
            raise UnsupportedMediaType(f"send {' or '.join(taken)}, and say so in Content-Type")
        if bare:
            expect_nothing()
        if upload is not None:
            upload.allow()
        return handle(*args, **values)

    return enter


def _keyed(by: Caller, rendering: Rendering | Download) -> KeyedEffect:
    return KeyedEffect(by.actor, idempotency_key(), same_request(), rendering, request_as_sent())


def _respond(
    view: View, *parsed: Any, rendering: Rendering | Download, keyed: bool, if_match: bool, whole: bool, **values: Any
) -> Response:
    principal: Principal | None = g.principal
    by = principal.caller(g.request_id) if principal else Caller(ANONYMOUS, g.request_id)
    effect = _keyed(by, rendering) if keyed else None
    call = Call(principal, by, effect, expected_version() if if_match else None)
    try:
        with noting(principal):
            result = view(call, *parsed, **values)
    except Replayed as replayed:
        return respond(replayed.answer, replayed=True)
    if effect is None:
        return respond(rendering(result), whole=whole)
    if effect.answer is None:
        raise RuntimeError("an effect's unit was run without its key")
    return respond(effect.answer)
