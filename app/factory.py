"""The one place that knows everybody: it puts slices, engines and the edge together."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Table

from app.core.backlog import backlog, revision
from app.core.blobs import SWEEPING, keep_in
from app.core.blobs_disk import DiskBlobs
from app.core.clock import SystemClock
from app.core.connectors.clamd import Clamd
from app.core.db import Base
from app.core.engines import discovering, fenced, options, probing
from app.core.guard import fence
from app.core.http import Client, Policy
from app.core.idempotency import FORGETTING
from app.core.journal.checkpoints import HEADS, signing
from app.core.looks import FORGETTING as FORGETTING_LOOKS
from app.core.malware import connect_scanner
from app.core.ports import Ports, fill
from app.core.refusals import FORGETTING as FORGETTING_REFUSALS
from app.core.relays import Handlers, each_of
from app.core.timers import Timer
from app.core.traffic import FORGETTING as FORGETTING_TRAFFIC
from app.core.typesetting import Typesetter, connect_typesetter
from app.core.unit import Database, connect
from app.core.wake import Bell, Hints, silent
from app.edge import client, docs, endpoint, gate, health, metrics, problems, requests
from app.edge.api import PREFIX, configure
from app.edge.integrators import describe
from app.edge.slice import Slice
from app.identity.api import (
    ISSUER,
    ORGANIZATION,
    RELYING_PARTY,
    authenticate,
    certifying_of,
    connect_authority,
    unless_erased,
)
from app.identity.connectors.sms import SmsGateway, patience
from app.identity.slice import SLICE as IDENTITY
from app.payments.names import GATEWAY_HOSTS
from app.payments.slice import SLICE as PAYMENTS
from app.records.names import TERM
from app.records.slice import SLICE as RECORDS
from app.residents.api import known_as
from app.residents.closing.service.ends import connect_closings
from app.residents.connectors import registry
from app.residents.names import REGISTRY
from app.residents.service.gathering import connect_exports
from app.residents.slice import SLICE as RESIDENTS
from app.scheduling.names import HOLD
from app.scheduling.slice import SLICE as SCHEDULING
from app.settings import Settings, UnsafeSettings
from app.visits.names import TERMS
from app.visits.service.requesting import Terms
from app.visits.slice import SLICE as VISITS
from app.worker import Worker
from insurance.api import SCHEME_HOSTS, connect_schemes, own_cost
from insurance.slice import SLICE as INSURANCE
from migrations.run import is_behind
from prescriptions.names import DAY, OFFER
from prescriptions.slice import SLICE as PRESCRIPTIONS
from tenants.api import MAY_ACT, OUTSIDE, PUBLIC_TYPES, Outside, granted, organization_name, signer_of
from tenants.connectors import face
from tenants.names import FACE, PRESENCE
from tenants.slice import SLICE as TENANTS

SLICES = (IDENTITY, TENANTS, RESIDENTS, PAYMENTS, SCHEDULING, VISITS, PRESCRIPTIONS, INSURANCE, RECORDS)


OWN_TIMERS = (FORGETTING, FORGETTING_LOOKS, FORGETTING_REFUSALS, FORGETTING_TRAFFIC, SWEEPING)
"""Those of the core."""


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
    _end_accounts(settings)
    fill(_ports(settings))
    _keep(settings)
    app.extensions[endpoint.EXTENSION] = authenticate
    app.extensions[client.EXTENSION] = settings.trusted_proxies
    app.extensions[PUBLIC_TYPES] = hearing(settings).public
    _name(app, settings)
    _time(app, settings)
    _open_doors(app, settings)
    requests.install(app, secure=settings.production)
    problems.install(app)
    gate.install(app, settings.hosts, settings.limits)
    app.register_blueprint(docs.blueprint)
    _watch(app, settings)
    api = configure(app)
    for one in load(settings):
        if one.install:
            one.install(app)
        for blueprint in one.blueprints:
            api.register_blueprint(blueprint, url_prefix=PREFIX)
    events = {event: sentence for one in load(settings) for event, sentence in one.events.items()}
    api.describe(lambda spec: describe(spec, events))
    return app


def _keep(settings: Settings) -> None:
    """Where large contents are kept, and who scans those that people send."""
    keep_in(DiskBlobs(settings.blobs))
    connect_scanner(Clamd(*settings.scanner) if settings.scanner else None)


def _name(app: Flask, settings: Settings) -> None:
    """What this platform and its organizations are called towards apps."""
    app.extensions[ISSUER] = settings.issuer
    app.extensions[ORGANIZATION] = organization_name
    app.extensions[RELYING_PARTY] = settings.relying_party


def _open_doors(app: Flask, settings: Settings) -> None:
    """By which ways the platform asks outside systems, and which it may ask."""
    app.extensions[OUTSIDE] = Outside(_policy(settings))
    app.extensions[GATEWAY_HOSTS] = settings.gateway_hosts
    app.extensions[REGISTRY] = registry.over(_policy(settings), settings.registry_url, settings.registry_key)
    signing = settings.signing
    app.extensions[FACE] = (
        face.over(_policy(settings), signing.face_url, signing.face_key) if signing.face_url else None
    )
    app.extensions[SCHEME_HOSTS] = settings.scheme_hosts
    connect_schemes(_policy(settings))
    certify_by(settings)


def _time(app: Flask, settings: Settings) -> None:
    """How long things wait and last."""
    app.extensions[HOLD] = settings.hold
    app.extensions[TERMS] = Terms(settings.visit_take, settings.visit_window)
    app.extensions[OFFER] = settings.offer
    app.extensions[DAY] = settings.prescription_day
    app.extensions[TERM] = settings.emergency
    app.extensions[PRESENCE] = settings.presence


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


def _end_accounts(settings: Settings) -> None:
    """What each slice does when an account ends."""
    slices = load(settings)
    names = [column for one in slices if one.exports for column in one.exports.names]
    connect_closings([one.closing for one in slices if one.closing], names)


def _ports(settings: Settings) -> Ports:
    gateway = SmsGateway(Client(patience(_policy(settings))), settings.sms_url, settings.sms_key)
    return Ports(
        send_message=gateway, staff_grants=granted, tenant_may_act=MAY_ACT, own_cost=own_cost,
        verified_identity=known_as, signer_of=signer_of, staff_idle=settings.staff_idle,
    )  # fmt: skip


def certify_by(settings: Settings) -> None:
    """Say who certifies signing keys in this process; raises UnsafeSettings."""
    try:
        connect_authority(certifying_of(settings.signing, _policy(settings), settings.issuer))
    except ValueError as error:
        raise UnsafeSettings(str(error)) from error


def _policy(settings: Settings) -> Policy:
    return Policy.production() if settings.production else Policy.loopback()


@dataclass(frozen=True)
class Hearing:
    """What the slices together hear and announce."""

    handlers: Handlers
    public: frozenset[str]
    timers: tuple[Timer, ...]


def hearing(settings: Settings) -> Hearing:
    """The relay handlers and public event types of all slices; nobody hears anything for an erased account."""
    slices = load(settings)
    keys = {key for one in slices for key in one.handlers}
    heard = {key: each_of([one.handlers[key] for one in slices if key in one.handlers]) for key in keys}
    answering = frozenset[tuple[str, int]]().union(*(one.answers_for_erased for one in slices))
    handlers = {key: one if key in answering else unless_erased(one) for key, one in heard.items()}
    events = frozenset(event for one in slices for event in one.events)
    return Hearing(handlers, events, tuple(timer for one in slices for timer in one.timers))


def _watch(app: Flask, settings: Settings) -> None:
    """What those ask who run the platform; it sees as little of the database as the worker's look for work."""
    probe, now = probing(settings.database_discovery), SystemClock().now
    timers = (*OWN_TIMERS, *hearing(settings).timers)
    timed, asking = (*_tables(timers), *_of(HEADS)), _tables([timer for timer in timers if timer.asks])
    app.register_blueprint(health.blueprint(lambda: not is_behind(revision(probe))))
    app.register_blueprint(metrics.blueprint(settings.metrics_token, lambda: backlog(probe, timed, now(), asking)))


