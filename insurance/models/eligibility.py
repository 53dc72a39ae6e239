"""Table of eligibility checks."""

import uuid
from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Grants, ResidentView, TenantOwned
from app.core.forgetting import ERASED


class EligibilityCheck(TenantOwned, Base):
    """A provider's question whether a resident is covered, and the answer."""

    __tablename__ = "eligibility_checks"
    __table_args__ = (
        CheckConstraint("answer IN ('in_force', 'not_in_force', 'unknown')", name="answer"),
        CheckConstraint("answer = 'unknown' OR as_of IS NOT NULL", name="as_of"),
        Index(None, "tenant_id", "resident_id"),
    )
    resident_view = ResidentView.OWN
    grants: ClassVar[Grants] = ERASED
    resident_id: Mapped[uuid.UUID] = mapped_column()
    visit_id: Mapped[uuid.UUID] = mapped_column()
    answer: Mapped[str] = mapped_column()
    as_of: Mapped[datetime | None] = mapped_column()
    """When it was answered, UTC: what is said holds for then."""
    version: Mapped[int] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column()
