"""The SMS gateway: sends one-time codes.

The wire: `POST <url>/messages` with a bearer key and `{"id", "to", "text"}`; the same id twice is one message.
"""

import uuid
from dataclasses import dataclass, field, replace

import orjson
import structlog

from app.core.errors import TryLater
from app.core.http import AnswerBroken, Client, OutboundError, Policy, Reply
from app.core.outside import BUSY, Gate
from app.core.ports import CodeNotSent
from app.identity.rules import CODE_LIFE

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
"""A person waits for the answer: what takes longer is either on its way or lost."""
MINUTES = int(CODE_LIFE.total_seconds()) // 60
GATE = Gate(4, patience=2.0)
"""People wait for the gateway in threads that others need too."""
log = structlog.get_logger()


def patience(policy: Policy) -> Policy:
    """`policy` with the time-outs of this gateway."""
    return replace(policy, connect_timeout=CONNECT_SECONDS, total_timeout=TOTAL_SECONDS)


@dataclass(frozen=True)
class SmsGateway:
    """Fills the port `SendCode`."""

    client: Client
    url: str
    key: str = field(repr=False)

    def __call__(self, message_id: uuid.UUID, phone: str, code: str) -> None:
        """Send `code`; what was perhaps sent counts as sent. Raises CodeNotSent."""
        message = orjson.dumps({"id": str(message_id), "to": phone, "text": text_of(phone, code)})
        try:
            with GATE.passed():
                status = self._post(message).status
        except TryLater as busy:
            log.warning("code_not_sent", reason=BUSY)
            raise CodeNotSent(BUSY) from busy
        except OutboundError as error:
            log.warning("code_not_confirmed", reason=error.code, maybe_sent=error.maybe_sent)
            if error.maybe_sent:
                return
            raise CodeNotSent(error.code) from error
        if not 200 <= status < 300:  # noqa: PLR2004  # success (RFC 9110, 15.3)
            log.warning("code_not_sent", status=status)
            raise CodeNotSent(f"status {status}")

    def _post(self, message: bytes) -> Reply:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        try:
            return self.client.send("POST", f"{self.url}/messages", headers=headers, body=message)
        except AnswerBroken:
            # perhaps a kept connection that was just closed; the message's id makes a repetition harmless
            return self.client.send("POST", f"{self.url}/messages", headers=headers, body=message)


def text_of(phone: str, code: str) -> str:
    """The message: Chinese for numbers of mainland China, else English. It names no purpose but signing in."""
    if phone.startswith("+86"):
        return f"【云医院】登录验证码 {code}，{MINUTES} 分钟内有效。请勿告诉任何人。"
    return f"Cloud hospital: your sign-in code is {code}, valid for {MINUTES} minutes. Tell it to nobody."
