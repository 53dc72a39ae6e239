"""A time-stamp authority, asked over HTTP (RFC 3161, section 3.4): `POST <url>` with a query, answered by a reply."""

from dataclasses import dataclass, replace

from app.core.http import Client, OutboundError, Policy
from app.identity.signatures.stamps.tokens import BadToken, Stamped, answered, question
from app.identity.signatures.stamps.wire import QUERY, REPLY
from app.identity.signatures.x509 import Trust

TOTAL_SECONDS = 10.0
_OK = 200


class StampUnavailable(Exception):
    """No time stamp that can be believed; the question may be repeated."""


@dataclass(frozen=True)
class StampAuthority:
    """Asks for stamps, and says whom it believes."""

    client: Client
    url: str
    trust: Trust

    def stamp(self, digest: bytes, nonce: int) -> Stamped:
        """A stamp of a SHA-256 digest; raises StampUnavailable. Never within a unit."""
        headers = {"content-type": QUERY, "accept": REPLY}
        try:
            reply = self.client.send("POST", self.url, headers=headers, body=question(digest, nonce))
        except OutboundError as error:
            raise StampUnavailable(error.code) from error
        if reply.status != _OK or reply.truncated:
            raise StampUnavailable(f"status {reply.status}")
        try:
            return answered(reply.body, digest, nonce, self.trust)
        except BadToken as error:
            raise StampUnavailable(str(error)) from error


def over(policy: Policy, url: str, trust: Trust) -> StampAuthority:
    """The authority at `url`, reached as `policy` allows."""
    return StampAuthority(Client(replace(policy, total_timeout=TOTAL_SECONDS)), url, trust)
