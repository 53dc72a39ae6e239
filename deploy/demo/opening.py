"""Everybody around a prescription joins: a reviewer, a dispensary, pharmacies, an insurer, a public scheme."""

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from deploy.demo import onboarding, stock
from deploy.demo.booking import Gateway, cashier
from deploy.demo.cast import member, staff_id
from deploy.demo.city import City, Counter, Payer
from deploy.demo.listening import Credentials
from deploy.demo.onboarding import Tenant
from deploy.demo.operators import Operators
from deploy.demo.partners import Insurer, Pharmacy, Scheme
from deploy.demo.people import Person
from deploy.demo.steps import Progress

DISPENSARY, SECOND, BUREAU = "示范市第一医院门诊药房", "康民大药房", "示范市医疗保障局"
POLICY = {
    "policy_version": "demo-1", "deductible": 1000, "rate_bp": {"visit": 6000, "medicine": 7000}, "ceiling": 500000,
    "pre_self_bp": {"A": 0, "B": 1000},
}  # fmt: skip
SELLS = ["events.read", "webhooks.manage", "products.manage", "routing_orders.read", "routing_orders.accept"]
DECIDES = ["events.read", "webhooks.manage", "claim_cases.read", "claim_cases.decide"]
STOCK = 10_000


def hospital_staff(hospital: Tenant, progress: Progress) -> tuple[Person, str, Person]:
    """A doctor at their desk and a pharmacist who reviews join, each with a signing key; the formulary is written."""
    with progress.step("hospital ready to prescribe", "a doctor and a reviewing pharmacist with keys of their own"):
        doctor = member(hospital, "林静", "doctor", subjects=("03",))
        reviewer = member(hospital, "高药师", "pharmacist")
        for one in (doctor, reviewer):
            one.do("POST", "/signing-keys")
        for medicine in stock.FORMULARY:
            reviewer.do("POST", "/medicines", medicine)
    return doctor, staff_id(hospital, "林静"), reviewer


def counter(pharmacy: Tenant) -> Counter:
    """A pharmacist with a signing key and a preparer join a pharmacy."""
    pharmacist, preparer = member(pharmacy, "周药师", "pharmacist"), member(pharmacy, "何调剂", "preparer")
    pharmacist.do("POST", "/signing-keys")
    return Counter(pharmacy, pharmacist, preparer)


def system_client(tenant: Tenant, permissions: Sequence[str]) -> Credentials:
    """An API client of a tenant's system."""
    wanted = {"name": f"system of {tenant.name}", "permissions": list(permissions)}
    client = tenant.administrator.do("POST", "/api-clients", wanted)
    return Credentials(client["client"]["id"], client["client_secret"])


def plan_of(tenant: Tenant, kind: str) -> Payer:
    """The insurer describes its plan."""
    body = {"code": f"{kind}-1".replace("_", "-"), "name": "示范方案", "payer_kind": kind, "policy": POLICY}
    return Payer(tenant, tenant.administrator.do("POST", "/plans", body)["id"], kind)


def connected(provider: Tenant, payer: Payer, scheme: Scheme) -> None:
    """A provider is admitted by the public scheme, and says how it is reached."""
    institution, key = f"H{secrets.randbelow(10**10):010d}", secrets.token_hex(16)
    scheme.admit(institution, key)
    body = {"insurer": payer.tenant.id, "url": scheme.url, "institution": institution, "key": key}
    provider.administrator.do("POST", "/scheme-connections", body)


def build(
    stack: ExitStack, logs: Path, tenants: dict[str, Tenant], platform: Operators, gateway: Gateway, progress: Progress
) -> City:
    """Let everybody join and start their systems; `stack` stops those."""
    hospital, first = tenants["hospital"], tenants["pharmacy"]
    world = platform.world
    doctor, doctor_id, reviewer = hospital_staff(hospital, progress)
    with progress.step("two more pharmacies", "the hospital's own dispensary, and one that will decline"):
        dispensary = onboarding.join(world, platform, "pharmacy", DISPENSARY, hospital.id)
        second = onboarding.join(world, platform, "pharmacy", SECOND)
        for product in stock.products(1300, STOCK):
            dispensary.administrator.do("POST", "/products", product)
    with progress.step("pharmacies ready", "systems with credentials of their own; hooks proven; prices published"):
        people = counter(first)
        shop = Pharmacy.start(world.platform, system_client(first, SELLS), stock.products(1280, STOCK), logs)
        stack.callback(shop.stop)
        declining = Pharmacy.start(world.platform, system_client(second, SELLS), stock.products(1400, STOCK), logs)
        stack.callback(declining.stop)
        cashier(first, gateway, Progress(show=False))
    scheme = Scheme.start(logs)
    stack.callback(scheme.stop)
    with progress.step("payers ready", "a commercial insurer with its own system, a public scheme, their plans"):
        bureau = onboarding.join(world, platform, "insurer", BUREAU)
        public, commercial = plan_of(bureau, "public_scheme"), plan_of(tenants["insurer"], "commercial")
        for provider in (hospital, first, dispensary, second):
            connected(provider, public, scheme)
        insurer = Insurer.start(world.platform, system_client(tenants["insurer"], DECIDES), logs)
        stack.callback(insurer.stop)
    return City(
        hospital, doctor, doctor_id, reviewer, dispensary, people, second, shop, declining, public, commercial, scheme,
        insurer, gateway,
    )  # fmt: skip
