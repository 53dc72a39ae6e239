"""What a process is told about who certifies signing keys, stamps signatures and checks faces. Values only.

What the texts hold is read where it is used; here stands which of them must come together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class SigningSettings:
    """Keys, roots and partners of signatures; an empty text is one that was not given."""

    authority: str = field(default="", repr=False)
    """The platform's own certificate authority: base64 of PEM, its issuing key, that key's certificate, the root's."""
    authority_url: str = ""
    """Where an outside certificate authority is asked; empty: the platform's own certifies."""
    authority_key: str = field(default="", repr=False)
    roots: str = field(default="", repr=False)
    """Trusted roots of signers' certificates beside the own one: base64 of PEM."""
    stamps_url: str = ""
    """Where a time-stamp authority is asked; empty: signatures are not stamped."""
    face_url: str = ""
    """Where faces are checked; empty: presence is proved by a second factor alone."""
    face_key: str = field(default="", repr=False)
    stamps_roots: str = field(default="", repr=False)
    """Trusted roots of its certificates: base64 of PEM."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, production: bool) -> Self:
        """Read and check; raises ValueError with the name of the variable, never its value."""
        made = cls(
            authority=environ.get("CLOUD_SIGNING_AUTHORITY", ""),
            authority_url=environ.get("CLOUD_CA_URL", "").rstrip("/"),
            authority_key=environ.get("CLOUD_CA_KEY", ""),
            roots=environ.get("CLOUD_SIGNING_ROOTS", ""),
            face_url=environ.get("CLOUD_FACE_URL", "").rstrip("/"),
            face_key=environ.get("CLOUD_FACE_KEY", ""),
            stamps_url=environ.get("CLOUD_TSA_URL", ""),
            stamps_roots=environ.get("CLOUD_TSA_ROOTS", ""),
        )
        if not made.authority and not made.authority_url:
            raise ValueError("CLOUD_SIGNING_AUTHORITY is missing")
        _refuse_open(("CLOUD_FACE_URL", made.face_url), ("CLOUD_FACE_KEY", made.face_key), production=production)
        _refuse_open(("CLOUD_CA_URL", made.authority_url), ("CLOUD_CA_KEY", made.authority_key), production=production)
        if made.authority_url and not made.roots:
            raise ValueError("CLOUD_CA_URL comes with CLOUD_SIGNING_ROOTS")
        if made.stamps_url and not made.stamps_roots:
            raise ValueError("CLOUD_TSA_URL comes with CLOUD_TSA_ROOTS")
        if production and made.stamps_url and not made.stamps_url.startswith("https://"):
            raise ValueError("CLOUD_TSA_URL is https only")
        return made


def _refuse_open(url: tuple[str, str], key: tuple[str, str], *, production: bool) -> None:
    """Raise ValueError where a partner, given by the names and values of its settings, could be overheard or forged."""
    if production and url[1] and not (url[1].startswith("https://") and key[1]):
        raise ValueError(f"{url[0]} (https only) comes with {key[0]}")
