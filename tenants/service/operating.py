"""What takes two operators: one proposes, another one confirms, and with the confirmation it is done.

What is proposed must be possible when it is proposed and, asked again, when it is confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.errors import WrongState
from app.core.ids import PublicId
from app.core.unit import Caller, Effect, Unit, run, unit
from app.identity.api import Role
from tenants.models import Application, Staff
from tenants.names import APPLICATION_ID, LICENSE_ID, PLATFORM, REVIEW_ID, TENANT_ID
from tenants.proposal_models import Proposal
from tenants.proposal_rules import ProposalEvent
from tenants.service import applications, proposals, reviews, suspension
from tenants.service.interests import Decider, decider
from tenants.service.invitations import invite_in
from tenants.service.profiles import profile_of, tenant_id
from tenants.service.staff import Member
from tenants.staff_rules import Registration
from tenants.states import StaffState

Content = Mapping[str, Any]


class OperatorAct(StrEnum):
    """What one operator cannot do alone."""

    APPROVE_APPLICATION = "application_approval"
    APPROVE_LICENSE = "license_approval"
    REVOKE_LICENSE = "license_revocation"
    SUSPEND_TENANT = "tenant_suspension"
    REINSTATE_TENANT = "tenant_reinstatement"
    INVITE_OPERATOR = "operator_invitation"


ACTS = frozenset(OperatorAct)


@dataclass(frozen=True)
class _Way:
    """How an act is done: what its subject is, whose interests are asked, and the act itself."""

    prefix: str
    check: Callable[[Unit, PublicId], Application | None]
    """Raises what stands against it; returns the application behind the subject, where there is one."""
    perform: Callable[[Unit, PublicId, Content], str | None]
    """Does it; returns what is shown this once."""


@dataclass(frozen=True)
class Shown:
    """A proposal as operators read it."""

    row: Proposal
    reason: str | None
    name: str | None
    """How the operator is called who shall be invited."""

    @property
    def version(self) -> int:
        """The proposal's."""
        return self.row.version


@dataclass(frozen=True)
class Confirmed:
    """A proposal that was confirmed, and what its act shows this once: an operator's invitation."""

    proposal: Shown
    token: str | None = field(default=None, repr=False)

    @property
    def version(self) -> int:
        """The proposal's."""
        return self.proposal.version


def propose(act: OperatorAct, subject: PublicId, content: Content, by: Caller, effect: Effect | None) -> Shown:
    """Propose an act of the platform upon `subject`.

    Raises what stands against the act, Forbidden for whoever it is about, WrongState `second_operator_missing` while
    nobody else could confirm it, and `already_proposed`.
    """
    who = decider(by)

    def work(opened: Unit) -> Shown:
        _check(opened, act, subject, who)
        _refuse_alone(opened, who)
        return shown(opened, proposals.propose(opened, act, subject, content))

    return run(PLATFORM, work, by, effect=effect)


def propose_operator(name: str, by: Caller, effect: Effect | None) -> Shown:
    """Propose to invite another operator, called `name`; raises as `propose`."""
    with unit(PLATFORM) as reading:
        platform = tenant_id(PLATFORM, profile_of(reading).id)
    return propose(OperatorAct.INVITE_OPERATOR, platform, {"name": name}, by, effect)


def confirm(proposal: PublicId, by: Caller, effect: Effect | None) -> Confirmed:
    """Confirm what another operator proposed, which does it.

    Raises what stands against the act now, Forbidden for the proposer and for whoever it is about, NotFound and
    WrongState as `proposals.decide`.
    """
    who = decider(by)

    def work(opened: Unit) -> Confirmed:
        row = proposals.decide(opened, proposal.id, ProposalEvent.CONFIRM, ACTS)
        act = OperatorAct(row.act)
        subject = PublicId.parse(row.subject, _WAYS[act].prefix)
        _check(opened, act, subject, who)
        token = _WAYS[act].perform(opened, subject, proposals.content_of(opened, row))
        return Confirmed(shown(opened, row), token)

    return run(PLATFORM, work, by, effect=effect)


def withdraw(proposal: PublicId, by: Caller, effect: Effect | None) -> Shown:
    """Take back what one proposed oneself; raises NotFound, Forbidden, WrongState."""

    def work(opened: Unit) -> Shown:
        return shown(opened, proposals.decide(opened, proposal.id, ProposalEvent.WITHDRAW, ACTS))

    return run(PLATFORM, work, by, effect=effect)


def shown(opened: Unit, row: Proposal) -> Shown:
    """`row` as operators read it."""
    content = proposals.content_of(opened, row)
    return Shown(row, content.get("reason"), content.get("name"))


def _check(opened: Unit, act: OperatorAct, subject: PublicId, who: Decider) -> None:
    application = _WAYS[act].check(opened, subject)
    if application:
        who.refuse_interested(application)


def _refuse_alone(opened: Unit, who: Decider) -> None:
    living = opened.all(opened.select(Staff).where(Staff.state == StaffState.ACTIVE))
    if not any(Role.PLATFORM_OPERATOR in one.roles and one.person_id != who.person for one in living):
        raise WrongState(
            "this takes two operators, and you are the only one: a second one is invited at the command line, with"
            " `tokens operator`",
            code="second_operator_missing",
        )


def _invite(opened: Unit, subject: PublicId, content: Content) -> str:
    wanted = Member(content["name"], [Role.PLATFORM_OPERATOR], Registration(None, None, ()))
    return invite_in(opened, wanted).token


def _stop(opened: Unit, tenant: PublicId, content: Content) -> None:
    suspension.order_suspension(opened, tenant, content["reason"], suspended=True)


def _go_on(opened: Unit, tenant: PublicId, content: Content) -> None:
    suspension.order_suspension(opened, tenant, content["reason"], suspended=False)


_WAYS: Mapping[OperatorAct, _Way] = {
    OperatorAct.APPROVE_APPLICATION: _Way(APPLICATION_ID, applications.approvable, applications.approve),
    OperatorAct.APPROVE_LICENSE: _Way(REVIEW_ID, reviews.approvable, reviews.approve),
    OperatorAct.REVOKE_LICENSE: _Way(LICENSE_ID, reviews.revocable, reviews.revoke),
    OperatorAct.SUSPEND_TENANT: _Way(TENANT_ID, suspension.application_of, _stop),
    OperatorAct.REINSTATE_TENANT: _Way(TENANT_ID, suspension.application_of, _go_on),
    OperatorAct.INVITE_OPERATOR: _Way(TENANT_ID, lambda opened, subject: None, _invite),
}
