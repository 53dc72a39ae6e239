"""What other slices may use of identity."""

from app.identity.service import authenticate, register_client

__all__ = ["authenticate", "register_client"]
