"""A sandbox certificate authority for signing keys, under a root of its own.

With a bearer key: ``POST /certificates`` with ``{"id", "request", "not_after"}``, where the same id is the same
certificate, answers ``{"x5c"}``, or 422 with the code of a refusal; ``POST /revocations`` with ``{"serial", "reason",
"at"}``; ``GET /status?serial=``. ``GET /sandbox/root`` tells the root as base64 of PEM; ``POST /sandbox/revocations``
with ``{"serial"}`` lets the authority revoke by itself; ``POST /sandbox/faults`` sets a dial: ``delay_ms``, ``drop``
(it is made, and nobody hears of it), ``http_500``, ``refuse`` and ``lie`` (another's certificate);
``GET /sandbox/made`` tells how many certificates there are.
"""
