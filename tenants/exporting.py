"""What tenants contribute to the export of everything about a person: applications and affiliations of theirs."""

from app.edge.exporting import Contribution, every, rendered
from tenants.queries import affiliations, applications_of
from tenants.schemas import ApplicationOut
from tenants.staff_schemas import AffiliationOut

CONTRIBUTION = Contribution(
    parts={
        "organization_applications": lambda whose: rendered(
            ApplicationOut, every(lambda asked: applications_of(whose.person, asked))
        ),
        "affiliations": lambda whose: rendered(AffiliationOut, every(lambda asked: affiliations(whose.scope, asked))),
    },
    own=frozenset({"organization_applications", "affiliations"}),
    tables=frozenset({"organization_applications", "person_affiliations"}),
)
