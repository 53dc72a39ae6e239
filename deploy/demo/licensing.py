"""Licenses are renewed and revoked."""

from typing import Any

from deploy.demo import onboarding, visiting
from deploy.demo.onboarding import Tenant
from deploy.demo.operators import Operators
from deploy.demo.papers import paper
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until

KIND = "drug_supply_license"


def registration(hospital: Tenant, resident: Person, progress: Progress) -> None:
    """A subject is taken off a doctor's registration: what it allowed stops at once."""
    with progress.step(
        "registration changed", "a subject taken off: no visit in it, and nobody finds the doctor there"
    ):
        member = onboarding.doctor_of(hospital)
        body = {
            "name": member["name"], "title": member["title"], "roles": member["roles"], "subjects": ["04"],
            "registration_number": member["registration_number"], "registration_until": member["registration_until"],
        }  # fmt: skip
        path = f"/staff/{member['id']}"
        hospital.administrator.do("PUT", path, body, If_Match=f'"{member["version"]}"')
        code = resident.refused(422, "POST", "/visits", visiting.wish(member["id"]))
        expect(code == "doctor_subject_not_registered", f"a visit was refused as {code}")
        search = f"/directory/doctors?subject={visiting.SUBJECT}&tenant={hospital.id}"
        until(lambda: member["id"] not in {one["id"] for one in resident.do("GET", search)["data"]}, "the directory")


def renewal(platform: Operators, pharmacy: Tenant, progress: Progress) -> None:
    """A renewed paper is handed in, checked, and takes the place of the former one."""
    with progress.step("license renewed", "a paper waits for the operator, then replaces the former in the directory"):
        former = _held(pharmacy, "valid")
        renewed = {**paper(KIND, days=1500), "number": former["number"]}
        license = pharmacy.administrator.do("POST", "/licenses", renewed)
        expect(license["state"] == "submitted", "a paper that nobody checked is a license")
        again = pharmacy.administrator.refused(409, "POST", "/licenses", renewed)
        expect(again == "license_submitted", "the same paper waits twice")
        review = until(lambda: _review(platform.first, license["id"]), "the paper before the operator")
        platform.decide(f"/license-reviews/{review}/approval")
        until(lambda: _published(pharmacy, license["id"]), "the renewed license in the directory")
        expect(_held(pharmacy, "replaced")["id"] == former["id"], "the former license was not replaced")


def revocation(platform: Operators, pharmacy: Tenant, progress: Progress) -> None:
    """What a license allowed ends when it is revoked, and nothing else does."""
    with progress.step("license revoked", "what it allowed has ended; the tenant's people act on"):
        license = _held(pharmacy, "valid")["id"]
        expect("supply_medicines" in _capabilities(pharmacy), "a licensed pharmacy may not supply")
        platform.decide(f"/licenses/{license}/revocation", {"reason": "违规销售"})
        until(lambda: "supply_medicines" not in _capabilities(pharmacy), "the end of what the license allowed")
        expect("settle_with_scheme" in _capabilities(pharmacy), "what another paper allows has ended, too")
        until(lambda: not _published(pharmacy, license), "the directory without the license")


def _held(pharmacy: Tenant, state: str) -> dict[str, Any]:
    rows = pharmacy.administrator.do("GET", "/licenses?limit=100")["data"]
    found: list[dict[str, Any]] = [one for one in rows if (one["kind"], one["state"]) == (KIND, state)]
    expect(len(found) == 1, f"the pharmacy has {len(found)} licenses that are {state}")
    return found[0]


def _capabilities(pharmacy: Tenant) -> list[str]:
    return list(pharmacy.administrator.do("GET", "/tenants/current")["capabilities"])


def _review(platform: Person, license_id: str) -> str | None:
    waiting = platform.do("GET", "/license-reviews?limit=100")["data"]
    return next((str(one["id"]) for one in waiting if one["license"] == license_id), None)


def _published(pharmacy: Tenant, license_id: str) -> bool:
    found = pharmacy.entry()
    return found is not None and license_id in {one["id"] for one in found["licenses"]}
