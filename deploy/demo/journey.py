"""A resident's way from the visit to the settled claims; staff and systems work on their queues meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.demo.booking import Gateway
from deploy.demo.partners import Office
from deploy.demo.people import Person
from deploy.demo.steps import Progress, expect, until
from deploy.demo.visiting import FEE, pay, wish

Json = dict[str, Any]
PATIENCE = 60
"""Seconds for what people or systems do at their queues."""


@dataclass(frozen=True)
class Ways:
    """What a resident of a journey needs to know of the city."""

    gateway: Gateway
    doctor: str
    pharmacies: tuple[str, ...]
    supplier: str
    """The pharmacy that supplies where nothing stands against it."""
    counter: Person
    """The pharmacist who hands over, at the pharmacy that ends up supplying."""
    scheme: Office
    patience: float = PATIENCE


@dataclass(frozen=True)
class Cover:
    """A resident's coverage."""

    id: str
    member: str
    kind: str

    @property
    def payer(self) -> str:
        """The kind of payer, in words."""
        return self.kind.replace("_", " ")


def seen(resident: Person, ways: Ways, progress: Progress) -> Json:
    """A text visit: asked for, paid, and completed by a doctor who works through a queue."""
    with progress.step("visit by a queue", "asked for, paid, taken by a doctor at work, completed"):
        visit = resident.do("POST", "/visits", wish(ways.doctor))
        pay(resident, visit["bill"], ways.gateway, ways.patience)
        path = f"/visits/{visit['id']}"
        _until(resident, path, lambda one: one["visit"]["state"] == "completed", ways)
        return dict(visit)


def prescribed(resident: Person, ways: Ways, progress: Progress) -> Json:
    """The prescription arrives in the resident's own list, signed by two with certified keys, and stamped."""
    with progress.step("prescription ready", "signed by doctor and pharmacist with certified keys, each time-stamped"):
        ready = until(lambda: _first_ready(resident), "a ready prescription", ways.patience)
        shown: Json = resident.do("GET", f"/prescriptions/{ready['id']}")
        roles = [one["role"] for one in shown["signatures"]]
        expect(roles == ["doctor", "reviewer"], f"it is signed by {roles}")
        path = f"/prescriptions/{ready['id']}/verification"
        until(lambda: _is_stamped(resident.do("GET", path)), "time stamps on both signatures", ways.patience)
        return shown


def _is_stamped(found: Json) -> bool:
    kept = [one["certificate"] for one in found["signatures"]]
    expect(bool(found["holds"]) and set(kept) == {"certified"}, f"its signatures are {kept}")
    return all(one["stamped_at"] for one in found["signatures"])


def quoted(resident: Person, prescription: Json, ways: Ways, progress: Progress) -> list[Json]:
    """What each pharmacy asks, and what of it the resident would bear."""
    with progress.step("quotes", "price and own cost at several pharmacies, the hospital's dispensary among them"):
        body = {"pharmacies": list(ways.pharmacies)}
        path = f"/prescriptions/{prescription['id']}/quotes"
        quotes: list[Json] = resident.do("POST", path, body)["data"]
        expect(len(quotes) == len(ways.pharmacies), f"{len(quotes)} pharmacies answered")
        expect(all(one["available"] and one["own_cost"] is not None for one in quotes), "a quote is incomplete")
        expect(all(one["own_cost"] <= one["total"] for one in quotes), "the resident would bear more than the price")
        return quotes


def routed(resident: Person, prescription: Json, ranked: list[Json], ways: Ways, progress: Progress) -> Json:
    """Offered in the resident's order until one accepts; then checked, prepared and verified by its people."""
    path = f"/prescriptions/{prescription['id']}/routing"
    with progress.step("routed and prepared", "checked and signed again, prepared, verified by a second person"):
        resident.do("POST", path, {"choices": [one["id"] for one in ranked]})
        routing = _until(resident, path, lambda one: one["order_state"] == "prepared", ways)
        expect(routing["choices"][-1]["state"] != "waiting", "the last choice was never asked")
        order: Json = resident.do("GET", f"/routing-orders/{routing['order']}")
        expect(order["total"] == ranked[-1]["total"], "the price is not the quoted one")
        return order


