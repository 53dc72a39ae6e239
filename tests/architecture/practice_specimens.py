"""Specimens of what is asked beside roles and licenses before a clinician works online; see specimens.py."""

from collections.abc import Mapping

from app.core.calendar import local_date
from app.core.ids import PublicId, new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.identity.api import Role
from tenants.practice_models import HomeConsent, HomeConsentRequest
from tenants.service.consents import consent_id
from tenants.service.home_asking import request_id
from tests.architecture.cast import NEVER, SECRET, employed


def home_consent(scope: Scope, made: Mapping[str, str]) -> str:
    """That a doctor's home institution lets them practise online at the tenant."""
    member = employed(scope, [Role.DOCTOR])

    def record(opened: Unit) -> PublicId:
        row = HomeConsent(
            id=new_id(), staff_id=member.id, institution=SECRET, state="recorded", number=SECRET, authority="x",
            valid_from=local_date(opened.now), valid_until=NEVER, recorded_by="x", recorded_at=opened.now, version=1,
        )  # fmt: skip
        return consent_id(opened.add(row))

    return str(run(scope, record))


def home_consent_request(scope: Scope, made: Mapping[str, str]) -> str:
    """That a site wants a doctor of the tenant's to practise online there."""

    def ask(opened: Unit) -> PublicId:
        row = HomeConsentRequest(
            id=new_id(), site=7, site_name=SECRET, doctor_name=SECRET, registration_number=SECRET, number="x",
            authority="x", valid_from=local_date(opened.now), valid_until=NEVER, state="asked", asked_at=opened.now,
            version=1,
        )  # fmt: skip
        return request_id(opened.add(row))

    return str(run(scope, ask))
