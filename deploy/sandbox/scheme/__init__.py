"""A public insurance scheme with people, money and a dial for faults.

It is a program of its own: it imports nothing of the platform and knows it only over HTTP. All amounts are integer
fen. Nothing is kept when the process ends.

``POST /scheme`` with ``{"infno", "msgid", "input"}`` is the institutions' side, named after the messages of the
national interface: 1101 person, 2206 trial, 2207 settle, 2208 reverse, 5203 query. A request carries ``X-Institution``,
``X-Timestamp`` (Unix seconds, at most 300 off) and ``X-Signature``, the hex HMAC-SHA256 of ``<timestamp>.<body>`` with
the institution's key; the answer carries the last two over its own body. 401 means that the signature does not hold;
everything else is 200 with ``{"infcode": 0, "output"}`` or ``{"infcode": -1, "err_code", "err_msg"}``.

Beside it there is a people's side without a key, so keep the program on loopback:

- ``POST /_sandbox/institutions`` ``{"institution", "key"}``: who may ask;
- ``POST /_sandbox/persons`` ``{"person", "name"}`` with any of ``account_balance``, ``in_force``, ``rate_bp``
  (``{"visit", "medicine"}``, basis points), ``pre_self_bp`` (by category), ``deductible`` and ``ceiling`` of a year,
  ``fund_parts`` (code to weight); again for the same person it replaces the settings and keeps what was used;
- ``GET /_sandbox/persons?person=``: the balance, and what was used this year;
- ``POST /_sandbox/credentials`` ``{"person"}``: a credential that is good for one settlement;
- ``GET /_sandbox/settlements``: every settlement and its state;
- ``GET /_sandbox/messages``: how many of each kind came, with an answer or without;
- ``POST /_sandbox/faults`` with any of ``delay_ms``, ``drop_before``, ``drop_after`` (so many next messages get no
  answer, before or after their effect) and ``split_changed`` (so many next settlements find another split); for every
  kind of message, or for one ``infno``. It replaces what was set before.
"""
