"""Exports of everything about oneself over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from app.core.errors import Forbidden
from app.edge.endpoint import Call, endpoint
from app.edge.files import Download, File
from app.edge.paths import any_id
from app.identity.api import refuse_absent
from app.residents.export_schemas import ExportOut, ExportQuery
from app.residents.names import EXPORT_ID
from app.residents.service import exports
from app.residents.service.exports import Form

blueprint = Blueprint("exports", __name__, description="Residents take everything about themselves along")


@endpoint(blueprint, "POST", "/me/exports", permission="exports.write", query=ExportQuery, answer=ExportOut, status=202)
@blueprint.doc(responses={429: "TOO_MANY_REQUESTS"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def ask(call: Call, query: dict[str, Any]) -> exports.Seen:
    """Ask for everything about oneself, as a JSON file and as a PDF; one at a time (409), three in 24 hours (429).

    Who asks, or fetches, proved a second factor in the last 15 minutes (`second_factor_required`) or, without one,
    signed in then (`fresh_sign_in_required`). Who acts for somebody gets an export of its own, without how that one
    signs in, where they work and who else acts for them.
    """
    _refuse_absent(call)
    return exports.ask(call.person, call.by, call.effect, query["language"])


@endpoint(blueprint, "GET", "/me/exports/<export_id>", permission="exports.read", answer=ExportOut)
def one(call: Call, export_id: str) -> exports.Seen:
    """How far an export is; it is kept for seven days."""
    return exports.export_of(call.person, any_id(export_id, EXPORT_ID), call.by)


@endpoint(
    blueprint, "GET", "/me/exports/<export_id>/file",
    permission="exports.read", answer=Download((Form.JSON.media_type,), {"type": "object"}),
)  # fmt: skip
def file(call: Call, export_id: str) -> File:
    """The JSON file: `docs/export.md` says what is in it. Each fetch stands in the caller's own journal."""
    return _fetched(call, export_id, Form.JSON)


@endpoint(
    blueprint, "GET", "/me/exports/<export_id>/document",
    permission="exports.read", answer=Download((Form.PDF.media_type,)),
)  # fmt: skip
def document(call: Call, export_id: str) -> File:
    """The PDF, which says the same in plain words. Each fetch stands in the caller's own journal."""
    return _fetched(call, export_id, Form.PDF)


def _fetched(call: Call, export_id: str, form: Form) -> File:
    _refuse_absent(call)
    return exports.file_of(call.person, any_id(export_id, EXPORT_ID), call.by, form)


def _refuse_absent(call: Call) -> None:
    """Who calls is there, be it for themself or for somebody whom they represent."""
    if call.principal.own is None:
        raise Forbidden("only a person takes everything about somebody along")
    refuse_absent(*call.principal.own)
