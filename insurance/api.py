"""What the factory and other slices may use of insurance."""

from insurance.connectors.scheme import connect_schemes
from insurance.names import CASE_ID, SCHEME_HOSTS
from insurance.service.cases import resident_of_case
from insurance.service.costs import own_cost

__all__ = ["CASE_ID", "SCHEME_HOSTS", "connect_schemes", "own_cost", "resident_of_case"]
