"""Who works where: members of staffs join by invitation, each with a phone of their own."""

import itertools

from deploy.demo.onboarding import Tenant
from deploy.demo.people import Person

_numbers = itertools.count(1)


def member(tenant: Tenant, name: str, *roles: str, subjects: tuple[str, ...] = ()) -> Person:
    """A new member of the staff, signed in and acting for the tenant; a clinician is present."""
    number = next(_numbers)
    person = Person(tenant.administrator.world, f"{name} of {tenant.name}")
    person.sign_in()
    body = {
        "name": name, "roles": list(roles), "subjects": list(subjects),
        "registration_number": f"DEMO-REG-{number}", "registration_until": "2099-12-31",
    }  # fmt: skip
    token = tenant.administrator.do("POST", "/staff", body)["token"]
    joined = person.do("POST", "/staff-invitations/acceptance", {"token": token})
    person.affiliation(tenant.name)
    acting = person.act_for(joined["id"])
    if {"doctor", "pharmacist"} & set(roles):
        acting.do("POST", "/presences")
    return acting


def staff_id(tenant: Tenant, name: str) -> str:
    """The id of a member of the staff, as the administrator sees it."""
    staff = tenant.administrator.do("GET", "/staff?limit=100")["data"]
    return next(str(one["id"]) for one in staff if one["name"] == name)
