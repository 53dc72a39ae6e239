"""What the tenants slice hands to the factory."""

from app.edge.slice import Slice
from tenants.endpoints import administering, joining, webhooks
from tenants.names import AFFILIATE, EVENTS, OPEN, PUBLISH, SUSPEND
from tenants.service.membership import take_affiliation
from tenants.service.opening import take_opening, take_publication, take_suspension

SLICE = Slice(
    "tenants",
    blueprints=(joining.blueprint, administering.blueprint, webhooks.blueprint),
    handlers={
        (OPEN, 1): take_opening,
        (SUSPEND, 1): take_suspension,
        (PUBLISH, 1): take_publication,
        (AFFILIATE, 1): take_affiliation,
    },
    events=EVENTS,
)
