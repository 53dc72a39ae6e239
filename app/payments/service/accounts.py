"""Merchant accounts: where a tenant's money goes, and the secrets to reach it and to believe it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.http import DestinationRefused, Policy, check_url
from app.core.idempotency import KeyedEffect, key_is_taken
from app.core.ids import PublicId
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Unit, database, run, unit
from app.edge.paging import Keyset, Page
from app.payments.calls import Account
from app.payments.ids import account_id
from app.payments.models import GatewayHook, MerchantAccount
from app.payments.names import ACCOUNT_ID
from tenants.api import profile_of

_ACCOUNTS = Keyset("merchant_accounts", (MerchantAccount.created_at, MerchantAccount.id), descending=True)
MOST_SECRETS = 3
"""The newest and those that it replaced, until the gateway signs with none of them any more."""


@dataclass(frozen=True)
class Opening:
    """What a tenant says of its account; `url` is one that `checked_url` let pass."""

    url: str
    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


def open_account(scope: Scope, said: Opening, by: Caller, effect: KeyedEffect) -> MerchantAccount:
    """A tenant's first account at a gateway, to which payments go from now on.

    Raises WrongState `account_change_takes_two` where it has one: where money goes is changed by two people. Asked for
    under the tenant's lock, so that of two first ones at once only one is.
    """
    own = keep_secret(scope, said, effect)

    def work(opened: Unit) -> MerchantAccount:
        profile_of(opened, lock=True)
        if opened.first(opened.select(MerchantAccount)):
            raise WrongState(
                "there is an account: another one is proposed, and confirmed by a finance supervisor",
                code="account_change_takes_two",
            )
        return open_in(opened, own, said.url, said.api_key)

    return run(scope, work, by, effect=effect)


def keep_secret(scope: Scope, said: Opening, effect: KeyedEffect) -> uuid.UUID:
    """Keep the webhook's secret of an account that shall be, and return the id that the account will have.

    The id follows from the request: the same request finds it again. Where a secret of that account is kept already it
    changes nothing: a repetition must not put the first secret before those that followed.
    """
    asked = f"{scope}/{effect.principal}/{effect.name}/{effect.request}"
    own = uuid.UUID(hex=database().blind.digest("merchant_account", asked)[:32])
    account = PublicId(ACCOUNT_ID, scope, own)
    if not secrets_of(account):
        add_secret(account, said.webhook_secret)
    return own


def open_in(opened: Unit, own: uuid.UUID, url: str, api_key: str) -> MerchantAccount:
    """An account of the unit's tenant, to which new payments go from now on; its webhook's secret is kept already."""
    sealed = opened.cipher.seal(api_key.encode(), _key_place(opened.scope, own))
    account = opened.add(MerchantAccount(id=own, url=url, api_key=sealed, version=1, created_at=opened.now))
    record(opened, "merchant_account.opened", account_id(account), 1, {})
    return account


def add_webhook_secret(account: PublicId, secret: str, by: Caller, effect: KeyedEffect) -> MerchantAccount:
    """Believe webhooks signed with `secret` too, beside the former ones; raises NotFound."""
    with unit(account.scope) as reading:
        if reading.get(MerchantAccount, account.id) is None:
            raise NotFound
        taken = key_is_taken(reading, effect)
    if not taken:  # a key that was used before gets its answer, or its refusal, below
        add_secret(account, secret)

    def work(opened: Unit) -> MerchantAccount:
        known = opened.get(MerchantAccount, account.id, lock=True)
        if known is None:
            raise NotFound
        known.version += 1
        record(opened, "merchant_account.secret_added", account, known.version, {})
        return known

    return run(account.scope, work, by, effect=effect)


def add_secret(account: PublicId, secret: str) -> None:
    """Keep a webhook secret as the newest of `account`; one that is kept already changes nothing."""

    def work(opened: Unit) -> None:
        hook = opened.first(opened.select(GatewayHook).with_for_update())
        known = _open(opened, hook) if hook else []
        if secret in known:
            return
        sealed = opened.cipher.seal(orjson.dumps([secret, *known][:MOST_SECRETS]), _hook_place(account.id))
        if hook:
            hook.secrets = sealed
        else:
            opened.add(GatewayHook(tenant=account.scope.require_tenant(), secrets=sealed))

    run(_hook_scope(account.id), work)


def secrets_of(account: PublicId) -> list[str]:
    """The secrets that may sign webhooks of `account`; empty where there is none of this id."""
    with unit(_hook_scope(account.id)) as reading:
        hook = reading.first(reading.select(GatewayHook))
        if hook is None or hook.tenant != account.scope.tenant:
            return []
        return _open(reading, hook)


def reach(opened: Unit, account: uuid.UUID) -> Account:
    """How to reach an account of the unit's tenant; raises LookupError."""
    known = opened.get(MerchantAccount, account)
    if known is None:
        raise LookupError("a merchant account vanished")
    key = opened.cipher.open(known.api_key, _key_place(opened.scope, account))
    return Account(account, known.url, key.decode())


def checked_url(url: str, policy: Policy, hosts: frozenset[str]) -> str:
    """The address of a gateway that merchants may have accounts at; raises InvalidInput.

    Where the policy keeps to public addresses, the operator names the hosts: the platform sends keys and amounts there.
    """
    try:
        destination = check_url(url, policy)
    except DestinationRefused as refused:
        raise InvalidInput(faults=(Fault("/url", f"destination_{refused.reason}", str(refused)),)) from refused
    if not policy.reaches_inside and destination.host not in hosts:
        raise InvalidInput(faults=(Fault("/url", "gateway_unknown", "no gateway of this platform"),))
    return destination.url.rstrip("/")


def _open(opened: Unit, hook: GatewayHook) -> list[str]:
    found = orjson.loads(opened.cipher.open(hook.secrets, _hook_place(uuid.UUID(hook.key))))
    return [str(secret) for secret in found]


def _hook_scope(account: uuid.UUID) -> Scope:
    return Scope.for_key(GatewayHook.__tablename__, account)


def _hook_place(account: uuid.UUID) -> str:
    return f"key:gateway_hooks/secrets/{account.hex}"


def _key_place(scope: Scope, account: uuid.UUID) -> str:
    return f"tenant:{scope.require_tenant()}/merchant_accounts/api_key/{account}"


def listed(scope: Scope, asked: Mapping[str, Any]) -> Page[MerchantAccount]:
    """The tenant's accounts, newest first."""
    with unit(scope) as reading:
        return _ACCOUNTS.page(reading, reading.select(MerchantAccount), asked)
