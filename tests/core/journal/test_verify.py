"""Verification names what an administrator did to a journal."""

import subprocess
from collections.abc import Callable, Iterator

import psycopg
import pytest

from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.journal.text import digest
from app.core.journal.verify import PAGE, chains, verify, verify_all
from app.core.scope import Scope
from app.core.unit import Unit, run
from deploy.stack import prepare
from tests import warm
from tests.core.journal.scenes import BY, new_person, rows, seal_all
from tests.platform import Platform, new_tenant

LENGTH = 6


def written(platform: Platform, scope: Scope, count: int = LENGTH) -> Scope:
    def work(unit: Unit) -> None:
        for number in range(count):
            record(unit, "note.sent", PublicId("note", scope, new_id()), 1, {"number": number})

    run(scope, work, BY)
    assert seal_all(platform, scope) == count
    return scope


def found(platform: Platform, scope: Scope) -> list[tuple[str, int]]:
    faults = verify(scope, platform.checkpoint_keys, platform.sealing)
    return [(finding.kind.value, finding.seq) for finding in faults]


def texts(platform: Platform, scope: Scope) -> dict[int, str]:
    return dict(rows(platform, "SELECT seq, text FROM journal WHERE tenant_id = %s", scope.tenant))


def change(platform: Platform, scope: Scope, place: int, /, **values: object) -> None:
    names = ", ".join(f"{name} = %s" for name in values)
    query = f"UPDATE journal SET {names} WHERE tenant_id = %s AND seq = %s"  # noqa: S608  # our own words
    rows(platform, query, *values.values(), scope.tenant, place)


def forge(platform: Platform, scope: Scope, seq: int, text: str) -> None:
    query = """INSERT INTO journal SELECT tenant_id, %s, %s, at, type, subject, subject_version, %s, %s
               FROM journal WHERE tenant_id = %s AND seq = 1"""
    rows(platform, query, new_id(), seq, text, digest(text), scope.tenant)


def delete(platform: Platform, scope: Scope, seq: int) -> None:
    rows(platform, "DELETE FROM journal WHERE tenant_id = %s AND seq = %s", scope.tenant, seq)


def delete_two(platform: Platform, scope: Scope) -> None:
    delete(platform, scope, 3)
    delete(platform, scope, 4)


def swap_columns(platform: Platform, scope: Scope) -> None:
    change(platform, scope, 2, seq=-2)
    change(platform, scope, 4, seq=2)
    change(platform, scope, -2, seq=4)


def swap_texts(platform: Platform, scope: Scope) -> None:
    before = texts(platform, scope)
    change(platform, scope, 2, text=before[4], hash=digest(before[4]))
    change(platform, scope, 4, text=before[2], hash=digest(before[2]))


def rewrite(platform: Platform, scope: Scope, seq: int) -> None:
    """Change a text and its own hash, as somebody would who knows how the hash is made."""
    text = texts(platform, scope)[seq].replace('"number":', '"n":')
    change(platform, scope, seq, text=text, hash=digest(text))


Tamper = Callable[[Platform, Scope], None]
TAMPERINGS: dict[str, tuple[Tamper, list[tuple[str, int]]]] = {
    "text": (lambda p, s: change(p, s, 3, text=texts(p, s)[3].replace("note.sent", "note.read")), [("changed", 3)]),
    "text and hash": (lambda p, s: rewrite(p, s, 3), [("changed", 3)]),
    "last text and hash": (lambda p, s: rewrite(p, s, LENGTH), [("changed", LENGTH)]),
    "first text and hash": (lambda p, s: rewrite(p, s, 1), [("changed", 1)]),
    "no json": (lambda p, s: change(p, s, 3, text="x", hash=digest("x")), [("changed", 3)]),
    "hash": (lambda p, s: change(p, s, 3, hash="0" * 64), [("changed", 3)]),
    "type": (lambda p, s: change(p, s, 3, type="note.read"), [("changed", 3)]),
    "subject": (lambda p, s: change(p, s, 3, subject="note_x"), [("changed", 3)]),
    "version": (lambda p, s: change(p, s, 3, subject_version=9), [("changed", 3)]),
    "time": (lambda p, s: change(p, s, 3, at="2020-01-01T00:00:00Z"), [("changed", 3)]),
    "id": (lambda p, s: change(p, s, 3, id=new_id()), [("changed", 3)]),
    "delete middle": (lambda p, s: delete(p, s, 3), [("missing", 3)]),
    "delete first": (lambda p, s: delete(p, s, 1), [("missing", 1)]),
    "delete last": (lambda p, s: delete(p, s, LENGTH), [("missing", LENGTH)]),
    "delete two": (delete_two, [("missing", 3), ("missing", 4)]),
    "insert at the end": (lambda p, s: forge(p, s, LENGTH + 1, texts(p, s)[1]), [("inserted", LENGTH + 1)]),
    "insert before the first": (lambda p, s: forge(p, s, 0, texts(p, s)[1]), [("inserted", 0)]),
    "swap": (swap_columns, [("changed", 2), ("changed", 4)]),
    "swap texts": (swap_texts, [("changed", 2), ("changed", 4)]),
}


