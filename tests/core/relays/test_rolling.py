"""A deploy under way: an old process and a new one, of which only one knows a type of relay."""

from pathlib import Path

from tests.core.journal.scenes import copies, eventually, note_relays, own, seal_all
from tests.platform import Platform, new_tenant

FAST = {"CLOUD_RELAY_PACE": "0.001"}


def test_a_process_that_knows_the_type_takes_what_another_left(platform: Platform, logs: Path) -> None:
    with (
        platform.stack(logs / "old", **FAST, CLOUD_SLICES="") as old,
        platform.stack(logs / "new", **FAST) as new,
    ):
        giver, taker = new_tenant(), new_tenant()
        note_relays(giver, taker, ["hello"])
        seal_all(platform, giver)
        former = old.start_worker()
        eventually(lambda: former.says("relay_unknown"))
        assert own(platform, giver, "state", "relays") == [("pending",)]
        new.start_worker()
        eventually(lambda: copies(platform, taker) == ["hello"])
