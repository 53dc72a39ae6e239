"""The one place that knows everybody: it puts slices, engines and the edge together."""

from dataclasses import dataclass
from importlib import import_module

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.core.clock import SystemClock
from app.core.db import Base
from app.core.engines import discovering, fenced, options
from app.core.guard import fence
from app.core.http import Policy
from app.core.relays import Handlers
from app.core.unit import Database, connect
from app.edge import endpoint, health, problems, requests
from app.edge.api import PREFIX, configure
from app.edge.slice import Slice
from app.identity import token_endpoint
from app.identity.api import authenticate
from app.settings import Settings
from app.worker import Worker

SLICES = (Slice("identity", install=token_endpoint.install),)


def load(settings: Settings) -> tuple[Slice, ...]:
    """The platform's slices and those that the settings add."""
    return SLICES + tuple(import_module(name).SLICE for name in settings.slices)


def create_app(settings: Settings) -> Flask:
    """The web application. Makes no connection: workers that are forked later each open their own."""
    app = Flask("app")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_app,
        SQLALCHEMY_ENGINE_OPTIONS=options(settings.pool_size),
    )
    _connect(app, settings)
    app.extensions[endpoint.EXTENSION] = authenticate
    requests.install(app)
    problems.install(app)
    app.register_blueprint(health.blueprint)
    api = configure(app)
    for one in load(settings):
        if one.install:
            one.install(app)
        for blueprint in one.blueprints:
            api.register_blueprint(blueprint, url_prefix=PREFIX)
    return app


def _connect(app: Flask, settings: Settings) -> None:
    flask_database = SQLAlchemy(model_class=Base)
    flask_database.init_app(app)
    with app.app_context():
        engine = flask_database.engine
    fence(engine)
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind))


@dataclass(frozen=True)
class Hearing:
    """What the slices together hear and announce."""

    handlers: Handlers
    public: frozenset[str]


def hearing(settings: Settings) -> Hearing:
    """The relay handlers and public event types of all slices."""
    slices = load(settings)
    handlers = {key: handler for one in slices for key, handler in one.handlers.items()}
    return Hearing(handlers, frozenset(event for one in slices for event in one.events))


def create_worker(settings: Settings) -> Worker:
    """The worker of this process."""
    connect(Database(fenced(settings.database_app, settings.pool_size), SystemClock(), settings.cipher, settings.blind))
    heard = hearing(settings)
    return Worker(
        sealing=Database(fenced(settings.database_sealer, 3), SystemClock(), settings.cipher, settings.blind),
        discovery=discovering(settings.database_discovery),
        handlers=heard.handlers,
        public=heard.public,
        policy=Policy.production() if settings.production else Policy.loopback(),
        schedule=settings.webhook_schedule,
    )
