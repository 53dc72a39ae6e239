"""Everybody around a prescription: the hospital's pharmacist and dispensary, pharmacies, insurers, a public scheme."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.demo.booking import ZONE, Gateway
from deploy.demo.onboarding import Tenant
from deploy.demo.partners import Insurer, Office, Pharmacy, Scheme
from deploy.demo.people import Person
from deploy.demo.steps import expect, until


@dataclass(frozen=True)
class Payer:
    """An insurer's tenant and its plan."""

    tenant: Tenant
    plan: str
    kind: str


@dataclass(frozen=True)
class Counter:
    """The people of a pharmacy."""

    tenant: Tenant
    pharmacist: Person
    preparer: Person


@dataclass(frozen=True)
class City:
    """Who there is for a resident's journey."""

    hospital: Tenant
    doctor: Person
    doctor_id: str
    reviewer: Person
    dispensary: Tenant
    pharmacy: Counter
    second: Tenant
    shop: Pharmacy
    second_shop: Pharmacy
    public: Payer
    commercial: Payer
    scheme: Scheme
    insurer: Insurer
    gateway: Gateway


def insured(resident: Person, payer: Payer, name: str, number: str, scheme: Office) -> tuple[str, str]:
    """The insurer's member becomes covered; returns the coverage and the member number."""
    member_number = f"M{secrets.randbelow(10**12):012d}"
    body = {
        "plan": payer.plan, "member_number": member_number, "name": name, "identity_number": number,
        "valid_from": datetime.now(ZONE).date().isoformat(),
    }  # fmt: skip
    payer.tenant.administrator.do("POST", "/members", body)
    if payer.kind == "public_scheme":
        scheme.enrol(member_number, name, account_balance=500)
    asked: dict[str, Any] = {"insurer": payer.tenant.id, "member_number": member_number}
    coverage = str(resident.do("POST", "/me/coverages", asked)["id"])

    def answered() -> dict[str, Any] | None:
        found: dict[str, Any] = resident.do("GET", f"/coverages/{coverage}")
        return found if found["state"] != "requested" else None

    state = until(answered, "the insurer's answer")["state"]
    expect(state == "active", f"the coverage is {state}")
    return coverage, member_number
