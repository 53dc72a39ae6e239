"""The platform's only door to the outside: requests that cannot be led astray, held up or flooded.

A `Policy` says what may be reached, `check_url` tells at registration whether a URL can pass, a `Client`
sends.
"""

from app.core.http.client import Client
from app.core.http.destinations import Destination, check_url
from app.core.http.errors import (
    AnswerBroken,
    AnswerFailed,
    AnswerTooLarge,
    AnswerTooSlow,
    ConnectFailed,
    DestinationRefused,
    NameNotResolved,
    OutboundError,
    RequestRefused,
    TimedOut,
    TlsFailed,
)
from app.core.http.exchanges import Reply
from app.core.http.names import Resolve, system_resolve
from app.core.http.policy import Policy

__all__ = [
    "AnswerBroken",
    "AnswerFailed",
    "AnswerTooLarge",
    "AnswerTooSlow",
    "Client",
    "ConnectFailed",
    "Destination",
    "DestinationRefused",
    "NameNotResolved",
    "OutboundError",
    "Policy",
    "Reply",
    "RequestRefused",
    "Resolve",
    "TimedOut",
    "TlsFailed",
    "check_url",
    "system_resolve",
]
