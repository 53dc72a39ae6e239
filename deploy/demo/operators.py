"""The platform's operators: what one of them proposes, another confirms."""

from dataclasses import dataclass
from typing import Any

from deploy.demo.people import Person, World
from deploy.demo.steps import Progress, expect


@dataclass(frozen=True)
class Operators:
    """Two people who run the platform."""

    first: Person
    second: Person

    @property
    def world(self) -> World:
        """Where they are."""
        return self.first.world

    def decide(self, path: str, body: Any = None) -> dict[str, Any]:
        """Propose what is decided there, and have the other confirm it; the confirmed proposal."""
        proposed = self.first.do("POST", path, body)["id"]
        confirmed: dict[str, Any] = self.second.do("POST", f"/proposals/{proposed}/confirmation")["proposal"]
        expect(confirmed["state"] == "confirmed", "a confirmation did not confirm")
        return confirmed


def joined(world: World, invitations: tuple[str, str], progress: Progress) -> Operators:
    """The platform's first operators, invited from the command line."""
    with progress.step("operators join", "command-line tokens make the first two, each once"):
        first, second = (
            accepted(world, name, token) for name, token in zip(("operator", "second"), invitations, strict=True)
        )
    return Operators(first, second)


def accepted(world: World, name: str, invitation: str) -> Person:
    """Somebody whom the command line invited, acting as what they were invited for."""
    person = Person(world, name)
    person.sign_in()
    member = person.do("POST", "/staff-invitations/acceptance", {"token": invitation})
    again = person.refused(404, "POST", "/staff-invitations/acceptance", {"token": invitation})
    expect(again == "invitation_invalid", "an invitation was good twice")
    return person.act_for(member["id"])


def together(operators: Operators, path: str, progress: Progress) -> None:
    """Nobody confirms what they proposed themselves."""
    with progress.step("two operators", "what one proposed, the same one cannot confirm; withdrawn, nobody can"):
        proposed = operators.first.do("POST", path, {"reason": "核查"})["id"]
        own = operators.first.refused(403, "POST", f"/proposals/{proposed}/confirmation")
        expect(own == "own_proposal", f"an operator confirmed alone: {own}")
        operators.first.do("POST", f"/proposals/{proposed}/withdrawal")
        ended = operators.second.refused(409, "POST", f"/proposals/{proposed}/confirmation")
        expect(ended == "proposal_ended", f"a withdrawn proposal was confirmed: {ended}")
