"""The pharmacy's pharmacist checks and signs, one prepares, another verifies, and the medicines are handed over.

None of them is who wrote the prescription, in whichever tenant they did: prescribing and supplying are two people's
(处方管理办法 2007 art. 2, 29 to 37). Somebody who reviewed it at the hospital may also supply it (art. 31).
"""

from dataclasses import asdict
from typing import Any

from app.core.errors import Refused
from app.core.ids import PublicId
from app.core.journal.text import instant
from app.core.scope import Scope
from app.core.unit import Effect, Unit, run, unit
from app.identity.api import Known, sign
from prescriptions.models.routing import RoutingOrder
from prescriptions.order_content import seal_counselling, sent_with
from prescriptions.routing_errors import stands_against, wrong_order_state
from prescriptions.routing_ids import OrderViewer
from prescriptions.rules.documents import canonical, decided
from prescriptions.rules.orders import Against, OrderEvent, OrderState, signed_for
from prescriptions.service.accepting import change, in_time, refuse_unlicensed
from prescriptions.service.handing_over import refuse_author, supply
from prescriptions.service.ordering import require
from prescriptions.service.verifying import CHECKED, known_to, signatures_hold
from prescriptions.shipments.moving import open_shipment
from prescriptions.shipments.rules import OUT
from tenants.api import name_of, refuse_without_presence, remembering, same_person, staff_in


def check(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """The pharmacist has checked the prescription and signs for it, once every signature on it holds, as far as the
    hospital knows of its keys now.

    Raises NotFound, Forbidden for a system and `own_prescription`, WrongState `signatures_invalid`, `presence_needed`,
    `no_signing_key`, `no_certificate` and of the order.
    Source: 药品网络销售监督管理办法 2022 (the pharmacy's own licensed pharmacist checks again).
    """
    keys = _known_there(viewer, known)

    def checking(opened: Unit, order: RoutingOrder) -> None:
        in_time(opened, order)
        refuse_unlicensed(opened)
        if order.state != OrderState.ACCEPTED:
            raise wrong_order_state(order, OrderState.ACCEPTED)
        refuse_without_presence(opened, viewer.staff_id)
        refuse_author(opened, order, viewer)
        order.checked_by, order.check_signature = viewer.by.actor, _signed(opened, order, viewer, keys)
        require(opened, order, OrderEvent.CHECKED)

    with remembering(viewer.at(known), "routing_order.check", known, viewer.by):
        return change(viewer, known, checking, effect)


def prepare(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """Begin to prepare what was checked. Raises NotFound, Forbidden for a system, WrongState."""

    def preparing(opened: Unit, order: RoutingOrder) -> None:
        in_time(opened, order)
        refuse_unlicensed(opened)
        refuse_author(opened, order, viewer)
        order.prepared_by = viewer.member
        require(opened, order, OrderEvent.BEGUN)

    return change(viewer, known, preparing, effect)


def verify(viewer: OrderViewer, known: PublicId, effect: Effect | None = None) -> RoutingOrder:
    """A second person verifies what was prepared, so that it is paid for then.

    Raises NotFound, Forbidden for a system, WrongState. Source: 处方管理办法 2007 art. 37 (four checks, two people).
    """

    def verifying(opened: Unit, order: RoutingOrder) -> None:
        in_time(opened, order)
        refuse_unlicensed(opened)
        if order.state == OrderState.PREPARING and _prepared(opened, order, viewer):
            raise stands_against(Against.SAME_PERSON)
        refuse_author(opened, order, viewer)
        order.verified_by = viewer.member
        require(opened, order, OrderEvent.VERIFIED)

    return change(viewer, known, verifying, effect)


def hand_over(
    viewer: OrderViewer, known: PublicId, code: str, counselling: str, effect: Effect | None = None
) -> RoutingOrder | Refused:
    """Hand the medicines over against the resident's code, once and for ever: they count as supplied from now on.

    A wrong code is remembered and answered `wrong_pickup_code`, a locked order `pickup_locked`. Raises NotFound,
    Forbidden for a system, WrongState of the order, also `order_not_settled`, `order_expired` and, where a courier has
    it, `order_with_courier`.
    """

    def work(opened: Unit) -> RoutingOrder | Refused:
        order = viewer.order(opened, known, lock=True)
        _refuse_out(opened, order)
        refused = supply(opened, order, viewer, code)
        if refused:
            return refused
        order.counselling = seal_counselling(opened, order, counselling)
        return order

    return run(viewer.at(known), work, viewer.by, effect=effect)


def _prepared(opened: Unit, order: RoutingOrder, viewer: OrderViewer) -> bool:
    """Whether it was `viewer` who prepared the order, in whichever affiliation."""
    return same_person(opened, staff_in(order.prepared_by or ""), viewer.staff_id)


def _refuse_out(opened: Unit, order: RoutingOrder) -> None:
    """Raise WrongState where a courier has the parcel."""
    shipment = open_shipment(opened, order)
    if shipment and shipment.state in OUT:
        raise stands_against("order_with_courier")


def _known_there(viewer: OrderViewer, known: PublicId) -> Known:
    """What the hospital knows now of the keys that signed. Two units, before the pharmacy's own; raises NotFound."""
    with unit(viewer.at(known), viewer.by) as reading:
        order = viewer.order(reading, known)
        signatures = sent_with(reading, order).signatures if order.content else ()
    return known_to(Scope.for_tenant(order.hospital), signatures)


def _signed(opened: Unit, order: RoutingOrder, viewer: OrderViewer, keys: Known) -> dict[str, Any]:
    sent = sent_with(opened, order)
    is_its_own = signed_for(sent.document, order.prescription, order.expires_at)
    if not is_its_own or not signatures_hold(sent.document, sent.signatures, keys):
        raise stands_against(Against.SIGNATURES_INVALID)
    made = sign(opened, viewer.staff_id, decided(canonical(sent.document), CHECKED))
    signature = {**asdict(made), "signed_at": instant(made.signed_at)}
    return {**signature, "role": CHECKED, "name": name_of(opened, viewer.staff_id)}
