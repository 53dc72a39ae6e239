"""Exports of everything about oneself over HTTP."""

from flask_smorest import Blueprint

from app.edge.endpoint import Call, endpoint
from app.edge.files import Download, File
from app.edge.paths import any_id
from app.residents.export_schemas import ExportOut
from app.residents.names import EXPORT_ID
from app.residents.service import exports

blueprint = Blueprint("exports", __name__, description="Residents take everything about themselves along")


@endpoint(blueprint, "POST", "/me/exports", permission="me.write", answer=ExportOut, status=202)
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def ask(call: Call) -> exports.Seen:
    """Ask for everything about oneself, as one JSON document; one at a time (409), three in 24 hours (429)."""
    return exports.ask(call.person, call.by, call.effect)


@endpoint(blueprint, "GET", "/me/exports/<export_id>", permission="me.read", answer=ExportOut)
def one(call: Call, export_id: str) -> exports.Seen:
    """How far an export is; it is kept for seven days."""
    return exports.export_of(call.person, any_id(export_id, EXPORT_ID))


@endpoint(
    blueprint, "GET", "/me/exports/<export_id>/file",
    permission="me.read", answer=Download((exports.JSON,), {"type": "object"}),
)  # fmt: skip
def file(call: Call, export_id: str) -> File:
    """The document: `docs/export.md` says what is in it. Each fetch stands in the caller's own journal."""
    return exports.file_of(call.person, any_id(export_id, EXPORT_ID), call.by)
