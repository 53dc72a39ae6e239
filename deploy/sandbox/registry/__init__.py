"""A sandbox registry of identities: says whether a name belongs to the number of a resident identity card.

``POST /verifications`` with a bearer key and ``{"name", "number"}`` answers ``{"result": "match"}``, ``mismatch`` or
``not_found``. Every number with a right check character matches, unless the name ends in 不符 (mismatch) or 查无
(not found). ``POST /relations`` with ``{"parent": {...}, "child": {...}}`` says ``match`` where both match and the
child's name does not end in 无亲 (nobody's child: mismatch). ``POST /sandbox/faults`` sets a dial: ``delay_ms``,
``drop``, ``http_500`` and ``lie`` (nonsense for an answer); ``GET /sandbox/asked`` tells how often it was asked, and
nothing of what.
"""
