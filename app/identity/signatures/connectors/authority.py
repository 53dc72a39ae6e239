"""An outside certificate authority, in the place of the platform's own.

The wire, each with a bearer key: `POST <url>/certificates` with `{"id", "request", "not_after"}`, where the same id is
the same certificate; 200 with `{"x5c"}`, 202 while it is being decided, 422 with `{"error"}` for a refusal.
`POST <url>/revocations` with `{"serial", "reason", "at"}`; 200. `GET <url>/status?serial=<serial>`; 200 with
`{"status": "good"}` or `{"status": "revoked", "at", "reason"}`.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from app.core.http import Client, OutboundError, Policy, Reply
from app.core.journal.text import instant
from app.identity.signatures.authority import (
    AuthorityRefused,
    AuthorityUnavailable,
    Issued,
    Reason,
    Revoked,
    Wanted,
)
from app.identity.signatures.x509 import LONGEST_CHAIN, decoded

TOTAL_SECONDS = 15.0
_OK, _REFUSED = 200, 422
_CODE = re.compile(r"\A[a-z][a-z0-9_]{0,63}\Z")


@dataclass(frozen=True)
class OutsideAuthority:
    """Fills `CertificateAuthority`."""

    client: Client
    url: str
    key: str = field(repr=False)
    name: str = "outside"
    at_once: bool = False

    def issue(self, wanted: Wanted, now: datetime) -> Issued:
        """Ask for a certificate; raises AuthorityRefused for a no, AuthorityUnavailable for everything unclear."""
        question = {
            "id": str(wanted.id), "request": base64.b64encode(wanted.request).decode(),
            "not_after": instant(wanted.not_after.astimezone(UTC)),
        }  # fmt: skip
        reply = self._asked("POST", "/certificates", question)
        if reply.status == _REFUSED:
            raise AuthorityRefused(_code(reply))
        try:
            chain = tuple(str(one) for one in _read(reply)["x5c"][:LONGEST_CHAIN])
            for one in chain:
                decoded(one)
        except (KeyError, TypeError, ValueError) as error:
            raise AuthorityUnavailable("an answer without a certificate") from error
        return Issued(chain)

    def revoke(self, serial: str, revoked: Revoked) -> None:
        """Tell the authority, which may know already."""
        told = {"serial": serial, "reason": revoked.reason.value, "at": instant(revoked.at)}
        _read(self._asked("POST", "/revocations", told))

    def status(self, serial: str) -> Revoked | None:
        """What the authority says of a certificate."""
        said = _read(self._asked("GET", f"/status?serial={serial}", None))
        try:
            if said["status"] == "good":
                return None
            if said["status"] == "revoked":
                return Revoked(_moment(said["at"]), Reason(said["reason"]))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise AuthorityUnavailable("an answer that is none") from error
        raise AuthorityUnavailable("a status that nobody knows")

    def _asked(self, method: str, path: str, body: Mapping[str, Any] | None) -> Reply:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        try:
            content = b"" if body is None else orjson.dumps(body)
            return self.client.send(method, f"{self.url}{path}", headers=headers, body=content)
        except OutboundError as error:
            raise AuthorityUnavailable(error.code) from error


def over(policy: Policy, url: str, key: str) -> OutsideAuthority:
    """The authority at `url`, reached as `policy` allows."""
    return OutsideAuthority(Client(replace(policy, total_timeout=TOTAL_SECONDS)), url, key)


def _moment(text: str) -> datetime:
    """An instant with its zone, in UTC; without a zone it would be read in that of this machine. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return at.astimezone(UTC)


def _read(reply: Reply) -> Mapping[str, Any]:
    if reply.status != _OK or reply.truncated:
        raise AuthorityUnavailable(f"status {reply.status}")
    try:
        return dict(orjson.loads(reply.body))
    except (ValueError, TypeError) as error:
        raise AuthorityUnavailable("an answer that is none") from error


def _code(reply: Reply) -> str:
    """The reason of a refusal: a code, for it stands in the journal."""
    try:
        code = str(orjson.loads(reply.body)["error"])
    except (ValueError, TypeError, KeyError):
        return "refused"
    return code if _CODE.match(code) else "refused"
