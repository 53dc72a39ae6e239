"""A commercial insurer's own system: decides the claims that it hears of, and books what was settled.

``CLIENT_SECRET=... python -m deploy.sandbox.insurer --platform URL --client-id ID --store FILE``

It decides by the policy that the claim case carries, exact to the fen. Beside its hooks it has, for loopback:

- ``GET /_sandbox``: ``events`` (each once, with how often it arrived and what became of it), ``decisions`` and
  ``settled``, the insurer's books;
- ``POST /_sandbox/manner`` with any of ``refuse`` (answer so many next hooks with 503, as if it were down) and
  ``delay_ms`` (be so slow with each event); it replaces what was set before.
"""
