"""A sandbox face checker: says whether a capture is of the person who is named.

``POST /checks`` with a bearer key and ``{"capture", "name", "number"}`` answers ``{"result": "match"}``, ``mismatch``
where the capture ends in ``-other``, ``not_live`` where it ends in ``-photo``. ``POST /sandbox/faults`` sets a dial:
``delay_ms``, ``drop``, ``http_500`` and ``lie`` (nonsense for an answer).
"""
