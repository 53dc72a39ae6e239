"""The command line: `python -m app.cli <command>`."""

import os
import sys
import uuid
from collections.abc import Callable
from typing import TextIO

import click

from app.core.loading import loaded  # isort: split

from app.commands import COMMANDS, Commands
from app.core.blob_rotation import over_blobs
from app.core.errors import Problem
from app.core.journal.checkpoint_keys import NotSigned
from app.core.journal.checkpoints import kept, newest
from app.core.journal.verify import chains, verify_all
from app.core.logs import configure
from app.core.rotation import Tally, over, pending, scopes
from app.core.scope import Scope
from app.core.stuck import OPERATOR, answer, retry, stuck
from app.core.unit import Unit, database, run, unit
from app.factory import create_worker
from app.models import metadata
from app.settings import Settings, UnsafeSettings
from app.worker import Worker


class ScopeName(click.ParamType[Scope]):
    """A scope as logs and entries name it: `tenant:7` or `person:<uuid>`."""

    name = "scope"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Scope:
        """Read `value`, or fail as click wants it."""
        try:
            return Scope.parse(value)
        except ValueError:
            self.fail("a scope is tenant:<number> or person:<uuid>", param, ctx)


SCOPE = ScopeName()


@click.group(cls=Commands)
def cli() -> None:
    """The cloud hospital."""
    loaded()


@cli.command()
def worker() -> None:
    """Seal, carry and send until told to stop."""
    configure()
    made = _worker()
    if not made.keys.can_sign:
        raise UnsafeSettings("the newest key of CLOUD_CHECKPOINT_KEYS is a public one: a worker signs with it")
    made.run()


@cli.command()
@click.option(
    "--checkpoints", type=click.File(), help="Checkpoints that are kept elsewhere, as `checkpoints export` wrote."
)
def verify(checkpoints: TextIO | None) -> None:
    """Hash every journal again and hold it against its checkpoints; name each changed, missing or inserted entry and
    each forged checkpoint, and exit with 1 when there is one.
    """
    process = _worker()
    try:
        elsewhere = kept(checkpoints or (), process.keys)
    except NotSigned as error:
        raise click.ClickException(f"the file: {error}") from error
    faults = 0
    for finding in verify_all(process.discovery, process.keys, process.sealing, elsewhere):
        click.echo(finding)
        faults += 1
    sys.exit(1 if faults else 0)


@cli.group()
def checkpoints() -> None:
    """Signatures of the journals, made by the worker once a day for each that grew."""


@checkpoints.command("export")
@click.argument("file", type=click.File("x", encoding="ascii"))
def export_checkpoints(file: TextIO) -> None:
    """Write the newest checkpoint of every journal to FILE, which is new; keep it where no administrator of the
    database can write.
    """
    process = _worker()
    count = 0
    for signed in newest(process.discovery, process.keys, process.sealing):
        file.write(f"{signed}\n")
        count += 1
    click.echo(f"{count} checkpoints")


@cli.group()
def encryption() -> None:
    """Keys of field encryption: changed while the platform runs."""


@encryption.command("rotate")
def rotate_encryption() -> None:
    """Seal everything that an older key sealed with the newest one of CLOUD_KEYS; ends with 1 while some is left.

    May be stopped and started again at any time.
    """
    process = _worker()
    tally = _tallied(process, change=True)
    newest = database().cipher.sealer
    left = tally.left(newest)
    for table in sorted(left):
        click.echo(f"{table}\t{tally.changed[table]} changed\t{left[table]} left")
    sys.exit(1 if any(left.values()) else 0)


@encryption.command("count")
def count_encryption() -> None:
    """Count what each key of CLOUD_KEYS sealed, without decrypting; a key with none may be dropped."""
    tally = _tallied(_worker(), change=False)
    for table, versions in sorted(tally.versions.items()):
        for version, count in sorted(versions.items()):
            click.echo(f"{table}\tkey {version}\t{count}")


def _tallied(process: Worker, *, change: bool) -> Tally:
    found = scopes(metadata, process.discovery)
    tally = pending(process.discovery, process.sealing)
    tally.add(over(metadata, found, database(), change=change))
    tally.add(over_blobs(metadata, found, database(), change=change))
    return tally


@cli.group()
def relays() -> None:
    """Relays that failed too often, and block their subject until an operator acts."""


@relays.command("stuck")
def list_stuck() -> None:
    """List them: giver, id, taker, type, version, tries and kind of error; never what they say."""
    for scope in sorted(chains(_worker().discovery), key=str):
        with unit(scope) as reading:
            for relay in stuck(reading):
                row = (scope, relay.id, relay.taker, relay.type, relay.version, relay.tries, relay.error)
                click.echo("\t".join(map(str, row)))


@relays.command("retry")
@click.argument("scope", type=SCOPE)
@click.argument("relay_id", type=click.UUID)
def retry_stuck(scope: Scope, relay_id: uuid.UUID) -> None:
    """Try the relay RELAY_ID that SCOPE gives again."""
    _act(scope, lambda opened: retry(opened, relay_id))


@relays.command("answer")
@click.argument("scope", type=SCOPE)
@click.argument("relay_id", type=click.UUID)
@click.option("--code", required=True, help="The answer's code, as the taker would have given it.")
def answer_stuck(scope: Scope, relay_id: uuid.UUID, code: str) -> None:
    """Answer the relay RELAY_ID that SCOPE gives in its taker's place; it is journalled and never carried."""
    _act(scope, lambda opened: answer(opened, relay_id, code))


def _act(scope: Scope, work: Callable[[Unit], None]) -> None:
    _worker()
    try:
        run(scope, work, OPERATOR)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem


def _worker() -> Worker:
    return create_worker(Settings.from_environment(os.environ))


for command in COMMANDS:
    cli.add_command(command)


if __name__ == "__main__":
    cli()
