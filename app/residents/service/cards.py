"""Binding cards to the one resident, taking them off again, and finding the resident by any of them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.core.calendar import local_date
from app.core.errors import InvalidInput, NotFound, Refused, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, database, run, unit
from app.residents.errors import CardRefused, TooManyTries
from app.residents.models import Card, PersonCard
from app.residents.names import CARD_ID
from app.residents.repository import (
    BOUND,
    CARD_TRIES,
    UNBOUND,
    bound_card,
    bound_cards,
    locked_resident,
    spend_card_try,
)
from app.residents.reservations import look_again, reserve, reserver
from app.residents.rules.cards import MOST_CARDS, CardKind, CardNumber, masked, parse_card
from app.residents.service.reading import verified
from app.residents.service.verification import next_day, subject


@dataclass(frozen=True)
class ShownCard:
    """A card as its resident reads it; of the number only the end."""

    id: PublicId
    kind: str
    number: str
    state: str
    bound_at: datetime
    unbound_at: datetime | None
    version: int


def bind(person: uuid.UUID, card: CardNumber, by: Caller, effect: Effect | None = None) -> ShownCard | Refused:
    """Bind `card` to the verified resident; bound to them already, it is answered again.

    Raises Forbidden for an unverified resident, TooManyTries and WrongState `too_many_cards`. Refused is a card that
    leads to somebody else.
    """
    scope, digest = Scope.for_person(person), _digest(card)
    if begin_binding(scope, digest, card, by) and not reserve(
        Card, digest, person, lambda r: bool(bound_card(r, digest))
    ):
        return run(scope, lambda opened: _refused(opened, card), by, effect=effect)
    return run(scope, lambda opened: _bound(opened, card, digest), by, effect=effect)


def begin_binding(scope: Scope, digest: str, card: CardNumber, by: Caller) -> bool:
    """Spend a try unless the card is the resident's already; returns whether it was spent."""

    def work(opened: Unit) -> bool:
        verified(opened)
        if bound_card(opened, digest):
            return False
        spent = spend_card_try(opened, local_date(opened.now))
        if spent is None:
            raise TooManyTries(f"{CARD_TRIES} cards a day", retry_after=next_day(opened.now))
        facts = {"kind": card.kind.value, "tries": spent[0]}
        record(opened, "resident.card_tried", subject(opened.scope), spent[1], facts)
        return True

    return run(scope, work, by)


def unbind(card_id: PublicId, by: Caller, effect: Effect | None = None) -> ShownCard:
    """Take a card off its resident; it leads nowhere from this commit on. Doing it twice changes nothing.

    Raises NotFound. For a short while only the same resident can bind it again (see `reservations.GRACE`).
    """

    digests: set[str] = set()

    def work(opened: Unit) -> ShownCard:
        row = opened.get(PersonCard, card_id.id, lock=True)
        if row is None:
            raise NotFound
        digests.add(row.digest)
        if row.state == BOUND:
            row.state, row.unbound_at, row.version = UNBOUND, opened.now, row.version + 1
            record(opened, "card.unbound", card_id, row.version, {"kind": row.kind})
        return shown_card(opened, row)

    card = run(card_id.scope, work, by, effect=effect)
    for digest in digests:
        look_again(Card, digest)
    return card


def find_by_card(kind: CardKind, number: str, issuer: int | None = None) -> uuid.UUID | None:
    """The person to whom a card is bound, None where it leads to nobody or is no card of that kind.

    `issuer` is the tenant of a hospital's card. Two units of its own, each reading one row: called outside any.
    """
    try:
        digest = _digest(parse_card(kind, number, issuer))
    except InvalidInput:
        return None
    person = reserver(Card, digest)
    if person is None:
        return None
    with unit(Scope.for_person(person)) as reading:
        return person if bound_card(reading, digest) else None


def shown_card(opened: Unit, row: PersonCard) -> ShownCard:
    """`row` as its resident reads it."""
    return ShownCard(
        PublicId(CARD_ID, opened.scope, row.id), row.kind, masked(number_of(opened, row)), row.state,
        row.bound_at, row.unbound_at, row.version,
    )  # fmt: skip


def number_of(opened: Unit, row: PersonCard) -> str:
    """The whole number of a card; for its resident alone."""
    return opened.cipher.open(row.number, _place(opened.scope, row.id)).decode()


def _bound(opened: Unit, card: CardNumber, digest: str) -> ShownCard:
    verified(opened, lock=True)  # the resident's row is the lock under which their cards are counted
    known = bound_card(opened, digest)
    if known is not None:
        return shown_card(opened, known)
    if len(bound_cards(opened)) >= MOST_CARDS:
        raise WrongState(f"a resident has at most {MOST_CARDS} cards", code="too_many_cards")
    row = PersonCard(id=new_id(), kind=card.kind, issuer=card.issuer, digest=digest, state=BOUND, version=1)
    row.number, row.bound_at = opened.cipher.seal(card.number.encode(), _place(opened.scope, row.id)), opened.now
    opened.add(row)
    record(opened, "card.bound", PublicId(CARD_ID, opened.scope, row.id), 1, {"kind": card.kind.value})
    return shown_card(opened, row)


def _refused(opened: Unit, card: CardNumber) -> Refused:
    row = locked_resident(opened)
    row.version += 1
    record(opened, "resident.card_refused", subject(opened.scope), row.version, {"kind": card.kind.value})
    return Refused(CardRefused("ask a registrar, with the card"))


def _digest(card: CardNumber) -> str:
    return database().blind.digest("card", card.value)


def _place(scope: Scope, card_id: uuid.UUID) -> str:
    return f"{scope}/person_cards/number/{card_id}"
