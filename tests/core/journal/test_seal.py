"""Sealing: places without gaps, whoever comes late and however many seal."""

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.core.ids import PublicId, new_id
from app.core.journal.record import GENESIS, record
from app.core.journal.seal import BATCH, seal
from app.core.scope import Scope
from app.core.send.models import EndpointState
from app.core.unit import Unit, run, unit
from tests.core.journal.scenes import BY, PUBLIC, chain, new_person, own, rows, seal_all
from tests.platform import Platform, new_tenant
from tests.receiver import hear


def write(unit: Unit, about: PublicId, *versions: int, type: str = "note.sent") -> None:
    for version in versions:
        record(unit, type, about, version, {"n": version})


def some(scope: Scope) -> PublicId:
    return PublicId("note", scope, new_id())


def whole(platform: Platform, scope: Scope) -> bool:
    """Whether the chain has no gap and every link holds, computed without the platform's own verification."""
    previous = GENESIS
    for number, (seq, id, subject, version, text, hash) in enumerate(chain(platform, scope), 1):
        said = json.loads(text)
        assert seq == said["seq"] == number
        assert said["previous"] == previous
        assert said["id"] == str(id) and said["scope"] == str(scope)
        assert said["subject"] == {"id": subject, "version": version}
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert hash == previous
    head = own(platform, scope, "seq, hash", "journal_heads")
    return head == [(len(chain(platform, scope)), previous)]


@pytest.mark.parametrize("make", [new_tenant, new_person])
def test_tenants_and_persons_chains(platform: Platform, make: Callable[[], Scope]) -> None:
    scope = make()
    assert whole(platform, scope)
    for _ in range(3):
        run(scope, lambda opened: write(opened, some(scope), 1, 2), BY)
        assert seal_all(platform, scope) == 2
    assert len(chain(platform, scope)) == 6
    assert whole(platform, scope)


def test_a_late_commit_gets_a_later_number_and_a_cursor_skips_nothing(platform: Platform) -> None:
    scope = new_tenant()
    seen: list[Any] = []

    def read() -> None:
        after = seen[-1][0] if seen else 0
        seen.extend(row for row in chain(platform, scope) if row[0] > after)

    late, early = some(scope), some(scope)
    with unit(scope, BY) as slow:
        write(slow, late, 1)
        slow.session.flush()
        run(scope, lambda opened: write(opened, early, 1), BY)
        assert seal_all(platform, scope) == 1
        read()
    assert seal_all(platform, scope) == 1
    read()
    assert [(row[0], row[2]) for row in seen] == [(1, str(early)), (2, str(late))]
    assert whole(platform, scope)


def test_many_sealers_and_writers_leave_no_gap_and_nothing_twice(platform: Platform) -> None:
    scope, writing = new_tenant(), threading.Event()

    def sealing(_: int) -> int:
        total = 0
        while True:
            over = writing.is_set()
            total += (sealed := seal(scope, PUBLIC, platform.sealing))
            if (
                over
                and not sealed
                and not rows(platform, "SELECT 1 FROM journal_pending WHERE tenant_id = %s", scope.tenant)
            ):
                return total

    with ThreadPoolExecutor(8) as threads:
        sealers = [threads.submit(sealing, n) for n in range(3)]
        writers = [threads.submit(run, scope, lambda opened: write(opened, some(scope), 2, 1), BY) for _ in range(60)]
        for writer in writers:
            writer.result()
        writing.set()
        assert sum(sealer.result() for sealer in sealers) == 120
    assert whole(platform, scope)
    assert len({row[1] for row in chain(platform, scope)}) == 120


