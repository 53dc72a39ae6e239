"""A sandbox time-stamp authority (RFC 3161 over HTTP).

``POST /`` with ``application/timestamp-query`` answers ``application/timestamp-reply``. It makes its own root at
start; ``GET /sandbox/root`` tells it as base64 of PEM. ``POST /sandbox/faults`` sets a dial: ``delay_ms``,
``drop``, ``http_500``, ``refuse`` (a reply without a token) and ``lie`` (a stamp of something else).
"""