def found_after(platform: Platform, tamper: Tamper) -> list[tuple[str, int]]:
    scope = written(platform, new_tenant())
    assert found(platform, scope) == []
    tamper(platform, scope)
    return found(platform, scope)


def test_tampering_is_named(platform: Platform) -> None:
    named = {name: found_after(platform, tamper) for name, (tamper, _) in TAMPERINGS.items()}
    assert named == {name: expected for name, (_, expected) in TAMPERINGS.items()}


def test_a_head_that_was_moved_or_removed(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    rows(platform, "UPDATE journal_heads SET hash = repeat('0', 64) WHERE tenant_id = %s", scope.tenant)
    assert found(platform, scope) == [("changed", LENGTH)]
    rows(platform, "UPDATE journal_heads SET seq = 4 WHERE tenant_id = %s", scope.tenant)
    assert ("inserted", 5) in found(platform, scope)
    rows(platform, "DELETE FROM journal_heads WHERE tenant_id = %s", scope.tenant)
    assert found(platform, scope) == [("missing", 0)]
    assert scope in chains(platform.discovery)


def test_a_forged_entry_below_a_moved_head(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    forge(platform, scope, LENGTH + 1, texts(platform, scope)[1])
    rows(platform, "UPDATE journal_heads SET seq = seq + 1 WHERE tenant_id = %s", scope.tenant)
    assert ("changed", LENGTH + 1) in found(platform, scope)


def test_pages_and_a_chain_that_grows_meanwhile(platform: Platform) -> None:
    scope = written(platform, new_tenant(), PAGE + 5)
    change(platform, scope, PAGE, type="note.read")
    findings = verify(scope, platform.checkpoint_keys, platform.sealing)
    assert next(findings).seq == PAGE
    written(platform, scope, 3)
    assert list(findings) == []
    delete(platform, scope, PAGE + 8)
    assert found(platform, scope) == [("changed", PAGE), ("missing", PAGE + 8)]


def test_persons_chains_are_walked_too(platform: Platform) -> None:
    scope = written(platform, new_person())
    rows(platform, "UPDATE person_journal SET text = text || ' ' WHERE person_id = %s AND seq = 2", scope.person)
    (finding,) = verify(scope, platform.checkpoint_keys, platform.sealing)
    assert (finding.kind, finding.seq, finding.scope) == ("changed", 2, scope)
    assert finding in set(verify_all(platform.discovery, platform.checkpoint_keys, platform.sealing))


@pytest.fixture(scope="module")
def apart(platform: Platform) -> Iterator[Platform]:
    """A platform over a database of its own, so that others' tampering is not in it."""
    addresses = prepare(platform.admin, "verified")
    made = Platform(
        platform.admin, addresses, platform.keys, platform.app, platform.sealer, platform.discovery, platform.settings
    )
    yield made


def test_the_command_names_faults_and_its_status_tells(platform: Platform, apart: Platform) -> None:
    def verified() -> subprocess.CompletedProcess[str]:
        return warm.command_line("verify", environ=apart.environ)

    whole = verified()
    assert (whole.returncode, whole.stdout) == (0, "")
    address = platform.admin.rpartition("/")[0] + "/verified"
    with psycopg.connect(address) as connection:
        connection.execute("INSERT INTO journal_heads VALUES (7, 2, repeat('0', 64), now())")
    broken = verified()
    assert broken.returncode == 1
    assert broken.stdout.splitlines() == [
        "tenant:7 1 missing -: no such entry",
        "tenant:7 2 missing -: no such entry",
    ]
