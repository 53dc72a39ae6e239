"""What protects an account: a password for devices that are known, and an owner who is told."""

from deploy.demo.people import SECONDS, Person, World
from deploy.demo.steps import Progress, expect, until

PASSWORD = "a long sentence that nobody guesses"  # noqa: S105  # of an account that lives as long as the demonstration


def password(world: World, progress: Progress) -> None:
    """A password opens the phone on which its owner has signed in, and nothing elsewhere."""
    owner = Person(world, "owner")
    owner.sign_in()
    with progress.step("a password", "opens a known device, nothing elsewhere; its owner is told by SMS"):
        owner.do("PUT", "/me/password", {"password": PASSWORD})
        shown = {"phone": owner.phone, "password": PASSWORD}
        known = owner.do("POST", "/sign-ins", {**shown, "device_token": owner.device_token})
        expect(known["device_token"] is None, "a known device got another token")
        refused = Person(world, "stranger").refused(403, "POST", "/sign-ins", shown)
        expect(refused == "code_required", f"elsewhere a password was answered {refused}")
        until(lambda: "password_set" in _templates(owner), "the message about the password")


def _templates(owner: Person) -> set[str]:
    """What messages are on the phone."""
    inbox = owner.session.get(f"{owner.world.sms}/sandbox/messages", params={"to": owner.phone}, timeout=SECONDS)
    return {message["template"] for message in inbox.json()["messages"]}
