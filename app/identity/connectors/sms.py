"""The SMS gateway: sends messages of agreed texts.

The wire: `POST <url>/messages` with a bearer key and `{"id", "to", "template", "text"}`; the same id twice is one
message.
"""

import uuid
from dataclasses import dataclass, field, replace

import orjson
import structlog

from app.core.errors import TryLater
from app.core.http import AnswerBroken, Client, OutboundError, Policy, Reply
from app.core.outside import BUSY, Gate
from app.core.ports import Message, MessageNotSent
from app.identity.connectors.sms_texts import text_of

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
"""A person waits for the answer: what takes longer is either on its way or lost."""
GATE = Gate(4, patience=2.0)
"""People wait for the gateway in threads that others need too."""
log = structlog.get_logger()


def patience(policy: Policy) -> Policy:
    """`policy` with the time-outs of this gateway."""
    return replace(policy, connect_timeout=CONNECT_SECONDS, total_timeout=TOTAL_SECONDS)


@dataclass(frozen=True)
class SmsGateway:
    """Fills the port `SendMessage`."""

    client: Client
    url: str
    key: str = field(repr=False)

    def __call__(self, message_id: uuid.UUID, phone: str, message: Message, /) -> None:
        """Send `message`; what was perhaps sent counts as sent. Raises MessageNotSent."""
        template = message.template
        body = {"id": str(message_id), "to": phone, "template": template, "text": text_of(message)}
        try:
            with GATE.passed():
                status = self._post(orjson.dumps(body)).status
        except TryLater as busy:
            log.warning("message_not_sent", template=template, reason=BUSY)
            raise MessageNotSent(BUSY) from busy
        except OutboundError as error:
            log.warning("message_not_confirmed", template=template, reason=error.code, maybe_sent=error.maybe_sent)
            if error.maybe_sent:
                return
            raise MessageNotSent(error.code) from error
        if not 200 <= status < 300:  # noqa: PLR2004  # success (RFC 9110, 15.3)
            log.warning("message_not_sent", template=template, status=status)
            raise MessageNotSent(f"status {status}")

    def _post(self, message: bytes) -> Reply:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        try:
            return self.client.send("POST", f"{self.url}/messages", headers=headers, body=message)
        except AnswerBroken:
            # perhaps a kept connection that was just closed; the message's id makes a repetition harmless
            return self.client.send("POST", f"{self.url}/messages", headers=headers, body=message)
