"""What other slices may use of tenants."""

from tenants.names import OUTSIDE, PUBLIC_TYPES
from tenants.service.opening import profile_of
from tenants.service.platform import invite_operator
from tenants.service.staff import grants
from tenants.service.webhooks import Outside

__all__ = ["OUTSIDE", "PUBLIC_TYPES", "Outside", "grants", "invite_operator", "profile_of"]
