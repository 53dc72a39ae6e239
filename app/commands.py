"""Commands that set a platform up and run one on this machine; added to the command line by `app.cli`."""

import os
import sys
from pathlib import Path

import click

from app.core.roles import init
from app.factory import create_worker
from app.settings import Settings
from deploy.backup import back_up, restore
from deploy.demo.run import demo as play
from deploy.demo.serve import serve as leave_running
from migrations.run import upgrade
from tenants.api import invite_operator

PLACE = Path("var")
"""Where a local platform keeps its database, keys and logs."""


@click.group()
def db() -> None:
    """The database: made once by an administrator, then migrated by its owner."""


@db.command("init")
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name.")
def init_database(name: str) -> None:
    """Make the database and its roles as the administrator of DATABASE_URL; prints each role's address."""
    _show(init(os.environ["DATABASE_URL"], name))


@db.command("migrate")
def migrate() -> None:
    """Bring the database of DATABASE_URL_OWNER to the newest schema."""
    upgrade(os.environ["DATABASE_URL_OWNER"])


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name.")
def backup_database(file: Path, name: str) -> None:
    """Write the whole database to FILE as the administrator of DATABASE_URL."""
    back_up(os.environ["DATABASE_URL"], name, file)


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name, as it was backed up.")
def restore_database(file: Path, name: str) -> None:
    """Fill an empty server from FILE; prints each role's address. Run `verify` on it before anybody relies on it."""
    _show(restore(os.environ["DATABASE_URL"], name, file))


def _show(addresses: dict[str, str]) -> None:
    for role, address in addresses.items():
        click.echo(f"DATABASE_URL_{role.upper()}={address}")


@click.group()
def tokens() -> None:
    """Tokens that only the command line gives."""


@tokens.command("operator")
@click.option("--name", default="operator", show_default=True, help="How the operator is called.")
def operator_token(name: str) -> None:
    """Invite a platform operator; prints a token to be accepted within seven days by whoever signs in."""
    create_worker(Settings.from_environment(os.environ))
    click.echo(invite_operator(name).token)


@click.command()
@click.option("--journeys", default=1, show_default=True, type=click.IntRange(1, 1000))
def demo(journeys: int) -> None:
    """Start everything, play a day over HTTP, stop everything."""
    sys.exit(play(PLACE, journeys))


@click.command()
def serve() -> None:
    """Start everything and leave it running until interrupted."""
    leave_running(PLACE)


COMMANDS = (db, tokens, demo, serve)
