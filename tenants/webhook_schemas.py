"""Bodies and answers of webhook endpoints, deliveries and the feed."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.send.message import EVENT
from app.core.send.models import DeliveryState, EndpointState
from app.edge.paging import PageQuery
from app.edge.schema import IdOf, Input, Instant, PublicIdField, QueryNumber, Text, Version, Word, YesNo
from tenants.names import DELIVERY_ID, ENDPOINT_ID

MOST_TYPES = 100
LARGEST_NUMBER = 2**53 - 1


class EndpointIn(Input):
    """Where to hear which event types."""

    url = Text(2000, required=True)
    types = fields.List(Text(100), required=True, validate=validate.Length(1, MOST_TYPES))


class EndpointOut(Schema):
    """A webhook endpoint."""

    id = IdOf(ENDPOINT_ID, lambda row: PublicId(ENDPOINT_ID, Scope.for_tenant(row.tenant_id), row.id))
    url = fields.String(required=True)
    next_url = fields.String(
        required=True, allow_none=True, metadata={"description": "Takes the place of `url` once it is verified"}
    )
    types = fields.List(fields.String(), required=True)
    state = Word(EndpointState, required=True)
    version = Version(required=True)
    created_at = Instant(required=True)


class RotationIn(Input):
    """Whether to rotate although a former secret still signs; that one ends at once then."""

    force = YesNo(load_default=False)


class EndpointSecretOut(Schema):
    """An endpoint and its fresh secret, which is shown this once."""

    endpoint = fields.Nested(EndpointOut, required=True)
    secret = fields.String(allow_none=True)
    former_until = Instant(
        required=True, allow_none=True, metadata={"description": "Until when the former secret signs too"}
    )


class FeedQuery(Input):
    """Where to begin, and how much at a time."""

    after = QueryNumber(validate=validate.Range(0, LARGEST_NUMBER), load_default=0)
    limit = QueryNumber(validate=validate.Range(1, 100), load_default=20)


class EventOut(Schema):
    """An event, exactly as a hook carries it."""

    id = PublicIdField(EVENT, required=True)
    type = fields.String(required=True)
    schema_version = fields.String(required=True)
    timestamp = fields.String(required=True, metadata={"format": "date-time"})
    seq = fields.Integer(required=True)
    subject = fields.String(required=True)
    subject_version = fields.Integer(required=True)
    data = fields.Dict(required=True)


class FeedOut(Schema):
    """Events in order; ask again with `after` set to `next_after`."""

    data = fields.List(fields.Nested(EventOut), required=True)
    next_after = fields.Integer(required=True)


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state = fields.Enum(DeliveryState, by_value=True, load_default=DeliveryState.EXHAUSTED)


class DeliveryOut(Schema):
    """A delivery: which event for which endpoint, and how far it got."""

    id = IdOf(DELIVERY_ID, lambda row: PublicId(DELIVERY_ID, Scope.for_tenant(row.tenant_id), row.id))
    endpoint = IdOf(ENDPOINT_ID, lambda row: PublicId(ENDPOINT_ID, Scope.for_tenant(row.tenant_id), row.endpoint_id))
    event = IdOf(EVENT, lambda row: PublicId(EVENT, Scope.for_tenant(row.tenant_id), row.entry_id))
    state = Word(DeliveryState, required=True)
    tries = fields.Integer(required=True)
    due_at = Instant(allow_none=True, required=True)
    delivered_at = Instant(allow_none=True, required=True)


class AttemptOut(Schema):
    """One try of a delivery; `answer` is the beginning of what the receiver said."""

    number = fields.Integer(required=True)
    started_at = Instant(required=True)
    outcome = fields.String(required=True)
    status = fields.Integer(allow_none=True, required=True)
    answer = fields.String(allow_none=True, required=True)
    finished_at = Instant(allow_none=True, required=True)


class DeliveryToldOut(Schema):
    """A delivery and its attempts, first to last."""

    delivery = fields.Nested(DeliveryOut, required=True)
    attempts = fields.List(fields.Nested(AttemptOut), required=True)
