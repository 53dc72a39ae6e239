"""Lanes: scopes rest where nothing could be done for them, and are not remembered for ever."""

from app.core.lanes import Lanes
from app.core.scope import Scope
from tests.core.journal.scenes import eventually

SCOPES = [Scope.for_tenant(number) for number in range(1, 6)]


def test_scopes_for_which_nothing_was_to_do_are_forgotten_after_their_rest() -> None:
    lanes = Lanes("idle", 2, lambda scope: 0, longest_rest=0.01, remembered=0.05)
    lanes.start(SCOPES)
    eventually(lambda: not lanes.full and lanes.passing() == set())
    assert lanes.known
    eventually(lambda: not lanes.passing() and not lanes.known)
    lanes.close()


def test_a_scope_that_fails_again_rests_longer() -> None:
    def fail(scope: Scope) -> int:
        raise RuntimeError

    lanes, runs = Lanes("failing", 1, fail, longest_rest=60.0), 0
    while not lanes.passing():
        lanes.start(SCOPES[:1])
        eventually(lambda: lanes.start(()) == 0)
        runs += 1
    assert (runs, lanes.passing(), lanes.known) == (1, {SCOPES[0]}, 1)
    eventually(lambda: not lanes.passing())
    lanes.start(SCOPES[:1])
    eventually(lambda: lanes.start(()) == 0)
    assert (lanes.passing(), lanes.known) == ({SCOPES[0]}, 1)
    lanes.close()
