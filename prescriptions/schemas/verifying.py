"""How far the signatures on a prescription can be relied upon."""

import base64

from marshmallow import Schema, fields

from app.edge.schema import YES_OR_NO, Instant, Word
from app.identity.api import Certified
from prescriptions.rules.documents import SignedAs
from prescriptions.service.verifying import CHECKED, Verified


def _stamp(one: Verified) -> str | None:
    return base64.b64encode(one.judged.stamp).decode() if one.judged.stamp else None


class VerifiedSignatureOut(Schema):
    """One signature; `signed_at` is what the signer says, `stamped_at` what a time-stamp authority says."""

    role = Word([*SignedAs, CHECKED], attribute="signature.role")
    name = fields.String(attribute="signature.name")
    algorithm = fields.String(attribute="signature.algorithm")
    digest = fields.String(attribute="judged.digest", allow_none=True)
    key_id = fields.String(attribute="signature.key_id")
    signed_at = fields.String(attribute="signature.signed_at", metadata={"format": "date-time"})
    is_of_document = fields.Function(lambda one: one.judged.is_of_content, metadata=YES_OR_NO)
    certificate = Word(Certified, attribute="judged.certified")
    x5c = fields.List(fields.String(), attribute="judged.chain")
    stamped_at = Instant(attribute="judged.stamped_at", allow_none=True)
    time_stamp = fields.Function(_stamp, metadata={"type": ["string", "null"]})


class VerificationOut(Schema):
    """Whether all signatures hold: each of this very document, by a key that a trusted authority vouched for then."""

    holds = fields.Function(lambda found: found.holds, metadata=YES_OR_NO)
    document_digest = fields.String()
    signatures = fields.List(fields.Nested(VerifiedSignatureOut))