def test_a_batch_takes_every_lower_version_with_it(platform: Platform) -> None:
    scope = new_tenant()
    about = some(scope)

    def work(opened: Unit) -> None:
        write(opened, about, 4)
        for _ in range(BATCH + 20):
            write(opened, some(scope), 1)
        write(opened, about, 2, 5, 3, 1)

    run(scope, work, BY)
    assert seal(scope, PUBLIC, platform.sealing) == BATCH + 3
    assert [row[3] for row in chain(platform, scope) if row[2] == str(about)] == [1, 2, 3, 4]
    assert seal_all(platform, scope) == 22
    assert [row[3] for row in chain(platform, scope) if row[2] == str(about)] == [1, 2, 3, 4, 5]
    assert whole(platform, scope)


def test_deliveries_are_made_for_public_types_and_active_endpoints_that_want_them(platform: Platform) -> None:
    scope, other = new_tenant(), new_tenant()
    for state in EndpointState:
        hear(scope, f"https://{state}.test/", ["note.sent", "note.hidden"])
        rows(
            platform, "UPDATE webhook_endpoints SET state = %s WHERE tenant_id = %s AND url = %s",
            state.value, scope.tenant, f"https://{state}.test/",
        )  # fmt: skip
    hear(scope, "https://second.test/", ["note.sent"])
    hear(scope, "https://uninterested.test/", ["note.taken"])
    hear(other, "https://stranger.test/", ["note.sent"])
    run(scope, lambda opened: write(opened, some(scope), 1), BY)
    run(scope, lambda opened: write(opened, some(scope), 1, type="note.hidden"), BY)
    assert seal_all(platform, scope) == 2
    query = """SELECT e.url, j.type FROM deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
               JOIN journal j ON j.id = d.entry_id WHERE d.tenant_id IN (%s, %s) ORDER BY 1"""
    assert rows(platform, query, scope.tenant, other.tenant) == [
        ("https://active.test/", "note.sent"),
        ("https://second.test/", "note.sent"),
    ]


@pytest.mark.parametrize("scope", [Scope.for_tenant(2**52 + 5), Scope.for_person(new_id())])
def test_entries_without_a_chain_stay_and_raise_an_alarm(platform: Platform, scope: Scope) -> None:
    run(scope, lambda opened: write(opened, some(scope), 1), BY)
    with capture_logs() as logs:
        assert seal(scope, PUBLIC, platform.sealing) == 0
    assert logs == [{"event": "journal_headless", "log_level": "error", "scope": str(scope)}]
    assert len(own(platform, scope, "id", "journal_pending")) == 1


def test_a_sealer_passes_by_what_another_holds_without_an_alarm(platform: Platform) -> None:
    scope = new_tenant()
    run(scope, lambda opened: write(opened, some(scope), 1), BY)
    with platform.connection() as holder, capture_logs() as logs:
        holder.execute("SELECT 1 FROM journal_heads WHERE tenant_id = %s FOR UPDATE", [scope.tenant])
        assert seal(scope, PUBLIC, platform.sealing) == 0
    assert logs == []
    assert seal_all(platform, scope) == 1


@pytest.mark.parametrize(
    "poison", ["facts = '{\"amount\": 9007199254740993}'", """relays = '[{"id": "no", "taker": "tenant:1"}]'"""]
)
def test_an_entry_that_cannot_be_sealed_is_named(platform: Platform, poison: str) -> None:
    scope, about = new_tenant(), some(new_tenant())
    run(scope, lambda opened: write(opened, some(scope), 1), BY)
    run(scope, lambda opened: write(opened, about, 1), BY)
    rows(platform, f"UPDATE journal_pending SET {poison} WHERE subject = %s", str(about))  # noqa: S608  # our own words
    (poisoned,) = rows(platform, "SELECT id FROM journal_pending WHERE subject = %s", str(about))[0]
    with capture_logs() as logs, pytest.raises(Exception, match=r".+"):
        seal(scope, PUBLIC, platform.sealing)
    alarm = {"event": "journal_poisoned", "entry": str(poisoned), "type": "note.sent", "log_level": "error"}
    assert [{name: line.get(name) for name in alarm} for line in logs] == [alarm]
    assert len(own(platform, scope, "id", "journal_pending")) == 2
