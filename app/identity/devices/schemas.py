"""What devices look like on the wire."""

from marshmallow import Schema, fields

from app.edge.schema import IdOf, Instant
from app.identity.devices.rules import DEVICE_ID
from app.identity.devices.service import subject


class DeviceOut(Schema):
    """A device on which one has signed in."""

    id = IdOf(DEVICE_ID, lambda shown: subject(shown.row))
    name = fields.String(
        attribute="row.name", required=True, allow_none=True, metadata={"description": "What its app called it"}
    )
    first_used_at = Instant(attribute="row.first_used_at", required=True)
    last_used_at = Instant(
        attribute="row.last_used_at", required=True, metadata={"description": "The last sign-in on it"}
    )
    known_until = Instant(
        attribute="row.due_at", required=True,
        metadata={"description": "Until when a sign-in on it needs no second proof"},
    )  # fmt: skip
    is_current = fields.Boolean(required=True, metadata={"description": "Whether this request comes from it"})
