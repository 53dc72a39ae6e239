"""A commercially insured resident, while the insurer's system is down for a while."""

from deploy.demo import journey, many
from deploy.demo.city import City
from deploy.demo.journey import Ways
from deploy.demo.people import World
from deploy.demo.steps import Progress, expect, until


def with_the_insurer_down(world: World, city: City, ways: Ways, progress: Progress) -> None:
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
        until(lambda: resident.do("GET", path)["claim"], "the claim", ways.patience)
    city.insurer.restart()
    journey.visit_claimed(resident, visit, cover, ways, progress)
    journey.supply_claimed(resident, order, paid, cover, ways, progress)
    with progress.step("insurer heard all", "claim.submitted and claim.settled, each once per id, after it was back"):
        events = [*city.insurer.heard("claim.submitted", 2), *city.insurer.heard("claim.settled", 2)]
        expect(len({event["id"] for event in events}) == len(events) == 4, f"it heard {len(events)} events")
        expect(len(city.insurer.settled()) == 2, "not every settlement stands in its books")
