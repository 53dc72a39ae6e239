"""What a request says in its headers about repeating and about versions."""

import hashlib
import re

from flask import g, request

from app.core.errors import Malformed, PreconditionRequired
from app.core.idempotency import Answered

IDEMPOTENCY_HEADER = "Idempotency-Key"
_KEY = re.compile(r"\A[\x21-\x7e]{1,255}\Z")
_TAG = re.compile(r'\A"([1-9][0-9]{0,15})"\Z')


def idempotency_key() -> str:
    """The caller's key; raises Malformed where it is missing, too long or not visible ASCII."""
    name = request.headers.get(IDEMPOTENCY_HEADER, "")
    if not _KEY.match(name):
        raise Malformed(
            f"send {IDEMPOTENCY_HEADER}: 1 to 255 visible ASCII characters", code="idempotency_key_required"
        )
    return name


def same_request() -> str:
    """Everything that makes a repeated request the same one.

    JSON counts by what it says (`g.said`, left by `parsing`): in which order and how spaced is the writer's affair.
    """
    return _request_of(g.get("said", request.get_data()))


def request_as_sent() -> str:
    """What the release before took for the same request: byte for byte. Its keys are kept for a day."""
    return _request_of(request.get_data())


def _request_of(content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    return "\n".join((request.method, request.full_path, request.headers.get("If-Match", ""), digest))


def expected_version() -> int:
    """The one version that `If-Match` names; raises PreconditionRequired where it is missing, Malformed.

    A list, a weak tag and `*` are malformed here: each would change something that the caller has not seen.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired('send If-Match with the ETag that you were given, such as "3"')
    found = _TAG.match(given)
    if not found:
        raise Malformed('If-Match names one version in double quotes, such as "3"', code="malformed_if_match")
    return int(found[1])


def unchanged(answer: Answered) -> bool:
    """Whether the caller of a GET has this version already (`If-None-Match`)."""
    tag = answer.headers.get("etag")
    return tag is not None and request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(tag.strip('"'))
