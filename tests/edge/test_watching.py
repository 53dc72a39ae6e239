"""What those see who run the platform: a schema that is behind, work that nobody does, what waits for an operator."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from alembic import command
from flask import Flask

from app.core.backlog import backlog
from app.core.ids import new_id
from app.core.roles import init
from app.settings import driver_url
from migrations.run import configuration, is_behind, newest, upgrade
from tests.edge.conftest import running
from tests.platform import Platform

OLD = timedelta(days=400)
"""Older than anything that other tests leave behind."""


def figures(app: Flask) -> dict[str, float]:
    """The gauges of what waits."""
    text = app.test_client().get("/metrics").text
    found = re.findall(r"^((?:work_|relays_|deliveries_|database_)\S+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def readiness(app: Flask) -> tuple[int, str]:
    answer = app.test_client().get("/readyz")
    assert answer.json
    return answer.status_code, answer.json["status"]


@pytest.fixture(scope="module")
def own(platform: Platform) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An application over a database of its own, and the addresses of its roles."""
    name = "watched"
    with psycopg.connect(platform.admin, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
    addresses = init(platform.admin, name, new_passwords=True)
    upgrade(addresses["owner"])
    changed = replace(
        platform.settings,
        database_app=driver_url(addresses["app"]),
        database_discovery=driver_url(addresses["discovery"]),
    )
    with running(platform, changed) as app:
        yield app, addresses


def test_a_schema_that_is_behind_is_not_ready(own: tuple[Flask, dict[str, str]]) -> None:
    app, addresses = own
    assert readiness(app) == (200, "ok")
    command.downgrade(configuration(addresses["owner"]), "-1")
    assert readiness(app) == (503, "schema_behind")
    upgrade(addresses["owner"])
    assert readiness(app) == (200, "ok")
    with psycopg.connect(addresses["owner"]) as owner:
        owner.execute("UPDATE alembic_version SET version_num = 'later'")
    assert readiness(app) == (200, "ok"), "processes of the former release go on during a rollout"
    with psycopg.connect(addresses["owner"]) as owner:
        owner.execute("DELETE FROM alembic_version")
    assert readiness(app) == (503, "schema_behind")
    with psycopg.connect(addresses["owner"]) as owner:
        owner.execute("INSERT INTO alembic_version VALUES (%s)", [newest()])
    assert readiness(app) == (200, "ok")


def test_revisions() -> None:
    assert [is_behind(one) for one in (newest(), "0001", "9999", None)] == [False, True, False, True]


def test_work_that_nobody_does_shows_its_age(own: tuple[Flask, dict[str, str]]) -> None:
    app, addresses = own
    before = figures(app)
    assert before["database_reached"] == 1
    assert {value for name, value in before.items() if name.startswith(("work_", "relays_"))} == {0}
    now = datetime.now(UTC)
    with psycopg.connect(addresses["owner"]) as owner:
        owner.execute(
            "INSERT INTO journal_pending (tenant_id, id, due_at, type, subject, subject_version, actor, request_id,"
            " facts, relays) VALUES (7, %s, %s, 'x', 'x', 1, 'x', 'x', '{}', '[]')",
            [new_id(), now - OLD],
        )
        for seconds, state in ((-50, "pending"), (-40, "pending"), (60, "pending"), (None, "stuck"), (None, "stuck")):
            due_at = None if seconds is None else now + timedelta(seconds=seconds)
            owner.execute(
                "INSERT INTO person_relays (person_id, id, seq, position, subject, taker, type, version, state, due_at,"
                " tries) VALUES (%s, %s, 1, 1, 'x', 'x', 'x', 1, %s, %s, 0)",
                [new_id(), new_id(), state, due_at],
            )
        owner.execute(
            "INSERT INTO idempotency_keys (tenant_id, principal, name, request, due_at) VALUES (7, 'x', 'x', 'x', %s)",
            [now - timedelta(seconds=30)],
        )
    found = figures(app)
    assert OLD.total_seconds() <= found['work_overdue_seconds{table="journal_pending"}'] < OLD.total_seconds() + 60
    assert 50 <= found['work_overdue_seconds{table="person_relays"}'] < 110
    assert found['work_overdue_seconds{table="relays"}'] == 0
    assert 30 <= found['work_overdue_seconds{table="idempotency_keys"}'] < 90
    assert found["relays_stuck"] == 2


def test_dead_letters_are_counted(own: tuple[Flask, dict[str, str]]) -> None:
    app, addresses = own
    before = figures(app)["deliveries_exhausted"]
    endpoint, entry, now = new_id(), new_id(), datetime.now(UTC)
    with psycopg.connect(addresses["owner"]) as owner:
        owner.execute(
            "INSERT INTO webhook_endpoints (tenant_id, id, url, types, state, secret, version, created_at)"
            " VALUES (7, %s, 'x', '[]', 'active', 'x', 1, %s)",
            [endpoint, now],
        )
        owner.execute(
            "INSERT INTO journal (tenant_id, id, seq, at, type, subject, subject_version, text, hash)"
            " VALUES (7, %s, 1, %s, 'x', 'x', 1, 'x', 'x')",
            [entry, now],
        )
        owner.execute(
            "INSERT INTO deliveries (tenant_id, id, endpoint_id, entry_id, state, tries)"
            " VALUES (7, %s, %s, %s, 'exhausted', 10)",
            [new_id(), endpoint, entry],
        )
    assert figures(app)["deliveries_exhausted"] == before + 1


def test_figures_without_a_database(platform: Platform) -> None:
    nowhere = driver_url("postgresql://nobody:x@127.0.0.1:1/nothing")
    with running(platform, replace(platform.settings, database_discovery=nowhere)) as app:
        assert figures(app) == {"database_reached": 0}
        assert readiness(app) == (503, "unavailable")


def test_every_table_that_waits_is_watched(platform: Platform, app: Flask) -> None:
    """Each table in which discovery looks for work has its figure."""
    watched = {name for name in figures(app) if name.startswith("work_")}
    with platform.connection() as admin:
        query = "SELECT tablename FROM pg_policies WHERE policyname = tablename || '_work' AND qual <> 'true'"
        waiting = {name for (name,) in admin.execute(query).fetchall()}
    assert waiting
    assert watched == {f'work_overdue_seconds{{table="{name}"}}' for name in waiting}


def test_discovery_reads_states_and_nothing_else(platform: Platform) -> None:
    assert backlog(platform.discovery, (), datetime.now(UTC)).overdue
    with psycopg.connect(platform.addresses["discovery"]) as discovery:
        for column in ("subject", "payload", "taker"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                discovery.execute(f"SELECT {column} FROM relays".encode())  # noqa: S608  # names of our own
            discovery.rollback()
