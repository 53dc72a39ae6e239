"""Checkpoints show what a chain alone cannot: a tail that was cut off, and a chain that was written anew."""

import base64
import dataclasses
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import orjson
import psycopg
import pytest
from sqlalchemy import Table

from app.core.clock import SystemClock
from app.core.discovery import due, owners
from app.core.ids import new_id
from app.core.journal.checkpoint_keys import CheckpointKeys, NotSigned, Vouched
from app.core.journal.checkpoints import kept, newest, sign_head
from app.core.journal.models import Head, PersonHead
from app.core.journal.record import GENESIS
from app.core.journal.text import digest
from app.core.journal.verify import verify
from app.core.roles import ROLES
from app.core.scope import Scope
from app.core.unit import Database
from app.core.walls import role
from deploy.stack import DATABASE, new_keys
from tests import warm
from tests.core.journal.scenes import chain, new_person, own, rows
from tests.core.journal.test_verify import LENGTH, written
from tests.platform import Platform, new_tenant
from tests.tables import let_through

DAY = timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Later:
    """A clock that is ahead."""

    ahead: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


def later(platform: Platform, ahead: timedelta = DAY) -> Database:
    return dataclasses.replace(platform.sealing, clock=Later(ahead))


def signed(platform: Platform, scope: Scope, ahead: timedelta = DAY) -> Scope:
    assert sign_head(scope, platform.checkpoint_keys, later(platform, ahead)) == 1
    return scope


def found(platform: Platform, scope: Scope, *elsewhere: Vouched) -> list[tuple[str, int]]:
    faults = verify(scope, platform.checkpoint_keys, platform.sealing, elsewhere)
    return [(finding.kind.value, finding.seq) for finding in faults]


def vouched(platform: Platform, scope: Scope) -> list[Vouched]:
    texts = own(platform, scope, "signed", "journal_checkpoints", order="id")
    return [platform.checkpoint_keys.read(text) for (text,) in texts]


def cut_off(platform: Platform, scope: Scope, last: int) -> None:
    """Remove the entries after `last` and have the head say so: all that the chain itself could show is right."""
    rows(platform, "DELETE FROM journal WHERE tenant_id = %s AND seq > %s", scope.tenant, last)
    hash = chain(platform, scope)[-1][5] if last else GENESIS
    move = "UPDATE journal_heads SET seq = %s, hash = %s WHERE tenant_id = %s"
    rows(platform, move, last, hash, scope.tenant)


def write_anew(platform: Platform, scope: Scope, since: int) -> None:
    """Change entry `since` and give it and all that follow right hashes."""
    previous = chain(platform, scope)[since - 2][5]
    for seq, id, _, _, text, _ in chain(platform, scope)[since - 1 :]:
        said = orjson.loads(text) | {"previous": previous, "actor": "staff:another"}
        new = orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
        previous = digest(new)
        rows(platform, "UPDATE journal SET text = %s, hash = %s WHERE id = %s AND seq = %s", new, previous, id, seq)
    rows(platform, "UPDATE journal_heads SET hash = %s WHERE tenant_id = %s", previous, scope.tenant)


@pytest.mark.parametrize("make", [new_tenant, new_person])
def test_a_chain_that_grew_is_signed_once(platform: Platform, make: Callable[[], Scope]) -> None:
    scope, tables = make(), [cast(Table, model.__table__) for model in (Head, PersonHead)]
    others = {table: owners(platform.discovery, table) - {scope} for table in tables}  # a look names 200 at most

    def waits(ahead: timedelta) -> bool:
        looked = due(platform.discovery, others, Later(ahead).now())
        assert {one for scopes in looked.values() for one in scopes} <= {scope}
        return any(looked.values())

    assert not waits(DAY)
    written(platform, scope)
    assert not waits(DAY / 2)
    assert sign_head(scope, platform.checkpoint_keys, later(platform, DAY / 2)) == 0
    assert waits(DAY)
    signed(platform, scope)
    assert not waits(10 * DAY)
    (one,) = vouched(platform, scope)
    assert (one.scope, one.seq, one.hash) == (scope, LENGTH, chain(platform, scope)[-1][5])
    assert found(platform, scope) == []


