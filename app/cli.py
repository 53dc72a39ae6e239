"""The command line: `python -m app.cli <command>`."""

import gc
import os
import sys
import uuid
from collections.abc import Callable

import click

from app.commands import COMMANDS, Commands
from app.core.errors import Problem
from app.core.journal.verify import chains, verify_all
from app.core.logs import configure
from app.core.scope import Scope
from app.core.stuck import OPERATOR, answer, retry, stuck
from app.core.unit import Unit, run, unit
from app.factory import create_worker
from app.settings import Settings
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


@cli.command()
def worker() -> None:
    """Seal, carry and send until told to stop."""
    configure()
    made = _worker()
    gc.collect()
    gc.freeze()  # the loaded application is left out of every later look for garbage: none of it ever becomes any
    made.run()


@cli.command()
def verify() -> None:
    """Hash every journal again; name each changed, missing or inserted entry, and exit with 1 when there is one."""
    process = _worker()
    faults = 0
    for finding in verify_all(process.discovery, process.sealing):
        click.echo(finding)
        faults += 1
    sys.exit(1 if faults else 0)


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
