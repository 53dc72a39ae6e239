"""Running migrations from code: `upgrade(address)`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.settings import driver_url


def configuration(owner: str) -> Config:
    """Alembic's configuration for the database at `owner`, the address of its owner role."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("sqlalchemy.url", driver_url(owner).replace("%", "%%"))
    return config


def upgrade(owner: str) -> None:
    """Bring the database to the newest schema."""
    command.upgrade(configuration(owner), "head")


def newest() -> str:
    """The revision of the schema that this code needs."""
    return str(_scripts().get_current_head())


def is_behind(revision: str | None) -> bool:
    """Whether a schema of `revision` is older than this code needs it.

    One that this code does not know is newer: migrations leave room for processes of the former release.
    """
    known = {script.revision for script in _scripts().walk_revisions()}
    return revision is None or (revision in known and revision != newest())


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent))
