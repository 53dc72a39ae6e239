"""Commands that set a platform up and run one on this machine; added to the command line by `app.cli`."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from app.core.clock import SystemClock
from app.core.errors import NotFound, Problem
from app.core.ids import PublicId
from app.core.journal.verify import Finding, verify_all
from app.core.key_settings import checkpoint_ring
from app.core.keys import KeysUnavailable
from app.core.roles import BadName, RolesExist, init
from app.core.scope import Scope
from app.core.unit import Caller, unit
from app.edge.permissions import doors
from app.error_codes import codes, rules
from app.errors_page import page as errors_page
from app.factory import SLICES, create_app, create_worker
from app.identity.api import new_issuer, new_root, rotate_keys
from app.permissions_page import page
from app.purposes_table import table
from app.settings import Settings, UnsafeSettings
from deploy.backup import BackupFailed, back_up, restore
from deploy.demo.run import demo as play
from deploy.demo.serve import serve as leave_running
from deploy.postgres import StartError
from deploy.processes import NotReady
from deploy.stack import environment, new_keys
from migrations.run import upgrade
from tenants.api import STAFF_ID, end_staff, invite_operator, invite_regulator, profile_of

CHECKPOINTS = "CLOUD_CHECKPOINT_KEYS"
PLACE = Path("var")
"""Where a local platform keeps its database, keys and logs."""
COMMAND_LINE = Caller("system:command-line")
TOLD = (UnsafeSettings, StartError, BadName, RolesExist, BackupFailed)
"""What whoever runs a command can mend: told in a line, with exit status 1, instead of a traceback."""


class Commands(click.Group):
    """A command line that tells what is wrong with its surroundings."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except TOLD as error:
            raise click.ClickException("; ".join(filter(None, str(error).splitlines()))) from error
        except NotReady as error:  # with the last lines of its log, which stay lines
            raise click.ClickException(str(error)) from error


@click.group()
def db() -> None:
    """The database: made once by an administrator, then migrated by its owner."""


@db.command("init")
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name.")
@click.option("--new-passwords", is_flag=True, help="Give roles that exist new passwords; the old ones end at once.")
def init_database(name: str, new_passwords: bool) -> None:
    """Make the database and its roles as the administrator of DATABASE_URL; prints each role's address."""
    _show(init(_address("DATABASE_URL"), name, new_passwords=new_passwords))


@db.command("migrate")
def migrate() -> None:
    """Bring the database of DATABASE_URL_OWNER to the newest schema."""
    upgrade(_address("DATABASE_URL_OWNER"))


@db.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name.")
def backup_database(file: Path, name: str) -> None:
    """Write the whole database to FILE as the administrator of DATABASE_URL."""
    back_up(_address("DATABASE_URL"), name, file)


@db.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--name", default="cloud_hospital", show_default=True, help="The database's name, as it was backed up.")
def restore_database(file: Path, name: str) -> None:
    """Fill an empty server from FILE; prints each role's address, then verifies every chain of the journal in the copy.

    Names each entry that was changed, is missing or was added on standard error, and exits with 1 when there is one.
    """
    administrator, checkpoints = _address("DATABASE_URL"), _checkpoints()
    addresses = restore(administrator, name, file)
    _show(addresses)
    faults = 0
    for finding in _findings(addresses, checkpoints):
        click.echo(finding, err=True)
        faults += 1
    sys.exit(1 if faults else 0)


def _findings(addresses: Mapping[str, str], checkpoints: str) -> Iterator[Finding]:
    """What is wrong with the chains of a copy, which are hashed over readable text: of its keys only those of the
    `checkpoints` matter.
    """
    settings = Settings.from_environment(environment(addresses, new_keys(), **{CHECKPOINTS: checkpoints}))
    process = create_worker(settings)
    return verify_all(process.discovery, process.keys, process.sealing)


def _checkpoints() -> str:
    """The ring of checkpoint keys, opened before anything is restored."""
    _address(CHECKPOINTS)
    try:
        return checkpoint_ring(os.environ, production=os.environ.get("CLOUD_ENVIRONMENT", "production") == "production")
    except KeysUnavailable as error:
        raise click.ClickException(str(error)) from error


def _address(variable: str) -> str:
    given = os.environ.get(variable)
    if not given:
        raise click.ClickException(f"{variable} is not set; docs/running.md says what it is")
    return given


