"""Whether a person's consent opens their records to somebody now: asked in the person's own scope, at each reading."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, or_

from app.core.calendar import local_date
from app.core.ids import PublicId
from app.core.unit import Unit
from app.residents.consent_models import Consent
from app.residents.rules.consents import Category, Purpose, State
from app.residents.service.consents import consent_id


@dataclass(frozen=True)
class Reader:
    """The institution that reads, by its tenant's number, and the one of which it is a part."""

    tenant: int
    whole: int | None = None


def consented(opened: Unit, reader: Reader, purposes: Collection[Purpose]) -> Mapping[Category, PublicId]:
    """What the unit's person lets `reader` read now for one of `purposes`, by category, each with its consent.

    One query by index. A consent for a hospital's group reaches the parts of that hospital.
    """
    taker = or_(
        Consent.tenant == reader.tenant,
        and_(Consent.tenant == reader.whole, Consent.purpose == Purpose.HOSPITAL_GROUP),
    )  # fmt: skip
    holds = (Consent.state == State.GRANTED, Consent.ends_on >= local_date(opened.now), Consent.purpose.in_(purposes))
    rows = opened.all(opened.select(Consent).where(taker, *holds).order_by(Consent.id.desc()))
    return {Category(row.category): consent_id(row) for row in rows}
