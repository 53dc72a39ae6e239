"""What the factory may use of insurance."""

from insurance.connectors.scheme import connect_schemes
from insurance.names import SCHEME_HOSTS
from insurance.service.costs import own_cost

__all__ = ["SCHEME_HOSTS", "connect_schemes", "own_cost"]
