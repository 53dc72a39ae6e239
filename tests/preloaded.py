"""What the server of warm processes has loaded and set up before it forks any; see warm.py."""

from importlib import import_module

from app.core.loading import loaded  # isort: split

from sqlalchemy.orm import configure_mappers

for name in ("app.commands", "app.models", "gunicorn.app.wsgiapp", "tests.dummy.slice"):
    import_module(name)
configure_mappers()
loaded()
