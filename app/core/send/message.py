"""What goes over the wire: the event as JSON, signed the Standard Webhooks way.

The same envelope is what the feed shows. Thin by rule: an entry's facts are ids, states, codes and amounts; health data
is fetched by an authorized, journalled request.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from app.core.ids import PublicId
from app.core.scope import Scope

EVENT = "evt"
SCHEMA_VERSION = "1"


def envelope(scope: Scope, entry_id: uuid.UUID, text: str) -> dict[str, Any]:
    """The public form of a sealed entry, whose canonical text is `text`."""
    entry = orjson.loads(text)
    return {
        "id": str(PublicId(EVENT, scope, entry_id)),
        "type": entry["type"],
        "schema_version": SCHEMA_VERSION,
        "timestamp": entry["at"],
        "seq": entry["seq"],
        "subject": entry["subject"]["id"],
        "subject_version": entry["subject"]["version"],
        "data": entry["facts"],
    }


def headers(message_id: str, body: bytes, now: datetime, secrets: Sequence[str]) -> Mapping[str, str]:
    """The headers of one attempt at `now`: signed with every secret that is valid, so that secrets can rotate.

    Each of `secrets` is one, or several separated by spaces.
    """
    valid = [secret for several in secrets for secret in several.split()]
    signatures = [Webhook(secret).sign(message_id, now, body.decode()) for secret in valid]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
