"""Specimens of consents, emergency accesses and research projects; see specimens.py."""

from collections.abc import Mapping

from app.core.calendar import local_date
from app.core.ids import new_id
from app.core.scope import Scope
from app.core.unit import Unit, run
from app.records.content import seal_explanation
from app.records.models import EmergencyAccess, ResearchProject
from app.records.service.emergencies import emergency_id
from app.records.service.projects import project_id
from app.residents.consent_models import Consent
from app.residents.service.consents import consent_id
from tests.architecture.cast import SECRET

Made = Mapping[str, str]


def consent(scope: Scope, made: Made) -> str:
    """What the person lets some institution read."""

    def grant(opened: Unit) -> Consent:
        return opened.add(
            Consent(
                person_id=scope.require_person(), id=new_id(), tenant=7, institution_id=new_id(),
                institution_name=SECRET, purpose="treatment", category="visits", text_version=1, text_sha256="0" * 64,
                ends_on=local_date(opened.now), state="granted", granted_at=opened.now, version=1,
            )
        )  # fmt: skip

    return str(consent_id(run(scope, grant)))


def emergency_access(scope: Scope, made: Made) -> str:
    """An access that some doctor of the tenant opened."""

    def open_one(opened: Unit) -> EmergencyAccess:
        id, now = new_id(), opened.now
        return opened.add(
            EmergencyAccess(
                tenant_id=scope.require_tenant(), id=id, resident_id=new_id(), staff_id=new_id(), reason="other",
                explanation=seal_explanation(opened, id, SECRET), state="open", opened_at=now, ends_at=now,
                review_by=local_date(now), due_at=now, version=1,
            )
        )  # fmt: skip

    return str(emergency_id(run(scope, open_one)))


def research_project(scope: Scope, made: Made) -> str:
    """A project of research at the tenant."""

    def register(opened: Unit) -> ResearchProject:
        return opened.add(
            ResearchProject(
                tenant_id=scope.require_tenant(), id=new_id(), name=SECRET, approval=SECRET,
                ends_on=local_date(opened.now), state="running", registered_by=new_id(), registered_at=opened.now,
                version=1,
            )
        )  # fmt: skip

    return str(project_id(run(scope, register)))
