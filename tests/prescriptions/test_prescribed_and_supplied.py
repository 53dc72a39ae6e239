"""One prescription from the doctor's pen to the resident's hand, with nothing made by hand on the way."""

import pytest

from app.core.carry import carry
from app.core.errors import Refused, WrongState
from app.core.journal.seal import seal
from app.core.scope import Scope
from app.core.unit import unit
from prescriptions.models import PersonPrescription
from prescriptions.rules.orders import DeclineReason
from prescriptions.service import accepting
from prescriptions.service.products import Told, tell
from tests.core.journal.scenes import eventually
from tests.platform import Platform
from tests.prescriptions.routing_scenes import BY, HANDLERS, PUBLIC, Shop, chosen
from tests.prescriptions.scenes import CODE, OTHER, Ward, line, person_of


def turn(platform: Platform, *scopes: Scope) -> None:
    """Seal and carry until nothing moves."""
    while sum(seal(one, PUBLIC, platform.sealing) + carry(one, HANDLERS) for one in scopes):
        pass


def stocked() -> Shop:
    """A pharmacy that has what this hospital prescribes."""
    shop = Shop()
    for code in (CODE, OTHER):
        tell(shop.scope, Told(code, "降压药", 2500, 5), BY)
    return shop


def test_a_visit_that_fails_takes_its_order_from_the_pharmacy(platform: Platform, ward: Ward) -> None:
    detail, shop = ward.ready(line()), stocked()
    chosen(ward.now(detail), shop)
    turn(platform, ward.scope, shop.scope)
    shop.prepare()
    shop.settle()
    ward.abandoned(detail)
    turn(platform, ward.scope, shop.scope)
    eventually(lambda: ward.now(detail).state == "withdrawn")
    assert (shop.order().state, shop.order().reason) == ("revoked", "visit_not_completed")
    with pytest.raises(WrongState):
        shop.hand_over(shop.code())


def test_written_signed_reviewed_declined_once_and_supplied(platform: Platform, ward: Ward) -> None:
    detail, first, second = ward.ready(line(), line(OTHER, quantity=1)), stocked(), stocked()
    scopes = (ward.scope, first.scope, second.scope, person_of(detail))
    chosen(ward.now(detail), first, second)
    turn(platform, *scopes)
    accepting.decline(first.counter, first.known, DeclineReason.OUT_OF_STOCK)
    turn(platform, *scopes)
    second.prepare()
    second.settle()
    assert not isinstance(second.hand_over(), Refused)
    turn(platform, *scopes)
    now, order = ward.now(detail), second.order()
    assert (now.state, now.attempt, now.order_id) == ("completed", 2, order.id)
    assert (order.state, order.total, order.expires_at) == ("fulfilled", 5000, now.expires_at)
    with unit(person_of(detail)) as reading:
        own = reading.get(PersonPrescription, now.id)
    assert own and (own.state, own.order_state, own.pharmacy_name) == ("completed", "fulfilled", second.name)
