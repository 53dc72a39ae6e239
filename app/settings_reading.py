"""How single settings are read: each says what is wrong by the name of its variable, never by its value."""

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from app.core.key_settings import Keys, read_keys
from app.core.keys import KeysUnavailable
from app.core.relying_party import RelyingParty
from app.core.send.schedule import SCHEDULE
from app.core.signing_settings import SigningSettings
from app.core.traffic import Limit, Limits
from app.core.wake import Address

FONTS = Path(__file__).parent.parent / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
NO_SCANNER = "none"
"""What an operator writes who has what people send scanned elsewhere, or not at all."""
LOCAL_ISSUER = "http://localhost"
"""Of a development process to which nobody said where it is reached."""
_TOKEN = re.compile(r"\A[A-Za-z0-9_-]{32,}\Z")


class UnsafeSettings(Exception):
    """A setting is missing, malformed, or not allowed in production; the process must not start."""


def driver_url(url: str) -> str:
    """`url` with the driver that the platform uses (psycopg 3)."""
    scheme, _, rest = url.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not rest:
        raise UnsafeSettings("a database address begins with postgresql://")
    return f"postgresql+psycopg://{rest}"


def database_url(environ: Mapping[str, str], name: str) -> str:
    """The database address in that variable; it must be there."""
    if not environ.get(name):
        raise UnsafeSettings(f"{name} is missing")
    return driver_url(environ[name])


def keys(environ: Mapping[str, str], *, production: bool) -> Keys:
    """The keys of fields, blind indexes and checkpoints, from wherever they are kept."""
    try:
        return read_keys(environ, production=production)
    except KeysUnavailable as error:
        raise UnsafeSettings(str(error)) from error


def relying_party(environ: Mapping[str, str]) -> RelyingParty:
    """As whom the platform asks for passkeys."""
    issuer, others = environ.get("CLOUD_ISSUER", LOCAL_ISSUER), environ.get("CLOUD_PASSKEY_ORIGINS", "").split(",")
    try:
        return RelyingParty.of(issuer, environ.get("CLOUD_PASSKEY_DOMAIN", ""), filter(None, others))
    except ValueError as error:
        raise UnsafeSettings("CLOUD_ISSUER or CLOUD_PASSKEY_ORIGINS: no origin below CLOUD_PASSKEY_DOMAIN") from error


def signing(environ: Mapping[str, str], *, production: bool) -> SigningSettings:
    """Who certifies signing keys and stamps the time."""
    try:
        return SigningSettings.from_environment(environ, production=production)
    except ValueError as error:
        raise UnsafeSettings(str(error)) from error


def folder(environ: Mapping[str, str], name: str) -> Path:
    """A whole path."""
    path = Path(environ.get(name, ""))
    if not path.is_absolute():
        raise UnsafeSettings(f"{name} is missing or not a whole path")
    return path


def address(text: str) -> Address:
    """A `host:port`."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise UnsafeSettings("CLOUD_WAKE and CLOUD_WAKE_LISTEN name host:port")
    return host, int(port)


def fonts(environ: Mapping[str, str]) -> Path | None:
    """Where they are said to be, else where set-up puts them, if it did."""
    if environ.get("CLOUD_FONTS"):
        return folder(environ, "CLOUD_FONTS")
    return FONTS if FONTS.is_dir() else None


def scanner(environ: Mapping[str, str], *, required: bool) -> Address | None:
    """Where what people send is scanned; None: nowhere. Raises UnsafeSettings where production does not say."""
    text = environ.get("CLOUD_MALWARE_SCANNER", "" if required else NO_SCANNER)
    try:
        return None if text == NO_SCANNER else address(text)
    except UnsafeSettings as error:
        raise UnsafeSettings(f"CLOUD_MALWARE_SCANNER is host:port, or {NO_SCANNER}") from error


def number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """A whole number above zero."""
    text = environ.get(name, str(otherwise))
    if not text.isdecimal() or int(text) < 1:
        raise UnsafeSettings(f"{name} is a whole number above zero")
    return int(text)


def seconds(environ: Mapping[str, str], name: str, otherwise: timedelta) -> timedelta:
    """A whole number of seconds."""
    return timedelta(seconds=number(environ, name, int(otherwise.total_seconds())))


def day(environ: Mapping[str, str]) -> timedelta | None:
    """How long a day of a prescription lasts; None: as long as one of the calendar."""
    name = "CLOUD_PRESCRIPTION_DAY_SECONDS"
    return None if environ.get(name, "0") == "0" else seconds(environ, name, timedelta(days=1))


def token(environ: Mapping[str, str], name: str) -> str:
    """A secret of at least 32 characters, or nothing."""
    text = environ.get(name, "")
    if text and not _TOKEN.match(text):
        raise UnsafeSettings(f"{name} is at least 32 letters, digits, - or _")
    return text


def networks(environ: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Networks, separated by commas."""
    try:
        return tuple(ip_network(part.strip()) for part in environ.get(name, "").split(",") if part.strip())
    except ValueError as error:
        raise UnsafeSettings(f"{name} is addresses or networks (10.0.0.0/8), separated by commas") from error


def limits(environ: Mapping[str, str]) -> Limits:
    """How often may be asked, by whom."""
    usual = Limits()
    return Limits(
        caller=limit(environ, "CLOUD_LIMIT_CALLER", usual.caller),
        tenant=limit(environ, "CLOUD_LIMIT_TENANT", usual.tenant),
        address=limit(environ, "CLOUD_LIMIT_ADDRESS", usual.address),
    )


def limit(environ: Mapping[str, str], name: str, otherwise: Limit) -> Limit:
    """One such limit, as `50/500`: a second and at once."""
    per_second, _, burst = environ.get(name, f"{otherwise.per_second}/{otherwise.burst}").partition("/")
    try:
        return Limit(int(per_second), int(burst))
    except ValueError as error:
        raise UnsafeSettings(f"{name} is requests a second and at once, as 50/500") from error


def schedule(environ: Mapping[str, str]) -> tuple[float, ...]:
    """The pauses between tries of a hook, in seconds."""
    text = environ.get("CLOUD_WEBHOOK_SCHEDULE")
    if text is None:
        return SCHEDULE
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise UnsafeSettings("CLOUD_WEBHOOK_SCHEDULE is seconds, separated by commas") from error


def pace(environ: Mapping[str, str]) -> float:
    """How long the pauses of relays last, as a multiple."""
    try:
        return float(environ.get("CLOUD_RELAY_PACE", "1"))
    except ValueError as error:
        raise UnsafeSettings("CLOUD_RELAY_PACE is a number") from error
