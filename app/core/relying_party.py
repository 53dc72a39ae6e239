"""As whom the platform asks for passkeys: a domain, and the pages that may ask for them under it (WebAuthn Level 3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ORIGIN = re.compile(r"\A(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?\Z")
_NAME = re.compile(r"\A([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z]([a-z0-9-]*[a-z0-9])?\Z")
"""A domain name; its last part begins with a letter, so that no IP address is one."""
_USUAL = {"https": ":443", "http": ":80"}


@dataclass(frozen=True)
class RelyingParty:
    """What a passkey is made for, and holds for ever: under another domain it is never found again."""

    id: str
    origins: tuple[str, ...]
    """Whose pages may ask, as browsers write them."""

    @classmethod
    def of(cls, issuer: str, domain: str = "", others: Iterable[str] = ()) -> "RelyingParty":
        """For pages of `issuer` and of `others`, under `domain`, without it under the issuer's own host.

        Raises ValueError for what is no origin, and for one whose host is not the domain or below it (5.1.4.1, 10).
        """
        origins = [_read(origin) for origin in (issuer, *others)]
        known = domain or origins[0].host
        if not all(host == known or host.endswith(f".{known}") for host in (origin.host for origin in origins)):
            raise ValueError("a page that asks for passkeys is not below their domain")
        return cls(known, tuple(dict.fromkeys(origin.text for origin in origins)))

    @property
    def is_usable(self) -> bool:
        """Whether browsers take it: a domain name, no top-level one as others share it, and pages by TLS alone."""
        is_own = "." in self.id or all(_read(origin).host == self.id for origin in self.origins)
        return bool(_NAME.match(self.id)) and is_own and all(one.startswith("https://") for one in self.origins)


@dataclass(frozen=True)
class _Origin:
    text: str
    host: str


def _read(text: str) -> _Origin:
    """An origin without its scheme's own port, as browsers leave it out."""
    found = _ORIGIN.match(text)
    if not found:
        raise ValueError("not an origin")
    scheme, host, port = found.groups()
    return _Origin(text if port != _USUAL[scheme] else f"{scheme}://{host}", host)
