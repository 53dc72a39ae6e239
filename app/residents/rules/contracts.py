"""Family-doctor contracts (家庭医生签约): states, terms and reasons. Pure.

Source: 关于推进家庭医生签约服务高质量发展的指导意见 2022: contracts with a team, for one to three years.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from app.core.errors import WrongState

TERMS = (1, 3)
"""Years, both included."""


class Package(StrEnum):
    """What services are owed."""

    BASIC = "basic"
    PERSONAL = "personal"


class ContractState(StrEnum):
    """`requested` until the team decides. `expired` begins with the day after the last one, by itself."""

    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"
    ENDED = "ended"
    EXPIRED = "expired"


OPEN = (ContractState.REQUESTED, ContractState.ACTIVE)
"""The states of which a resident has at most one contract with a team."""


class DeclineReason(StrEnum):
    """Why a team does not take a resident."""

    TEAM_FULL = "team_full"
    OUT_OF_AREA = "out_of_area"
    NEEDS_OTHER_CARE = "needs_other_care"
    OTHER = "other"


class EndReason(StrEnum):
    """Why a contract ends before its term."""

    RESIDENT_LEAVES = "resident_leaves"
    RESIDENT_MOVED = "resident_moved"
    TEAM_CLOSES = "team_closes"
    RESIDENT_DIED = "resident_died"
    OTHER = "other"


class Act(StrEnum):
    """What may be done to a contract."""

    ACCEPT = "accept"
    DECLINE = "decline"
    END = "end"
    LEAVE = "leave"
    EXPIRE = "expire"


_MOVES: Mapping[Act, tuple[frozenset[ContractState], ContractState]] = {
    Act.ACCEPT: (frozenset({ContractState.REQUESTED}), ContractState.ACTIVE),
    Act.DECLINE: (frozenset({ContractState.REQUESTED}), ContractState.DECLINED),
    Act.END: (frozenset({ContractState.ACTIVE}), ContractState.ENDED),
    Act.LEAVE: (frozenset(OPEN), ContractState.ENDED),
    Act.EXPIRE: (frozenset({ContractState.EXPIRED}), ContractState.EXPIRED),
}
"""From which present states each act leads where; `END` is the team's, `LEAVE` the resident's own."""


def moved(present: ContractState, act: Act) -> ContractState:
    """The state after `act`; raises WrongState where it cannot be done in the `present` state (see `present_state`)."""
    allowed, then = _MOVES[act]
    if present not in allowed:
        raise WrongState(f"the contract is {present}", code="contract_state")
    return then


def present_state(stored: ContractState, ends_on: date | None, today: date) -> ContractState:
    """What a contract stored as `stored` is on the local date `today`."""
    if stored is ContractState.ACTIVE and ends_on is not None and ends_on < today:
        return ContractState.EXPIRED
    return stored


def last_day(starts_on: date, years: int) -> date:
    """The last day of a term: the day before its anniversary (of the 29th of February, the 1st of March)."""
    try:
        anniversary = starts_on.replace(year=starts_on.year + years)
    except ValueError:
        anniversary = date(starts_on.year + years, 3, 1)
    return anniversary - timedelta(days=1)
