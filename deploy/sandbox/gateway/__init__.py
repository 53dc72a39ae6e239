"""A payment gateway that speaks Stripe's wire format, with a payer's page and a dial for faults.

It is a program of its own: it imports nothing of the platform and knows it only over HTTP. All
amounts are integer fen, all times Unix seconds in UTC. Nothing is kept when the process ends.

Beside the merchants' API under ``/v1`` it has a people's side, in JSON and without a key:

- ``POST /sandbox/pay/<intent>`` ``{"outcome": "succeed"}`` or ``"decline"``: the payer acts (``GET`` is
  the page that a redirect or a QR code leads to);
- ``POST /sandbox/accounts`` ``{"api_key": ...}``: one more merchant, walled off from the others;
- ``POST /sandbox/webhook_endpoints`` ``{"api_key", "url", "secret"}`` and ``DELETE .../<id>``;
- ``POST /sandbox/faults`` with any of ``delay_ms``, ``drop``, ``http_500``, ``http_429``, ``decline``,
  ``late_success`` (seconds), ``refund_fail`` and ``webhook: {drop, duplicate, reorder, delay_ms}``, for
  all, for one ``intent``, or for what carries certain ``metadata``; ``DELETE`` ends all or ``.../<id>``;
- ``GET /sandbox/log?intent=<id>``: what was received and sent.
"""