def settled(resident: Person, order: Json, cover: Cover | None, ways: Ways, progress: Progress) -> Json:
    """The split is shown, confirmed and paid; only then the medicines may be handed over."""
    with progress.step("settlement paid", "who bears what, to the fen; what was shown is confirmed, and paid"):
        shown = _trial(resident, order["id"], cover, ways)
        expect(shown["fund"] + shown["account"] + shown["cash"] == order["total"], f"the parts of {shown} do not sum")
        confirmed = _confirm(resident, shown, cover, ways)
        if confirmed["bill"]:
            pay(resident, confirmed["bill"], ways.gateway, ways.patience)
        return _until(resident, f"/settlements/{shown['id']}", lambda one: one["state"] == "committed", ways)


def handed_over(resident: Person, order: Json, ways: Ways, progress: Progress) -> None:
    """The pick-up code opens the counter once."""
    with progress.step("handed over", "against the pick-up code, exactly once"):
        path = f"/routing-orders/{order['id']}"
        _until(resident, path, lambda one: one["settled"], ways)
        body = {"pickup_code": resident.do("GET", path)["pickup_code"], "counselling": "每日一次，每次一片。"}
        handed = ways.counter.do("POST", f"{path}/hand-over", body)
        expect(handed["state"] == "fulfilled", f"the order is {handed['state']}")
        ways.counter.refused(409, "POST", f"{path}/hand-over", body)
        until(lambda: _completed(resident), "the end in the resident's own list", ways.patience)


def visit_claimed(resident: Person, visit: Json, cover: Cover, ways: Ways, progress: Progress) -> Json:
    """The fee was paid in advance: what the payer bears of it returns by the same payment."""
    with progress.step(f"visit claimed, {cover.payer}", "what was prepaid too much returns by the same payment"):
        shown = _trial(resident, visit["id"], cover, ways)
        _confirm(resident, shown, cover, ways)
        claim = claim_settled(resident, shown["id"], ways)
        bill = resident.do("GET", f"/bills/{visit['bill']}")
        expect(bill["refunded"] == claim["fund"] + claim["account"] == claim["returned"] > 0, f"{bill} for {claim}")
        expect(bill["paid"] == FEE, f"the books say {bill}")
        return claim


def supply_claimed(resident: Person, order: Json, paid: Json, cover: Cover, ways: Ways, progress: Progress) -> Json:
    """The pharmacy claims for the medicines: a scheme bears its part at once, an insurer's part returns."""
    with progress.step(f"medicines claimed, {cover.payer}", "the pharmacy's own claim; exact to the fen"):
        claim = claim_settled(resident, paid["id"], ways)
        expect(claim["fund"] > 0, f"the payer bears nothing of {order['total']}")
        if cover.kind == "commercial":
            bill = resident.do("GET", f"/bills/{paid['bill']}")
            expect(bill["paid"] == order["total"], f"the books say {bill}")
            expect(bill["refunded"] == claim["fund"] == claim["returned"], f"{bill} for {claim}")
        return claim


def claim_settled(resident: Person, settlement: str, ways: Ways) -> Json:
    """The claim of a settlement, once it is settled."""
    path = f"/settlements/{settlement}"
    found = _until(resident, path, lambda one: bool(one["claim"]) and one["claim"]["state"] == "settled", ways)
    claim: Json = found["claim"]
    return claim


def own(resident: Person) -> list[Json]:
    """The resident's own prescriptions, newest first."""
    found: list[Json] = resident.do("GET", "/me/prescriptions")["data"]
    return found


def _trial(resident: Person, subject: str, cover: Cover | None, ways: Ways) -> Json:
    asked = resident.do("POST", "/settlements", {"subject": subject, "coverage": cover.id if cover else None})
    return _until(resident, f"/settlements/{asked['id']}", lambda one: one["state"] == "trial", ways)


def _confirm(resident: Person, shown: Json, cover: Cover | None, ways: Ways) -> Json:
    by_credential = cover is not None and cover.kind == "public_scheme"
    credential = ways.scheme.credential(cover.member) if cover and by_credential else None
    path, tag = f"/settlements/{shown['id']}", f'"{shown["version"]}"'
    confirmed: Json = resident.do("POST", f"{path}/confirmation", {"credential": credential}, If_Match=tag)
    return confirmed


def _completed(resident: Person) -> bool:
    return any(one["state"] == "completed" for one in own(resident))


def _first_ready(resident: Person) -> Json | None:
    return next((one for one in own(resident) if one["state"] == "ready"), None)


def _until(resident: Person, path: str, true: Callable[[Json], bool], ways: Ways) -> Json:
    last: Json = {}

    def look() -> Json | None:
        last.update(resident.do("GET", path))
        return last if true(last) else None

    try:
        return until(look, path, ways.patience)
    except Exception:
        print(f"     last seen: {str(last)[:600]}", flush=True)
        raise
