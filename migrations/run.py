"""Running migrations from code: `upgrade(address)`."""

from pathlib import Path

from alembic import command
from alembic.config import Config

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
