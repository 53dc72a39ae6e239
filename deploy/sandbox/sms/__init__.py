"""An SMS gateway with a phone's inbox and a dial for faults.

It is a program of its own: it imports nothing of the platform and knows it only over HTTP. Nothing is kept when the
process ends.

- ``POST /messages`` with ``Authorization: Bearer <key>`` and ``{"id", "to", "template", "text"}``: sends a message;
  202, and the same ``id`` twice is one message; ``template`` names the agreed text;
- ``GET /sandbox/messages?to=<number>``: what arrived on that phone, newest first (no key: keep it on loopback);
- ``POST /sandbox/faults`` with any of ``delay_ms`` (every answer comes so much later), ``drop`` (so many next messages
  arrive, but the connection closes unanswered) and ``http_500`` (so many next messages fail); it replaces what was
  set before.
"""
