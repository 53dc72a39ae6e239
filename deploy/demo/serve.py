"""A platform that stays up: addresses, sign-ins for every kind of user, API clients, where the API is described."""

import signal
import threading
from contextlib import ExitStack
from pathlib import Path

from deploy.demo import family, onboarding, opening, operators, showing, visiting
from deploy.demo.booking import Gateway, cashier, verified_resident
from deploy.demo.cast import member
from deploy.demo.city import City
from deploy.demo.family import Team
from deploy.demo.onboarding import Tenant
from deploy.demo.operators import Operators
from deploy.demo.people import World
from deploy.demo.running import Limits, Running, started
from deploy.demo.showing import SignIn, System
from deploy.demo.steps import Progress

QUIET = Progress(show=False)
OWN_PHARMACY, OWN_INSURER = "联调药房", "联调保险"
"""Tenants without a system: what an integrator connects their own to."""
OFFICE = (
    ("hospital", "挂号", "registrar"), ("hospital", "账务", "finance_clerk"),
    ("hospital", "医务", "medical_affairs"), ("hospital", "科主任", "department_head"),
    ("hospital", "隐私专员", "privacy_officer"), ("hospital", "财务主管", "finance_supervisor"),
    ("hospital", "电话客服", "phone_agent"), ("hospital", "研究员", "researcher"),
    ("pharmacy", "账务", "finance_clerk"), ("insurer", "核赔", "claims_reviewer"),
    ("family_doctor_team", "护士", "nurse"), ("pharmacy", "接口", "integrator"), ("pharmacy", "配送", "courier"),
)  # fmt: skip
"""Staff that nobody else lets join: kind of tenant, name, role."""


def serve(place: Path) -> None:
    """Start everything, let everybody join, print how to sign in, and wait to be interrupted or ended."""
    told = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: told.set())
    with ExitStack() as stack:
        print("starting; this takes about half a minute", flush=True)
        running = started(stack, place, QUIET, Limits())
        _announce(stack, running)
        told.wait()
        print("\nstopping", flush=True)


def _announce(stack: ExitStack, running: Running) -> None:
    world, gateway = World(running.platform, running.sms), Gateway(running.gateway)
    platform = operators.joined(world, running.invite_operators(), QUIET)
    tenants = onboarding.all_five(world, platform, QUIET)
    cashier(tenants["hospital"], gateway, QUIET)
    city = opening.build(stack, running.logs, tenants, platform, gateway, QUIET)
    visiting.fee(city.hospital, city.doctor_id, QUIET)
    team = family.opened(tenants["family_doctor_team"], gateway, QUIET)
    regulator = operators.accepted(world, "regulator", running.invite_regulator())
    people = [*_people(platform, tenants, city, team), ("the supervising authority", "regulator", regulator)]
    clients = _clients(platform, city, gateway)
    showing.addresses(_addresses(running, city))
    showing.sign_ins(running.sms, people)
    showing.clients(clients)
    print("\ninterrupt to stop", flush=True)


def _people(platform: Operators, tenants: dict[str, Tenant], city: City, team: Team) -> list[SignIn]:
    """Everybody who can sign in."""
    hospital, shop = city.hospital.name, city.pharmacy
    heads = [(tenant.name, f"administrator, {tenant.kind}", tenant.administrator) for tenant in tenants.values()]
    staff = [
        (hospital, "doctor", city.doctor), (hospital, "pharmacist, reviews", city.reviewer),
        (team.tenant.name, "doctor, family team", team.doctor), (shop.tenant.name, "pharmacist", shop.pharmacist),
        (shop.tenant.name, "preparer", shop.preparer),
    ]  # fmt: skip
    staff += [(tenants[kind].name, role, member(tenants[kind], name, role)) for kind, name, role in OFFICE]
    resident = verified_resident(platform.world, QUIET)
    return [
        ("the platform", "operator", platform.first), ("the platform", "operator", platform.second), *heads,
        (city.public.tenant.name, "administrator, public scheme", city.public.tenant.administrator), *staff,
        ("", "resident, verified", resident),
    ]  # fmt: skip


def _clients(platform: Operators, city: City, gateway: Gateway) -> list[System]:
    """Credentials of a pharmacy and an insurer that have no system yet."""
    pharmacy = onboarding.join(platform.world, platform, "pharmacy", OWN_PHARMACY)
    insurer = onboarding.join(platform.world, platform, "insurer", OWN_INSURER)
    cashier(pharmacy, gateway, QUIET)
    opening.plan_of(insurer, "commercial")
    return [
        ("pharmacy", pharmacy, opening.system_client(pharmacy, opening.SELLS)),
        ("insurer", insurer, opening.system_client(insurer, opening.DECIDES)),
    ]


def _addresses(running: Running, city: City) -> dict[str, str]:
    """Where what runs can be looked at."""
    return {
        "platform": running.platform, "API description": f"{running.platform}/docs/",
        "API for programs": f"{running.platform}/api/v1/openapi.json",
        "payment gateway": f"{running.gateway}/sandbox/log",
        "public scheme": f"{city.scheme.url}/_sandbox/settlements", "pharmacy's system": f"{city.shop.url}/_sandbox",
        "insurer's system": f"{city.insurer.url}/_sandbox", "logs": str(running.logs),
    }  # fmt: skip
