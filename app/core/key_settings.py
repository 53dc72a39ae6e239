"""The keys of a process, read from its environment with the help of the key service that it names, if it names one."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.core.crypto import BlindIndex, Cipher
from app.core.journal.checkpoint_keys import CheckpointKeys
from app.core.keys import KeyProvider, KeysUnavailable, opened_ring, provider_of


@dataclass(frozen=True)
class Keys:
    """All keys that come from outside the database."""

    cipher: Cipher = field(repr=False)
    blind: BlindIndex = field(repr=False)
    checkpoints: CheckpointKeys | None = field(default=None, repr=False)


def read_keys(environ: Mapping[str, str], *, production: bool) -> Keys:
    """The keys that `environ` has or names; raises KeysUnavailable with the name of the variable, never its value."""
    provider = provider_of(environ, production=production)
    return Keys(_cipher(environ, provider), _blind(environ, provider), _checkpoints(environ, provider))


def checkpoint_ring(environ: Mapping[str, str], *, production: bool) -> str:
    """The ring of checkpoint keys alone, opened, for who needs no other; raises KeysUnavailable."""
    with _reading("CLOUD_CHECKPOINT_KEYS", "is malformed"):
        return opened_ring(provider_of(environ, production=production), environ.get("CLOUD_CHECKPOINT_KEYS", ""))


def _cipher(environ: Mapping[str, str], provider: KeyProvider) -> Cipher:
    sealing = environ.get("CLOUD_SEALING_KEY")
    with _reading("CLOUD_KEYS", "is missing or malformed, or has no key CLOUD_SEALING_KEY"):
        ring = opened_ring(provider, environ.get("CLOUD_KEYS", ""))
        return Cipher.parse(ring, int(sealing) if sealing else None)


def _blind(environ: Mapping[str, str], provider: KeyProvider) -> BlindIndex:
    with _reading("CLOUD_BLIND_KEY", "is missing or malformed"):
        return BlindIndex.parse(provider.opened(environ.get("CLOUD_BLIND_KEY", "")))


def _checkpoints(environ: Mapping[str, str], provider: KeyProvider) -> CheckpointKeys | None:
    ring = environ.get("CLOUD_CHECKPOINT_KEYS")
    with _reading("CLOUD_CHECKPOINT_KEYS", "is malformed"):
        return CheckpointKeys.parse(opened_ring(provider, ring)) if ring else None


@contextmanager
def _reading(name: str, wrong: str) -> Iterator[None]:
    """Whatever goes wrong names the variable."""
    try:
        yield
    except ValueError as error:
        raise KeysUnavailable(f"{name} {wrong}") from error
    except KeysUnavailable as error:
        raise KeysUnavailable(f"{name}: {error}") from error
