"""Schemathesis as a program, which looks for garbage as rarely as the platform does."""

from app.core.loading import loaded  # isort: split

from schemathesis.cli import schemathesis

if __name__ == "__main__":
    loaded()
    schemathesis()
