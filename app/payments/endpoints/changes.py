"""Another merchant account: proposed by one person of a tenant, confirmed by another."""

from typing import Any, cast

from flask import current_app
from flask_smorest import Blueprint

from app.core.idempotency import KeyedEffect
from app.core.ids import PublicId
from app.edge.endpoint import Call, endpoint
from app.edge.paging import Page, PageQuery, page_of
from app.edge.paths import own_id
from app.payments.names import ACCOUNT_CHANGE_ID, GATEWAY_HOSTS
from app.payments.schemas import AccountChangeOut, AccountIn
from app.payments.service import accounts, changing
from tenants.api import OUTSIDE

blueprint = Blueprint("account-changes", __name__, description="Two people change where money goes")


@endpoint(
    blueprint, "POST", "/merchant-account-changes",
    permission="merchant_accounts.propose", body=AccountIn, answer=AccountChangeOut, status=201, fresh=True,
)  # fmt: skip
def propose(call: Call, body: dict[str, Any]) -> changing.Change:
    """Propose another account at a payment gateway; a finance supervisor must confirm it."""
    policy, hosts = current_app.extensions[OUTSIDE].policy, current_app.extensions[GATEWAY_HOSTS]
    url = accounts.checked_url(body["url"], policy, hosts)
    said = accounts.Opening(url, body["api_key"], body["webhook_secret"])
    return changing.propose_account(call.principal.scope, said, call.by, cast(KeyedEffect, call.effect))


@endpoint(
    blueprint, "GET", "/merchant-account-changes",
    permission="merchant_accounts.read_changes", query=PageQuery, answer=page_of(AccountChangeOut),
)  # fmt: skip
def listed(call: Call, query: dict[str, Any]) -> Page[changing.Change]:
    """What was proposed and what became of it, newest first."""
    return changing.changes(call.principal.scope, query)


@endpoint(
    blueprint, "POST", "/merchant-account-changes/<account_change_id>/confirmation",
    permission="merchant_accounts.confirm", answer=AccountChangeOut, fresh=True,
)  # fmt: skip
def confirm(call: Call, account_change_id: str) -> changing.Change:
    """Confirm what somebody else proposed: new payments go to that account from now on."""
    return changing.confirm(_known(call, account_change_id), call.by, call.effect)


@endpoint(
    blueprint, "POST", "/merchant-account-changes/<account_change_id>/withdrawal",
    permission="merchant_accounts.propose", answer=AccountChangeOut,
)  # fmt: skip
def withdraw(call: Call, account_change_id: str) -> changing.Change:
    """Take back what one proposed oneself."""
    return changing.withdraw(_known(call, account_change_id), call.by, call.effect)


def _known(call: Call, account_change_id: str) -> PublicId:
    return own_id(account_change_id, ACCOUNT_CHANGE_ID, call.principal.scope)
