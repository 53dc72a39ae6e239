"""The command line: `python -m app.cli <command>`."""

import os

import click

from app.core.logs import configure
from app.factory import create_worker
from app.settings import Settings


@click.group()
def cli() -> None:
    """The cloud hospital."""


@cli.command()
def worker() -> None:
    """Seal, carry and send until told to stop."""
    configure()
    create_worker(Settings.from_environment(os.environ)).run()


if __name__ == "__main__":
    cli()
