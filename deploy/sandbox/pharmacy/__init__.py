"""A pharmacy's own system: publishes what it sells, answers the prescriptions that are offered to it, keeps its stock.

``CLIENT_SECRET=... python -m deploy.sandbox.pharmacy --platform URL --client-id ID --store FILE --products FILE``

The file of products is a list of ``{"medicine", "name", "price", "stock"}``: national code, fen and packs. Its stock
counts at the first start only; afterwards the system knows better. Beside its hooks it has, for loopback:

- ``GET /_sandbox``: ``events`` (each once, with how often it arrived and what became of it), ``orders`` (what was
  answered; whether the person was named before that) and ``stock``;
- ``POST /_sandbox/manner`` with any of ``decline`` (decline so many next orders), ``refuse`` (answer so many next hooks
  with 503, as if it were down) and ``delay_ms`` (be so slow with each event); it replaces what was set before.
"""
