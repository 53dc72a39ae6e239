"""A worker that looks for what is only to be forgotten every half second, instead of every ten."""

import os
from dataclasses import replace

from app.core.logs import configure
from app.factory import create_worker
from app.settings import Settings

if __name__ == "__main__":
    configure()
    replace(create_worker(Settings.from_environment(os.environ)), forget_seconds=0.5).run()