def test_entries_that_follow_do_not_put_it_off(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    since = own(platform, scope, "due_at", "journal_heads")
    written(platform, scope)
    assert own(platform, scope, "due_at", "journal_heads") == since


def test_a_head_that_is_sealed_to_is_left_to_the_next_look(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    with platform.connection() as holder:
        holder.execute("SELECT FROM journal_heads WHERE tenant_id = %s FOR UPDATE", [scope.tenant])
        assert sign_head(scope, platform.checkpoint_keys, later(platform)) == 0
    signed(platform, scope)


def test_a_tail_that_was_cut_off_is_named(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    cut_off(platform, scope, 4)
    assert found(platform, scope) == [], "the chain alone does not show it"
    scope = signed(platform, written(platform, new_tenant()))
    cut_off(platform, scope, 4)
    assert found(platform, scope) == [("missing", LENGTH)]
    written(platform, scope, 2)
    assert found(platform, scope) == [("changed", LENGTH)], "others in their place do not hide it"


def test_a_chain_that_was_written_anew_is_named(platform: Platform) -> None:
    scope = written(platform, new_tenant())
    write_anew(platform, scope, 3)
    assert found(platform, scope) == [], "the chain alone does not show it"
    scope = signed(platform, written(platform, new_tenant()))
    written(platform, scope, 2)
    write_anew(platform, scope, 3)
    assert found(platform, scope) == [("changed", LENGTH)]


def test_an_entry_that_is_missing_is_named_once(platform: Platform) -> None:
    scope = signed(platform, written(platform, new_tenant()))
    rows(platform, "DELETE FROM journal WHERE tenant_id = %s AND seq = %s", scope.tenant, LENGTH)
    assert found(platform, scope) == [("missing", LENGTH)]


def test_a_whole_chain_that_is_gone_is_named(platform: Platform) -> None:
    scope = signed(platform, written(platform, new_tenant()))
    for table in ("journal", "journal_heads"):
        rows(platform, f"DELETE FROM {table} WHERE tenant_id = %s", scope.tenant)  # noqa: S608  # our own words
    assert found(platform, scope) == [("missing", 0), ("missing", LENGTH)]


def test_what_is_kept_elsewhere_vouches_when_checkpoints_were_removed(platform: Platform) -> None:
    scope = signed(platform, written(platform, new_tenant()))
    (elsewhere,) = vouched(platform, scope)
    rows(platform, "DELETE FROM journal_checkpoints WHERE tenant_id = %s", scope.tenant)
    cut_off(platform, scope, 4)
    assert found(platform, scope) == []
    assert found(platform, scope, elsewhere) == [("missing", LENGTH), ("missing", LENGTH)]


def forge(platform: Platform, scope: Scope, seq: int, text: str) -> None:
    query = "INSERT INTO journal_checkpoints VALUES (%s, %s, %s, now(), 'ES256', '1', %s)"
    rows(platform, query, scope.tenant, new_id(), seq, text)


def test_a_checkpoint_that_the_platform_did_not_sign_is_named(platform: Platform) -> None:
    scope, strange = written(platform, new_tenant()), CheckpointKeys.parse(new_keys().checkpoints)
    true = Vouched(scope, LENGTH, chain(platform, scope)[-1][5], SystemClock().now())
    forge(platform, scope, LENGTH, strange.sign(true))
    forge(platform, scope, LENGTH, "nothing")
    assert found(platform, scope) == [("forged", LENGTH)] * 2


def test_a_checkpoint_of_another_chain_or_entry_is_named(platform: Platform) -> None:
    scope, other = written(platform, new_tenant()), signed(platform, written(platform, new_tenant()))
    ((text,),) = own(platform, other, "signed", "journal_checkpoints")
    forge(platform, scope, LENGTH, text)
    forge(platform, other, 3, text)
    assert found(platform, scope) == [("forged", LENGTH)]
    assert found(platform, other) == [("forged", 3)]


def test_the_export_holds_the_newest_of_each_chain(platform: Platform) -> None:
    scope = signed(platform, written(platform, new_tenant()))
    signed(platform, written(platform, scope, 2), 3 * DAY)
    person = signed(platform, written(platform, new_person()))
    elsewhere = kept(newest(platform.discovery, platform.checkpoint_keys, platform.sealing), platform.checkpoint_keys)
    assert [one.seq for one in elsewhere[scope]] == [LENGTH + 2]
    assert [one.seq for one in elsewhere[person]] == [LENGTH]
    with pytest.raises(NotSigned):
        kept(["nothing"], platform.checkpoint_keys)


def test_the_commands_export_and_verify_against_a_file(platform: Platform, tmp_path: Path) -> None:
    """Over the database of all tests, whose chains others tamper with: only what is said of this scope counts."""
    scope, file = signed(platform, written(platform, new_tenant())), tmp_path / "checkpoints"

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return warm.command_line(*words, environ=platform.environ)

    assert command("checkpoints", "export", str(file)).returncode == 0
    assert command("checkpoints", "export", str(file)).returncode != 0, "a file that is there is not written over"
    rows(platform, "DELETE FROM journal_checkpoints WHERE tenant_id = %s", scope.tenant)
    cut_off(platform, scope, 4)
    named = command("verify", "--checkpoints", str(file))
    assert named.returncode == 1
    assert [line for line in named.stdout.splitlines() if line.startswith(f"{scope} ")] == [
        f"{scope} {LENGTH} missing -: a checkpoint that is kept elsewhere is not in the database",
        f"{scope} {LENGTH} missing -: a checkpoint vouches for an entry here",
    ]
    file.write_text("nothing\n")
    refused = command("verify", "--checkpoints", str(file))
    assert (refused.returncode, refused.stdout) == (1, "")


SEALED = ("journal", "person_journal", "journal_checkpoints", "person_journal_checkpoints")
CHANGES = ("UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {}", "ALTER TABLE {} DISABLE ROW LEVEL SECURITY")


@pytest.mark.parametrize("name", [name for name in ROLES if name != "owner"])
def test_no_role_at_run_time_changes_what_is_sealed(platform: Platform, name: str) -> None:
    with psycopg.connect(platform.addresses[name]) as connection:

        def attempt(statement: str) -> None:
            with connection.transaction(force_rollback=True):
                connection.execute("SET app.tenant = '7'; SET app.person = 'none'; SET app.key = 'none'")
                connection.execute(statement.encode())

        statements = [change.format(table) for change in CHANGES for table in SEALED]
        assert let_through(attempt, statements, psycopg.errors.InsufficientPrivilege) == set()


def test_no_role_at_run_time_can_become_one_that_could(platform: Platform) -> None:
    names = [role(DATABASE, name) for name in ROLES if name != "owner"]
    powers = "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole) FROM pg_roles WHERE rolname = ANY(%s)"
    assert rows(platform, powers, names) == [(False,)]
    member = "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = ANY(%s)"
    assert rows(platform, member, names) == [(0,)]
    reads = "SELECT grantee FROM information_schema.role_table_grants WHERE table_name = ANY(%s) AND privilege_type "
    changes = rows(platform, f"{reads} NOT IN ('SELECT', 'INSERT')", list(SEALED))
    assert {name for (name,) in changes} <= {role(DATABASE, "owner")}


def test_a_public_key_checks_and_does_not_sign(platform: Platform) -> None:
    scope = signed(platform, written(platform, new_tenant()))
    private = platform.checkpoint_keys.keys["1"]
    public = CheckpointKeys.parse(f"1:{base64.b64encode(private.as_der(private=False)).decode()}")
    assert not public.can_sign
    assert list(verify(scope, public, platform.sealing)) == []
    ring = f"1:{base64.b64encode(private.as_der(private=False)).decode()}"
    refused = warm.command_line("worker", environ={**platform.environ, "CLOUD_CHECKPOINT_KEYS": ring})
    assert (refused.returncode, "CLOUD_CHECKPOINT_KEYS" in refused.stderr) == (1, True)


def test_the_newest_key_signs_and_the_others_check(platform: Platform) -> None:
    new = new_keys().checkpoints.replace("1:", "2:", 1)
    both = CheckpointKeys({**platform.checkpoint_keys.keys, **CheckpointKeys.parse(new).keys})
    scope = signed(platform, written(platform, new_tenant()))
    written(platform, scope, 1)
    assert sign_head(scope, both, later(platform, 3 * DAY)) == 1
    assert own(platform, scope, "key_id", "journal_checkpoints", order="id") == [("1",), ("2",)]
    assert list(verify(scope, both, platform.sealing)) == []
    assert found(platform, scope) == [("forged", LENGTH + 1)]


@pytest.mark.parametrize("ring", ["", "1", "1:x", "1:eHh4", "x:eHh4"])
def test_a_malformed_ring_is_refused(ring: str) -> None:
    with pytest.raises(ValueError, match="ring of checkpoint keys"):
        CheckpointKeys.parse(ring)


def test_a_worker_without_keys_does_not_start(platform: Platform) -> None:
    environ = {name: value for name, value in platform.environ.items() if name != "CLOUD_CHECKPOINT_KEYS"}
    refused = warm.command_line("worker", environ=environ)
    assert (refused.returncode, "CLOUD_CHECKPOINT_KEYS" in refused.stderr) == (1, True)
    malformed = warm.command_line("worker", environ={**environ, "CLOUD_CHECKPOINT_KEYS": "1:x"})
    assert (malformed.returncode, "CLOUD_CHECKPOINT_KEYS" in malformed.stderr) == (1, True)
