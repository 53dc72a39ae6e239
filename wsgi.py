"""The WSGI entry point: `gunicorn wsgi:app`."""

import os

from app.core.logs import configure
from app.factory import create_app
from app.settings import Settings

configure()
app = create_app(Settings.from_environment(os.environ))