def _show(addresses: dict[str, str]) -> None:
    for role, address in addresses.items():
        click.echo(f"DATABASE_URL_{role.upper()}={address}")


@click.group()
def tokens() -> None:
    """Tokens that only the command line gives."""


@tokens.command("operator")
@click.option(
    "--name", "names", multiple=True, default=("operator",), show_default=True, help="How one is called; once for each."
)
def operator_token(names: tuple[str, ...]) -> None:
    """Invite a platform operator, or several: what binds the platform takes two. Prints for each a token to be accepted
    within seven days by whoever signs in.
    """
    create_worker(Settings.from_environment(os.environ))
    for name in names:
        click.echo(invite_operator(name).token)


@tokens.command("regulator")
@click.option("--name", default="regulator", show_default=True, help="How they are called.")
def regulator_token(name: str) -> None:
    """Invite somebody of the supervising authority; prints a token to be accepted as an operator's."""
    create_worker(Settings.from_environment(os.environ))
    click.echo(invite_regulator(name).token)


@tokens.command("end-operator")
@click.argument("staff_id")
def end_operator(staff_id: str) -> None:
    """End the platform operator STAFF_ID (sta_...): every token is dead at once, an open invitation is withdrawn."""
    create_worker(Settings.from_environment(os.environ))
    try:
        end_staff(_operator(staff_id), COMMAND_LINE)
    except Problem as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{staff_id} has ended")


def _operator(staff_id: str) -> PublicId:
    """The id of somebody of the platform's own tenant; the staff of the others is theirs to end."""
    try:
        member = PublicId.parse(staff_id, STAFF_ID)
        with unit(Scope.for_tenant(member.scope.require_tenant())) as reading:
            if profile_of(reading).kind == "platform":
                return member
    except (ValueError, NotFound):  # no id of staff, nobody's tenant
        pass
    raise click.ClickException("that is nobody of the platform's own staff")


@click.group()
def keys() -> None:
    """The keys that sign ID tokens."""


@keys.command("rotate")
def rotate() -> None:
    """Sign with a fresh key from now on; prints its id. The former one stays published until its tokens have ended."""
    create_worker(Settings.from_environment(os.environ))
    click.echo(rotate_keys())


@click.group()
def authority() -> None:
    """The platform's own certificate authority, which certifies signing keys."""


@authority.command("make")
@click.argument("root", type=click.Path(path_type=Path))
def make_authority(root: Path) -> None:
    """Make an issuing key under the root in the file ROOT, which is made where there is none; prints the setting.

    ROOT holds the root's private key: keep it offline.
    """
    now = SystemClock().now()
    try:
        if not root.exists():
            root.touch(mode=0o600)
            root.write_bytes(new_root(now))
        click.echo(f"CLOUD_SIGNING_AUTHORITY={new_issuer(root.read_bytes(), now)}")
    except (OSError, ValueError) as error:
        raise click.ClickException("ROOT is no root that `authority make` wrote, or no place for one") from error


@click.command()
@click.option("--journeys", default=1, show_default=True, type=click.IntRange(1, 1000))
def demo(journeys: int) -> None:
    """Start everything, play a day over HTTP, stop everything."""
    sys.exit(play(PLACE, journeys))


@click.command()
def serve() -> None:
    """Start everything and leave it running until interrupted."""
    leave_running(PLACE)


@click.command()
def permissions() -> None:
    """Print the page of roles, permissions and endpoints, which is docs/permissions.md; needs no database."""
    nowhere = dict.fromkeys(("app", "sealer", "discovery"), "postgresql://nobody@localhost/nothing")
    app = create_app(Settings.from_environment(environment(nowhere, new_keys())))
    click.echo(page(doors(app)), nl=False)


@click.command()
def errors() -> None:
    """Print the page of every code and rule of an error, which is docs/errors.md; needs no database."""
    click.echo(errors_page(codes(), rules()), nl=False)


@click.command()
def purposes() -> None:
    """Print the table of what staff and systems read of residents, which stands in docs/privacy.md."""
    click.echo(table(purpose for one in SLICES for purpose in one.purposes), nl=False)


COMMANDS = (db, tokens, keys, authority, demo, serve, permissions, errors, purposes)
