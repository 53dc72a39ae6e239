"""Making answers: what a view returned becomes bytes, which an idempotency key can keep and repeat."""

from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response
from marshmallow import Schema

from app.core.errors import Refused
from app.core.idempotency import Answered
from app.edge.conditions import unchanged
from app.edge.problems import answered

REPLAYED = "Idempotency-Replayed"
OMITTED = "Idempotency-Omitted"
"""Names the fields that a repeated answer leaves out because they are shown once."""


SHOWN_ONCE: dict[str, set[str]] = {}
"""For each schema of an answer, by name, the fields that a repeated answer leaves out; written while endpoints are
declared, read when they are described.
"""


@dataclass(frozen=True)
class Rendering:
    """How an endpoint's results become answers."""

    schema: Schema
    status: int
    secret_fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a secret field that the answer does not have, or must have in every answer."""
        for name in self.secret_fields:
            if name not in self.schema.fields or self.schema.fields[name].required:
                raise ValueError(f"{name} is no optional field of {type(self.schema).__name__}")
            SHOWN_ONCE.setdefault(type(self.schema).__name__, set()).add(self.schema.fields[name].data_key or name)

    def __call__(self, result: Any) -> Answered:
        """The answer for `result`, or the problem that a refusal carries."""
        if isinstance(result, Refused):
            return answered(result.problem)
        headers = {"content-type": "application/json"}
        version = getattr(result, "version", None)
        if version is not None:
            headers["etag"] = f'"{version}"'
        shown = self.schema.dump(result)
        return Answered(self.status, headers, orjson.dumps(shown), self._without_secrets(shown, headers))

    def _without_secrets(self, shown: dict[str, Any], headers: dict[str, str]) -> Answered | None:
        names = {self.schema.fields[name].data_key or name for name in self.secret_fields} & shown.keys()
        if not names:
            return None
        kept = {name: value for name, value in shown.items() if name not in names}
        return Answered(self.status, {**headers, OMITTED.lower(): ", ".join(sorted(names))}, orjson.dumps(kept))


def respond(answer: Answered, *, replayed: bool = False, whole: bool = False) -> Response:
    """`answer` as a response; 304 without a body where the caller has it already, unless it is to be sent `whole`."""
    if not whole and unchanged(answer):
        return Response(status=304, headers={"etag": answer.headers["etag"]})
    response = Response(answer.body, answer.status, answer.headers)
    if replayed:
        response.headers[REPLAYED] = "true"
    return response