def _tables(timers: Iterable[Timer]) -> tuple[Table, ...]:
    """The tables on which `timers` act."""
    return _of(model for timer in timers for model in timer.models)


def _of(models: Iterable[type[Base]]) -> tuple[Table, ...]:
    return tuple(Base.metadata.tables[model.__tablename__] for model in models)


def create_worker(settings: Settings) -> Worker:
    """The worker of this process; raises UnsafeSettings where it could not check checkpoints."""
    if settings.checkpoint_keys is None:
        raise UnsafeSettings("CLOUD_CHECKPOINT_KEYS is missing")
    bell = Bell()
    _keep(settings)
    engine = fenced(settings.database_app, settings.pool_size)
    connect(Database(engine, SystemClock(), settings.cipher, settings.blind, bell.ring))
    connect_schemes(_policy(settings))
    connect_typesetter(Typesetter(settings.fonts) if settings.fonts else None)
    certify_by(settings)
    fill(_ports(settings))
    connect_exports([one.exports for one in load(settings) if one.exports])
    _end_accounts(settings)
    heard = hearing(settings)
    sealing = Database(fenced(settings.database_sealer, 3), SystemClock(), settings.cipher, settings.blind)
    return Worker(
        bell=bell,
        listens=settings.listens,
        sealing=sealing,
        keys=settings.checkpoint_keys,
        discovery=discovering(settings.database_discovery),
        handlers=heard.handlers,
        public=heard.public,
        policy=_policy(settings),
        schedule=settings.webhook_schedule,
        relay_pace=settings.relay_pace,
        timers=(*OWN_TIMERS, signing(settings.checkpoint_keys, sealing), *heard.timers),
    )
