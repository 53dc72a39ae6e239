"""Reads of how far the signatures on a prescription can be relied upon; nothing clinical stands in the answer."""

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.unit import unit
from app.identity.api import known_of
from prescriptions.errors import not_now
from prescriptions.ids import PrescriptionViewer
from prescriptions.order_queries import paper_of
from prescriptions.routing_ids import OrderViewer
from prescriptions.service.documents import document_of, signatures_of
from prescriptions.service.verifying import Verification, known_to, readable, verification


def of_prescription(viewer: PrescriptionViewer, known: PublicId) -> Verification:
    """Of a signed prescription, as its resident, its doctor or its reviewer; raises NotFound, Forbidden, WrongState."""
    with unit(viewer.at(known), viewer.by) as reading:
        row = viewer.readable(reading, known)
        if row.document is None:
            raise not_now(row.state)
        signatures = signatures_of(reading, row)
        return verification(document_of(reading, row), signatures, known_of(reading, readable(signatures)))


def of_order(viewer: OrderViewer, known: PublicId) -> Verification:
    """Of a prescription as its hospital sent it, with the pharmacy's own signature; raises NotFound, WrongState."""
    paper = paper_of(viewer, known)
    checks = [paper.check] if paper.check else []
    theirs = known_to(Scope.for_tenant(paper.hospital), paper.sent.signatures)
    ours = known_to(Scope.for_tenant(known.scope.require_tenant()), checks)
    return verification(paper.sent.document, [*paper.sent.signatures, *checks], theirs | ours)
