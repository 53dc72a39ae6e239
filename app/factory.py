"""The one place that knows everybody: it puts slices, engines and the edge together."""

from dataclasses import dataclass
from importlib import import_module

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from app.core.clock import SystemClock
from app.core.db import Base
from app.core.engines import discovering, fenced, options
from app.core.guard import fence
from app.core.http import Client, Policy
from app.core.idempotency import FORGETTING
from app.core.ports import Ports, fill
from app.core.relays import Handlers, each_of
from app.core.timers import Timer
from app.core.unit import Database, connect
from app.core.wake import Bell, Hints, silent
from app.edge import docs, endpoint, health, metrics, problems, requests
from app.edge.api import PREFIX, configure
from app.edge.integrators import describe
from app.edge.slice import Slice
from app.identity.api import authenticate
from app.identity.connectors.sms import SmsGateway, patience
from app.identity.slice import SLICE as IDENTITY
from app.payments.names import GATEWAY_HOSTS
from app.payments.slice import SLICE as PAYMENTS
from app.residents.connectors import registry
from app.residents.names import REGISTRY
from app.residents.slice import SLICE as RESIDENTS
from app.scheduling.names import HOLD
from app.scheduling.slice import SLICE as SCHEDULING
from app.settings import Settings
from app.visits.names import TERMS
from app.visits.service.requesting import Terms
from app.visits.slice import SLICE as VISITS
from app.worker import Worker
from tenants.api import OUTSIDE, PUBLIC_TYPES, Outside, grants, may_act
from tenants.slice import SLICE as TENANTS

SLICES = (IDENTITY, TENANTS, RESIDENTS, PAYMENTS, SCHEDULING, VISITS)


def load(settings: Settings) -> tuple[Slice, ...]:
    """The platform's slices and those that the settings add."""
    return SLICES + tuple(import_module(name).SLICE for name in settings.slices)


def create_app(settings: Settings) -> Flask:
    """The web application. Makes no connection: workers that are forked later each open their own."""
    app = Flask("app", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_app,
        SQLALCHEMY_ENGINE_OPTIONS=options(settings.pool_size),
    )
    _connect(app, settings)
    fill(_ports(settings))
    app.extensions[endpoint.EXTENSION] = authenticate
    app.extensions[OUTSIDE] = Outside(Client(_policy(settings)), _policy(settings))
    app.extensions[GATEWAY_HOSTS] = settings.gateway_hosts
    app.extensions[PUBLIC_TYPES] = hearing(settings).public
    app.extensions[REGISTRY] = registry.over(_policy(settings), settings.registry_url, settings.registry_key)
    app.extensions[HOLD] = settings.hold
    app.extensions[TERMS] = Terms(settings.visit_take, settings.visit_window)
    requests.install(app, secure=settings.production)
    problems.install(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(metrics.blueprint(settings.metrics_token))
    api = configure(app)
    for one in load(settings):
        if one.install:
            one.install(app)
        for blueprint in one.blueprints:
            api.register_blueprint(blueprint, url_prefix=PREFIX)
    describe(api.spec, {event: sentence for one in load(settings) for event, sentence in one.events.items()})
    return app


def _connect(app: Flask, settings: Settings) -> None:
    flask_database = SQLAlchemy(model_class=Base)
    flask_database.init_app(app)
    with app.app_context():
        engine = flask_database.engine
    fence(engine)
    connect(
        Database(
            engine, SystemClock(), settings.cipher, settings.blind, Hints(settings.wakes) if settings.wakes else silent
        )
    )


def _ports(settings: Settings) -> Ports:
    gateway = SmsGateway(Client(patience(_policy(settings))), settings.sms_url, settings.sms_key)
    return Ports(send_code=gateway, staff_grants=grants, tenant_may_act=may_act)


def _policy(settings: Settings) -> Policy:
    return Policy.production() if settings.production else Policy.loopback()


@dataclass(frozen=True)
class Hearing:
    """What the slices together hear and announce."""

    handlers: Handlers
    public: frozenset[str]
    timers: tuple[Timer, ...]


def hearing(settings: Settings) -> Hearing:
    """The relay handlers and public event types of all slices."""
    slices = load(settings)
    keys = {key for one in slices for key in one.handlers}
    handlers = {key: each_of([one.handlers[key] for one in slices if key in one.handlers]) for key in keys}
    events = frozenset(event for one in slices for event in one.events)
    return Hearing(handlers, events, tuple(timer for one in slices for timer in one.timers))


def create_worker(settings: Settings) -> Worker:
    """The worker of this process."""
    bell = Bell()
    engine = fenced(settings.database_app, settings.pool_size)
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind, bell.ring))
    heard = hearing(settings)
    return Worker(
        bell=bell,
        listens=settings.listens,
        sealing=Database(fenced(settings.database_sealer, 3), SystemClock(), settings.cipher, settings.blind),
        discovery=discovering(settings.database_discovery),
        handlers=heard.handlers,
        public=heard.public,
        policy=_policy(settings),
        schedule=settings.webhook_schedule,
        relay_pace=settings.relay_pace,
        timers=(FORGETTING, *heard.timers),
    )
