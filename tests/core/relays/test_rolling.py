"""A deploy under way: an old process and a new one, of which only one knows a type of relay."""

from pathlib import Path

from deploy.stack import Stack
from tests.core.journal.scenes import copies, eventually, note_relays, own, seal_all
from tests.platform import Platform, new_tenant

FAST = {"CLOUD_RELAY_PACE": "0.001"}


def test_a_process_that_knows_the_type_takes_what_another_left(platform: Platform, logs: Path) -> None:
    giver, taker = new_tenant(), new_tenant()
    note_relays(giver, taker, ["hello"])
    seal_all(platform, giver)
    with (
        Stack(platform.environ | FAST | {"CLOUD_SLICES": ""}, logs / "old") as old,
        Stack(platform.environ | FAST, logs / "new") as new,
    ):
        former = old.start_worker()
        eventually(lambda: former.says("relay_unknown"))
        assert own(platform, giver, "state", "relays") == [("pending",)]
        new.start_worker()
        eventually(lambda: copies(platform, taker) == ["hello"])
