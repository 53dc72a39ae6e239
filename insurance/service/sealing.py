"""Names and numbers of members and coverages: the one place that seals, opens and digests them."""

import uuid

from app.core.scope import Scope
from app.core.unit import Unit
from insurance.models.coverages import Coverage, Member, PersonCoverage
from insurance.rules.coverages import plain_number


def seal_member(unit: Unit, id: uuid.UUID, column: str, text: str) -> bytes:
    """The `name` or `number` of a member, encrypted."""
    return unit.cipher.seal(text.encode(), _place(unit.scope, f"members/{column}", id))


def member_name(unit: Unit, row: Member) -> str:
    """A member's name."""
    return unit.cipher.open(row.name, _place(unit.scope, "members/name", row.id)).decode()


def member_number(unit: Unit, row: Member) -> str:
    """A member's number with the insurer."""
    return unit.cipher.open(row.number, _place(unit.scope, "members/number", row.id)).decode()


def number_of(unit: Unit, coverage: Coverage) -> str:
    """The member number of a coverage, on the insurer's side; plain tenant scope only."""
    row = unit.get(Member, coverage.member_id)
    if row is None:
        raise LookupError("a coverage without its member")
    return member_number(unit, row)


def seal_own_number(unit: Unit, id: uuid.UUID, number: str) -> bytes:
    """The member number that a person gave, encrypted."""
    return unit.cipher.seal(number.encode(), _place(unit.scope, "person_coverages/member_number", id))


def own_number(unit: Unit, row: PersonCoverage) -> str:
    """The member number that a person gave."""
    return unit.cipher.open(row.member_number, _place(unit.scope, "person_coverages/member_number", row.id)).decode()


def number_digest(unit: Unit, insurer: int, number: str) -> str:
    """By what a member number of that insurer is found: equal for every spelling of it."""
    return unit.blind.digest("member_number", f"{insurer}/{plain_number(number)}")


def identity_digest(unit: Unit, insurer: int, number: str) -> str:
    """By what that insurer knows an identity number; says nothing to another insurer."""
    return unit.blind.digest("member_identity", f"{insurer}/{number}")


def _place(scope: Scope, column: str, id: uuid.UUID) -> str:
    return f"{scope}/{column}/{id}"
