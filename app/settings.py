"""The process's settings: read once from the environment, checked, frozen."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from app import settings_reading as reading
from app.core.crypto import BlindIndex, Cipher
from app.core.journal.checkpoint_keys import CheckpointKeys
from app.core.ports import STAFF_IDLE
from app.core.relying_party import RelyingParty
from app.core.send.schedule import SCHEDULE
from app.core.signing_settings import SigningSettings
from app.core.traffic import Limits
from app.core.wake import Address
from app.settings_reading import LOCAL_ISSUER, UnsafeSettings, driver_url

__all__ = ["Settings", "UnsafeSettings", "driver_url"]

ENVIRONMENTS = ("production", "development")
HOLD = timedelta(minutes=10)
"""For how long a place waits for its payment; a deployment may set a longer time."""
VISIT_TAKE = timedelta(hours=24)
"""How long a doctor has to take a text visit."""
VISIT_WINDOW = timedelta(hours=48)
"""How long a visit that was taken stays open."""
OFFER = timedelta(hours=24)
"""How long a pharmacy has to accept a prescription that is offered to it."""
EMERGENCY = timedelta(hours=4)
"""How long an emergency access lasts: until somebody who can ask for a consent has taken over."""
LONGEST_EMERGENCY = timedelta(hours=24)
"""The longest that production allows."""
PRESENCE = timedelta(hours=12)
"""How long a proof of presence lasts, and the longest that is allowed: a shift."""
SHORTEST_STAFF_IDLE = timedelta(minutes=10)
"""Twice as long as somebody may go on without being noted as seen: whoever is active is never signed out."""
SHORTEST_OFFER = timedelta(hours=1)
SHORTEST_VISIT = timedelta(hours=1)
"""The shortest of both that production allows."""
_HOST = re.compile(
    r"\A([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(:[0-9]{1,5})?\Z"
)


@dataclass(frozen=True)
class Settings:
    """Everything that a web or worker process is told from outside."""

    environment: str
    database_app: str = field(repr=False)
    database_sealer: str = field(repr=False)
    database_discovery: str = field(repr=False)
    cipher: Cipher = field(repr=False)
    blind: BlindIndex = field(repr=False)
    blobs: Path
    """Where pictures and other large contents are kept, encrypted: a folder that all processes share."""
    signing: SigningSettings = field(default_factory=SigningSettings, repr=False)
    issuer: str = LOCAL_ISSUER
    """Where people and apps reach this platform; it stands in every ID token."""
    relying_party: RelyingParty = field(default_factory=lambda: RelyingParty.of(LOCAL_ISSUER))
    """As whom it asks for passkeys."""
    checkpoint_keys: CheckpointKeys | None = field(default=None, repr=False)
    """What heads of journals are signed and checked with; workers and commands need it, web processes do not."""
    pool_size: int = 20
    metrics_token: str = field(default="", repr=False)
    """Who bears it may read `/metrics` from elsewhere; empty: nobody."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks whose `X-Forwarded-For` is believed."""
    hosts: frozenset[str] = frozenset()
    """The names under which the platform is reached; empty: any."""
    fonts: Path | None = None
    """The folder of fonts for documents; None: there are none, and no PDF is made."""
    scanner: Address | None = None
    """Where what people send is scanned for malware; None: nobody scans."""
    limits: Limits = field(default_factory=Limits)
    """How often may be asked."""
    webhook_schedule: tuple[float, ...] = SCHEDULE
    relay_pace: float = 1.0
    """How long the pauses between tries of a relay last, as a multiple of what they are in production."""
    gateway_hosts: frozenset[str] = frozenset()
    """The payment gateways at which merchants may have accounts; development takes any on the loopback."""
    scheme_hosts: frozenset[str] = frozenset()
    """The public schemes to which providers may connect; development takes any on the loopback."""
    sms_url: str = ""
    sms_key: str = field(default="", repr=False)
    registry_url: str = ""
    """Where the registry of identities is asked; empty: nobody's real name can be verified."""
    registry_key: str = field(default="", repr=False)
    hold: timedelta = HOLD
    """For how long a place waits for its payment."""
    visit_take: timedelta = VISIT_TAKE
    visit_window: timedelta = VISIT_WINDOW
    offer: timedelta = OFFER
    emergency: timedelta = EMERGENCY
    presence: timedelta = PRESENCE
    """How long a proof of presence lasts at most."""
    staff_idle: timedelta = STAFF_IDLE
    prescription_day: timedelta | None = None
    """How long a day of a prescription's validity lasts, for demonstrations; None: it is one of the calendar."""
    wakes: tuple[Address, ...] = ()
    """The workers that are told after a commit that there is something to seal."""
    listens: Address | None = None
    """Where this worker is told."""
    slices: tuple[str, ...] = ()
    """Further slices to load, as `package.module`: what a deployment adds, and what tests bring."""

    @property
    def production(self) -> bool:
        """Whether real people's data may be at stake: nothing is relaxed."""
        return self.environment == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check; raises UnsafeSettings with the name of the variable, never its value."""
        environment = environ.get("CLOUD_ENVIRONMENT", "production")
        if environment not in ENVIRONMENTS:
            raise UnsafeSettings("CLOUD_ENVIRONMENT is production or development")
        databases = [reading.database_url(environ, f"DATABASE_URL_{role}") for role in ("APP", "SEALER", "DISCOVERY")]
        keys = reading.keys(environ, production=environment == "production")
        settings = cls(
            environment=environment,
            database_app=databases[0],
            database_sealer=databases[1],
            database_discovery=databases[2],
            cipher=keys.cipher,
            blind=keys.blind,
            blobs=reading.folder(environ, "CLOUD_BLOBS"),
            signing=reading.signing(environ, production=environment == "production"),
            issuer=environ.get("CLOUD_ISSUER", LOCAL_ISSUER),
            checkpoint_keys=keys.checkpoints,
            relying_party=reading.relying_party(environ),
            pool_size=reading.number(environ, "CLOUD_POOL_SIZE", 20),
            metrics_token=reading.token(environ, "CLOUD_METRICS_TOKEN"),
            trusted_proxies=reading.networks(environ, "CLOUD_TRUSTED_PROXIES"),
            hosts=frozenset(filter(None, environ.get("CLOUD_HOSTS", "").lower().split(","))),
            scanner=reading.scanner(environ, required=environment == "production"),
            fonts=reading.fonts(environ),
            limits=reading.limits(environ),
            webhook_schedule=reading.schedule(environ),
            relay_pace=reading.pace(environ),
            gateway_hosts=frozenset(filter(None, environ.get("CLOUD_GATEWAY_HOSTS", "").lower().split(","))),
            scheme_hosts=frozenset(filter(None, environ.get("CLOUD_SCHEME_HOSTS", "").lower().split(","))),
            sms_url=environ.get("CLOUD_SMS_URL", "").rstrip("/"),
            sms_key=environ.get("CLOUD_SMS_KEY", ""),
            registry_url=environ.get("CLOUD_REGISTRY_URL", "").rstrip("/"),
            registry_key=environ.get("CLOUD_REGISTRY_KEY", ""),
            hold=timedelta(seconds=reading.number(environ, "CLOUD_HOLD_SECONDS", int(HOLD.total_seconds()))),
            visit_take=reading.seconds(environ, "CLOUD_VISIT_TAKE_SECONDS", VISIT_TAKE),
            visit_window=reading.seconds(environ, "CLOUD_VISIT_WINDOW_SECONDS", VISIT_WINDOW),
            offer=reading.seconds(environ, "CLOUD_OFFER_SECONDS", OFFER),
            emergency=reading.seconds(environ, "CLOUD_EMERGENCY_SECONDS", EMERGENCY),
            presence=reading.seconds(environ, "CLOUD_PRESENCE_SECONDS", PRESENCE),
            staff_idle=reading.seconds(environ, "CLOUD_STAFF_IDLE_SECONDS", STAFF_IDLE),
            prescription_day=reading.day(environ),
            wakes=tuple(map(reading.address, filter(None, environ.get("CLOUD_WAKE", "").split(",")))),
            listens=reading.address(environ["CLOUD_WAKE_LISTEN"]) if environ.get("CLOUD_WAKE_LISTEN") else None,
            slices=tuple(filter(None, environ.get("CLOUD_SLICES", "").split(","))),
        )
        settings._refuse_unsafe()
        return settings

    def _refuse_unsafe(self) -> None:
        if self.production and not (self.sms_url.startswith("https://") and self.sms_key):
            raise UnsafeSettings("CLOUD_SMS_URL (https only) or CLOUD_SMS_KEY is missing")
        self._refuse_issuer()
        if self.production and not self.hosts:
            raise UnsafeSettings("CLOUD_HOSTS is missing: the names under which the platform is reached")
        if self.production and not self.relying_party.is_usable:
            raise UnsafeSettings("CLOUD_ISSUER or CLOUD_PASSKEY_DOMAIN is no domain for which browsers make passkeys")
        registry_is_safe = self.registry_url.startswith("https://") and self.registry_key
        if self.production and self.registry_url and not registry_is_safe:
            raise UnsafeSettings("CLOUD_REGISTRY_URL (https only) comes with CLOUD_REGISTRY_KEY")
        if self.production and self.webhook_schedule != SCHEDULE:
            raise UnsafeSettings("CLOUD_WEBHOOK_SCHEDULE is for development")
        if self.production and self.relay_pace != 1:
            raise UnsafeSettings("CLOUD_RELAY_PACE is for development")
        if self.production and self.hold < HOLD:
            raise UnsafeSettings("CLOUD_HOLD_SECONDS below ten minutes is for development")
        self._refuse_shifts()
        self._refuse_short_visits()

    def _refuse_issuer(self) -> None:
        schemes = ("https://",) if self.production else ("https://", "http://")
        scheme, _, host = self.issuer.rpartition("//")
        if f"{scheme}//" not in schemes or not _HOST.match(host):
            raise UnsafeSettings("CLOUD_ISSUER is https:// and a host, perhaps a port, and nothing else")

    def _refuse_shifts(self) -> None:
        if self.presence > PRESENCE:
            raise UnsafeSettings("CLOUD_PRESENCE_SECONDS is twelve hours at most")
        if self.staff_idle < SHORTEST_STAFF_IDLE:
            raise UnsafeSettings("CLOUD_STAFF_IDLE_SECONDS is ten minutes at least")

    def _refuse_short_visits(self) -> None:
        if self.production and (self.visit_take < SHORTEST_VISIT or self.visit_window < SHORTEST_VISIT):
            raise UnsafeSettings("visits with less than an hour are for development")
        if self.production and self.offer < SHORTEST_OFFER:
            raise UnsafeSettings("CLOUD_OFFER_SECONDS below an hour is for development")
        if self.production and self.emergency > LONGEST_EMERGENCY:
            raise UnsafeSettings("CLOUD_EMERGENCY_SECONDS beyond a day is for development")
        if self.production and self.prescription_day:
            raise UnsafeSettings("CLOUD_PRESCRIPTION_DAY_SECONDS is for development")
