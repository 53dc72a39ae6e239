"""A commercially insured resident, while the insurer's system is down for a while."""

from deploy.demo import journey, many
from deploy.demo.city import City
from deploy.demo.journey import Json, Ways
from deploy.demo.people import Person, World
from deploy.demo.secrecy import Traces
from deploy.demo.steps import Progress, expect, until

UNDECIDED = ("submitted", "accepted")


def with_the_insurer_down(world: World, city: City, ways: Ways, progress: Progress) -> tuple[Person, Traces]:
    """The whole way; claims are made while the insurer's system is down, and decided when it is back."""
    resident, cover = many.registered(world, city.commercial, ways, progress)
    visit = journey.seen(resident, ways, progress)
    prescription = journey.prescribed(resident, ways, progress)
    quotes = journey.quoted(resident, prescription, ways, progress)
    chosen = [one for one in quotes if one["pharmacy"] == ways.supplier]
    order = journey.routed(resident, prescription, chosen, ways, progress)
    paid = journey.settled(resident, order, cover, ways, progress)
    with progress.step("insurer down", "medicines handed over and claimed for while its system is down"):
        city.insurer.process.kill()
        journey.handed_over(resident, order, ways, Progress(show=False))
        path = f"/settlements/{paid['id']}"
        supply = until(lambda: resident.do("GET", path)["claim"], "the claim", ways.patience)
        expect(supply["state"] in UNDECIDED, f"the claim is {supply['state']} while the insurer is down")
    city.insurer.restart()
    claims = [
        journey.visit_claimed(resident, visit, cover, ways, progress),
        journey.supply_claimed(resident, order, paid, cover, ways, progress),
    ]
    case = _heard(city, claims, progress)
    traces = Traces(visit["id"], visit["bill"], prescription["id"], order["id"], paid["id"], supply["id"], case)
    return resident, traces


def _heard(city: City, claims: list[Json], progress: Progress) -> str:
    """The insurer's own side of it; returns the case of the last of its `claims`."""
    with progress.step("insurer heard all", "each event once per id, after it was back; its books agree"):
        events = [*city.insurer.heard("claim.submitted", 2), *city.insurer.heard("claim.settled", 2)]
        expect(len({event["id"] for event in events}) == len(events) == 4, f"it heard {len(events)} events")
        books = {one["claim"]: one for one in city.insurer.settled().values()}
        for claim in claims:
            booked = books[claim["id"]]
            expect(booked["fund"] == claim["fund"], f"the insurer owes {booked['fund']} for {claim}")
        return str(books[claims[-1]["id"]]["claim_case"])


def scheme_agrees(city: City, claims: list[Json], progress: Progress) -> None:
    """The public scheme's answer is the split: what it settled is what the claims say."""
    with progress.step("scheme's own books", "what it settled is what was claimed, to the fen"):
        booked = sorted((one["fund"], one["account"]) for one in city.scheme.settlements() if one["state"] == "settled")
        claimed = sorted((claim["fund"], claim["account"]) for claim in claims)
        expect(booked == claimed, f"the scheme settled {booked}, claimed was {claimed}")
