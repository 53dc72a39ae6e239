"""Bodies and answers of webhook endpoints, deliveries and the feed."""

from marshmallow import Schema, fields, validate

from app.core.ids import PublicId
from app.core.scope import Scope
from app.core.send.message import EVENT
from app.core.send.models import DeliveryState
from app.edge.paging import PageQuery
from app.edge.schema import Input, Instant, QueryNumber, Text, Version
from tenants.names import DELIVERY_ID, ENDPOINT_ID

MOST_TYPES = 100
LARGEST_NUMBER = 2**53 - 1


class EndpointIn(Input):
    """Where to hear which event types."""

    url = Text(2000, required=True)
    types = fields.List(Text(100), required=True, validate=validate.Length(1, MOST_TYPES))


class EndpointOut(Schema):
    """A webhook endpoint."""

    id = fields.Function(lambda row: str(PublicId(ENDPOINT_ID, Scope.for_tenant(row.tenant_id), row.id)))
    url = fields.String()
    types = fields.List(fields.String())
    state = fields.String()
    version = Version()
    created_at = Instant()


class EndpointSecretOut(Schema):
    """A fresh endpoint; the secret is shown this once."""

    endpoint = fields.Nested(EndpointOut)
    secret = fields.String(allow_none=True)


class FeedQuery(Input):
    """Where to begin, and how much at a time."""

    after = QueryNumber(validate=validate.Range(0, LARGEST_NUMBER), load_default=0)
    limit = QueryNumber(validate=validate.Range(1, 100), load_default=20)


class EventOut(Schema):
    """An event, exactly as a hook carries it."""

    id = fields.String()
    type = fields.String()
    schema_version = fields.String()
    timestamp = fields.String()
    seq = fields.Integer()
    subject = fields.String()
    subject_version = fields.Integer()
    data = fields.Dict()


class FeedOut(Schema):
    """Events in order; ask again with `after` set to `next_after`."""

    data = fields.List(fields.Nested(EventOut))
    next_after = fields.Integer()


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    state = fields.Enum(DeliveryState, by_value=True, load_default=DeliveryState.EXHAUSTED)


class DeliveryOut(Schema):
    """A delivery: which event for which endpoint, and how far it got."""

    id = fields.Function(lambda row: str(PublicId(DELIVERY_ID, Scope.for_tenant(row.tenant_id), row.id)))
    endpoint = fields.Function(lambda row: str(PublicId(ENDPOINT_ID, Scope.for_tenant(row.tenant_id), row.endpoint_id)))
    event = fields.Function(lambda row: str(PublicId(EVENT, Scope.for_tenant(row.tenant_id), row.entry_id)))
    state = fields.String()
    tries = fields.Integer()
    due_at = Instant(allow_none=True)
    delivered_at = Instant(allow_none=True)


class AttemptOut(Schema):
    """One try of a delivery; `answer` is the beginning of what the receiver said."""

    number = fields.Integer()
    started_at = Instant()
    outcome = fields.String()
    status = fields.Integer(allow_none=True)
    answer = fields.String(allow_none=True)
    finished_at = Instant(allow_none=True)


class DeliveryToldOut(Schema):
    """A delivery and its attempts, first to last."""

    delivery = fields.Nested(DeliveryOut)
    attempts = fields.List(fields.Nested(AttemptOut))
