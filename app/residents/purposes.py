"""For which purpose a family-doctor team reads its contracts: the condition by which the query finds them."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_

from app.core.calendar import local_date
from app.core.purposes import Purpose
from app.core.unit import Unit
from app.residents.models import FamilyContract
from app.residents.rules.contracts import ContractState

FOLLOWED_UP = timedelta(days=90)
"""For how long after its end a contract is the team's to read: to hand the resident over, or to be asked why. A default
without a legal source.
"""


def cares(unit: Unit) -> ColumnElement[bool]:
    """The contract is asked for or runs, or ended not long ago."""
    since, day = unit.now - FOLLOWED_UP, local_date(unit.now) - FOLLOWED_UP
    return or_(
        FamilyContract.state == ContractState.REQUESTED, FamilyContract.ended_at > since,
        FamilyContract.state.in_((ContractState.ACTIVE, ContractState.EXPIRED)) & (FamilyContract.ends_on >= day),
        (FamilyContract.state == ContractState.DECLINED) & (FamilyContract.decided_at > since),
    )  # fmt: skip


PURPOSES = (
    Purpose(
        "family-doctor contract: name, birth date, sex", "doctor, nurse, administrator of the team",
        "contracts with the team", "90 days after it ended or was declined", "",
    ),
)  # fmt: skip
