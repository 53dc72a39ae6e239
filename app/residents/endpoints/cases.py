"""Who cannot prove to own an account asks for it; an operator of the platform decides, two hand it over."""

from typing import Any

from flask_smorest import Blueprint

from app.core.access import PUBLIC
from app.core.errors import NotFound, Refused
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.residents import case_queries
from app.residents.case_schemas import AccountCaseOut, AccountRecoveryIn, AccountRecoveryOut, CaseReasonIn, PapersIn
from app.residents.names import CASE_ID
from app.residents.service import case_hand_overs, cases
from app.residents.service.cases import Shown
from tenants.api import PLATFORM

blueprint = Blueprint("account-cases", __name__, description="Two people behind one number: asked and decided")


@endpoint(
    blueprint, "POST", "/account-recoveries",
    permission=PUBLIC, idempotent_by="a code asks once: repeated, it is refused",
    body=AccountRecoveryIn, answer=AccountRecoveryOut, status=202,
)  # fmt: skip
@blueprint.doc(responses={403: "FORBIDDEN"})  # type: ignore[untyped-decorator]  # flask-smorest carries no types
def ask(call: Call, body: dict[str, str]) -> cases.Asked | Refused:
    """Ask for the account to which one's number leads, where one cannot prove to own it; an operator sees papers."""
    return cases.ask(body["phone"], body["code"], call.by.request_id)


@endpoint(
    blueprint, "GET", "/account-cases",
    permission="account_cases.read", query=PageQuery, answer=page_of(AccountCaseOut),
)  # fmt: skip
def undecided(call: Call, query: dict[str, Any]) -> Page[Shown]:
    """The cases that wait for a decision, oldest first."""
    return case_queries.undecided(call.principal.scope, query)


@endpoint(blueprint, "GET", "/account-cases/<case_id>", permission="account_cases.read", answer=AccountCaseOut)
def one(call: Call, case_id: str) -> Shown:
    """One case."""
    known = own_id(case_id, CASE_ID, call.principal.scope)
    return case_queries.case_of(call.principal.scope, known.id)


@endpoint(
    blueprint, "POST", "/account-cases/<case_id>/hand-over",
    permission="account_cases.decide", body=PapersIn, answer=AccountCaseOut, fresh=True,
)  # fmt: skip
def hand_over(call: Call, body: dict[str, str], case_id: str) -> Shown:
    """Say what an identity card reads, and propose to hand the account over on it: another operator reads it too."""
    return case_hand_overs.propose_hand_over(_known(call, case_id), _papers(body), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/account-cases/<case_id>/hand-over/confirmation",
    permission="account_cases.decide", body=PapersIn, answer=AccountCaseOut, fresh=True,
)  # fmt: skip
def confirm_hand_over(call: Call, body: dict[str, str], case_id: str) -> Shown | Refused:
    """Say what one has read oneself on the same card. The account compares: where it fits, whoever has the number is
    let in once, or the identity is free for who asked, or they may take over the account that their guardians opened;
    else the case is open again.
    """
    return case_hand_overs.confirm_hand_over(_known(call, case_id), _papers(body), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/account-cases/<case_id>/hand-over/withdrawal",
    permission="account_cases.decide", answer=AccountCaseOut,
)  # fmt: skip
def withdraw_hand_over(call: Call, case_id: str) -> Shown:
    """Take back what one proposed oneself."""
    return case_hand_overs.withdraw_hand_over(_known(call, case_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/account-cases/<case_id>/separation",
    permission="account_cases.decide", body=CaseReasonIn, answer=AccountCaseOut, fresh=True,
)  # fmt: skip
def separate(call: Call, body: dict[str, str], case_id: str) -> Shown:
    """Part the number from the old account: whoever has it gets an empty one of their own."""
    return cases.separate(_known(call, case_id), body["reason"], call.by, call.effect)


@endpoint(
    blueprint, "POST", "/account-cases/<case_id>/dismissal",
    permission="account_cases.decide", body=CaseReasonIn, answer=AccountCaseOut, fresh=True,
)  # fmt: skip
def dismiss(call: Call, body: dict[str, str], case_id: str) -> Shown:
    """Leave everything as it is."""
    return cases.dismiss(_known(call, case_id), body["reason"], call.by, call.effect)


def _papers(body: dict[str, str]) -> case_hand_overs.Papers:
    return case_hand_overs.Papers(body["name"], body["number"])


def _known(call: Call, case_id: str) -> PublicId:
    """The case, in the platform's tenant alone: to anybody else it is not there."""
    if call.principal.scope != PLATFORM:
        raise NotFound
    return own_id(case_id, CASE_ID, PLATFORM)
