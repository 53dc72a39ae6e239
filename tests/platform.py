"""The one PostgreSQL that all tests share, and the settings of processes that work on it."""

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import Engine, create_engine

from app.core.blobs import keep_in
from app.core.blobs_disk import DiskBlobs
from app.core.clock import SystemClock
from app.core.engines import discovering, fenced
from app.core.journal.checkpoint_keys import CheckpointKeys
from app.core.journal.record import open_chain
from app.core.ports import Ports, fill
from app.core.schema import create
from app.core.scope import Scope
from app.core.unit import Database, connect, run
from app.factory import certify_by
from app.models import metadata
from app.residents.api import known_as
from app.settings import Settings, driver_url
from deploy.stack import DATABASE, Keys, Stack, environment, new_keys, prepare
from insurance.api import own_cost
from tenants.api import MAY_ACT, granted, signer_of
from tests import warm
from tests.dummy import models as dummy

FAST_RETRIES = "0.1,0.2,0.3"
UNLIMITED = {"CLOUD_LIMIT_CALLER": "100000/1000000", "CLOUD_LIMIT_TENANT": "100000/1000000"}
"""Tests ask faster, and as fewer people, than anybody else."""


@dataclass(frozen=True)
class Platform:
    """A prepared database with the dummy slice's tables in it."""

    admin: str
    addresses: dict[str, str]
    keys: Keys
    app: Engine
    sealer: Engine
    discovery: Engine
    settings: Settings

    @classmethod
    def over(cls, admin: str) -> "Platform":
        """Prepare a database on the server at `admin` and connect this process to it."""
        addresses, keys = prepare(admin), new_keys()
        owner = create_engine(driver_url(addresses["owner"]))
        tables = [m.__table__ for m in (dummy.Note, dummy.Copy, dummy.Line, dummy.Profile, dummy.Value)]
        with owner.begin() as connection:
            create(connection, tables)  # type: ignore[arg-type]  # a mapped class's table is a Table
        owner.dispose()
        blobs = tempfile.mkdtemp(prefix="cloud-hospital-blobs-")
        settings = Settings.from_environment(cls._environ(addresses, keys, blobs))
        made = cls(
            admin, addresses, keys, fenced(settings.database_app, 30), fenced(settings.database_sealer, 5),
            discovering(settings.database_discovery), settings,
        )  # fmt: skip
        connect(made.database)
        keep_in(DiskBlobs(settings.blobs))
        fill(default_ports())
        certify_by(settings)
        return made

    @staticmethod
    def _environ(addresses: dict[str, str], keys: Keys, blobs: str) -> dict[str, str]:
        more = UNLIMITED | {
            "CLOUD_BLOBS": blobs,
            "CLOUD_SLICES": "tests.dummy.slice",
            "CLOUD_WEBHOOK_SCHEDULE": FAST_RETRIES,
        }
        return environment(addresses, keys, **more)

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process that works on this database."""
        return self._environ(self.addresses, self.keys, str(self.settings.blobs))

    @property
    def database(self) -> Database:
        """What units of the application run on."""
        return Database(self.app, SystemClock(), self.settings.cipher, self.settings.blind)

    @property
    def sealing(self) -> Database:
        """What sealing runs on."""
        return Database(self.sealer, SystemClock(), self.settings.cipher, self.settings.blind)

    @property
    def checkpoint_keys(self) -> CheckpointKeys:
        """What heads of journals are signed with."""
        assert self.settings.checkpoint_keys
        return self.settings.checkpoint_keys

    def dispose(self) -> None:
        """Close every connection, and forget the blobs."""
        shutil.rmtree(self.settings.blobs, ignore_errors=True)
        self.looking.close()
        for engine in (self.app, self.sealer, self.discovery):
            engine.dispose()

    def stack(self, logs: Path, **more: str) -> Stack:
        """Processes of the platform over this database, with `more` settings; asked for before a test has work."""
        self._put_off()
        return Stack({**self.environ, **more}, logs, start=warm.start)

    def _put_off(self) -> None:
        """Leave what earlier tests left to do undone for ever: a worker would spend seconds on it first."""
        timed = [one.name for one in metadata.tables.values() if "due_at" in one.c and one.c.due_at.nullable]
        for name in timed:
            self.looking.execute(
                sql.SQL("UPDATE {} SET due_at = '2999-01-01' WHERE due_at < now() + interval '1 hour'").format(
                    sql.Identifier(name)
                )
            )

    def connection(self) -> psycopg.Connection:
        """A connection of the administrator's: it sees everything and can hold any lock."""
        return psycopg.connect(self.admin.rpartition("/")[0] + f"/{DATABASE}")

    @cached_property
    def looking(self) -> psycopg.Connection:
        """One that stays open for looks, each a transaction of its own: conditions are looked at many times a second,
        and to connect costs more than to ask.
        """
        made = self.connection()
        made.autocommit = True
        return made


def default_ports() -> Ports:
    """Codes go to nobody; everything else is the platform's own."""
    return Ports(lambda message_id, phone, message: None, granted, MAY_ACT, own_cost, known_as, signer_of)


def new_tenant() -> Scope:
    """A fresh tenant with an empty journal."""
    scope = Scope.for_tenant(secrets.randbelow(2**52) + 1)
    run(scope, open_chain)
    return scope
