"""What a hook told of a resident, in plain words: one line for every public event that is somebody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.calendar import ZONE
from app.residents.rules.access_words import CHINESE, INSTITUTION, Words

EVENTS: Mapping[str, Words] = {
    "appointment.held": Words("您预约了号源", "you took a place for an appointment"),
    "appointment.confirmed": Words("您的预约已确认", "your appointment was confirmed"),
    "appointment.released": Words("您预留的号源已释放", "the place that you had taken was released"),
    "appointment.canceled": Words("您的预约已取消", "your appointment was canceled"),
    "family_contract.requested": Words("您申请了家庭医生签约", "you asked for a family-doctor contract"),
    "family_contract.activated": Words("您的家庭医生签约已生效", "your family-doctor contract began"),
    "family_contract.declined": Words("您的签约申请未被接受", "your family-doctor contract was declined"),
    "family_contract.ended": Words("您的家庭医生签约已结束", "your family-doctor contract ended"),
    "consent.granted": Words("您允许机构查阅您的一类资料", "you let an institution read a part of your records"),
    "consent.revoked": Words("您撤回了一项同意", "you took a consent back"),
    "consent.replaced": Words("您更新了一项同意", "you gave a newer consent"),
    "emergency_access.opened": Words("有医生为急救打开了您的资料", "a doctor opened your records in an emergency"),
    "emergency_access.ended": Words("急救查阅已结束", "the emergency access ended"),
    "emergency_access.overdue": Words("急救查阅逾期未审核", "the emergency access was not reviewed in time"),
    "emergency_access.justified": Words("急救查阅经审核属实", "the emergency access was found justified"),
    "emergency_access.unjustified": Words("急救查阅经审核不当", "the emergency access was found unjustified"),
    "bill.paid": Words("您的账单已付清", "your bill was paid"),
    "bill.canceled": Words("您的账单已取消", "your bill was canceled"),
    "payment.succeeded": Words("您的付款成功", "your payment succeeded"),
    "payment.failed": Words("您的付款失败", "your payment failed"),
    "refund.succeeded": Words("您的退款已到账", "your refund was paid out"),
    "refund.failed": Words("您的退款失败", "your refund failed"),
    "refund.given_up": Words("您的退款多次失败，等待机构处理", "your refund waits for the institution"),
    "refund.paid_otherwise": Words("机构已用其他方式向您退款", "the institution paid your refund in another way"),
    "visit.paid": Words("您的问诊费已支付", "your visit was paid for"),
    "visit.taken": Words("医师已接诊", "a doctor took your visit"),
    "visit.completed": Words("您的问诊已完成", "your visit was completed"),
    "visit.stopped": Words("您的问诊已中止", "your visit was stopped"),
    "visit.declined": Words("医师未接诊", "a doctor declined your visit"),
    "visit.not_taken": Words("您的问诊无人接诊", "no doctor took your visit in time"),
    "visit.abandoned": Words("您的问诊未能完成", "your visit was not concluded in time"),
    "visit.unconcluded": Words("您的问诊待医生出具结论", "your visit waits for its doctor's conclusion"),
    "visit.left_unconcluded": Words("您的问诊待医务部门处理", "your visit waits for the institution"),
    "prescription.pending_review": Words("您的处方待药师审核", "your prescription waits for a pharmacist"),
    "prescription.ready": Words("您的处方可以购药", "your prescription may be supplied"),
    "prescription.review_rejected": Words("您的处方未通过审核", "a pharmacist rejected your prescription"),
    "prescription.queried": Words("药师就您的处方询问医师", "a pharmacist asked the doctor about your prescription"),
    "prescription.confirmed": Words("医师确认了您的处方", "the doctor confirmed your prescription"),
    "prescription.offered": Words("您的处方已发给药店", "your prescription was offered to a pharmacy"),
    "prescription.stopping": Words("您的处方正在终止", "your prescription is being ended"),
    "prescription.completed": Words("您的处方已取药", "your prescription was supplied"),
    "prescription.closed_unsupplied": Words("您放弃了处方", "you gave your prescription up"),
    "prescription.withdrawn": Words("您的处方已撤回", "your prescription was withdrawn"),
    "prescription.expired": Words("您的处方已过期", "your prescription expired"),
    "routing_order.offered": Words("药店收到您的购药订单", "your order was offered to the pharmacy"),
    "routing_order.accepted": Words("药店接受了您的购药订单", "the pharmacy accepted your order"),
    "routing_order.declined": Words("药店未接受您的购药订单", "the pharmacy declined your order"),
    "routing_order.timed_out": Words("药店未及时答复您的购药订单", "the pharmacy did not answer your order in time"),
    "routing_order.released": Words("药店退回了您的购药订单", "the pharmacy gave your order back"),
    "routing_order.revoked": Words("您的购药订单已撤回", "your order was taken back"),
    "routing_order.expired": Words("您的购药订单已过期", "your order expired"),
    "routing_order.checked": Words("药师已核对您的购药订单", "a pharmacist checked your order"),
    "routing_order.prepared": Words("您的药品已备好", "your medicines were prepared"),
    "routing_order.settled": Words("您的购药订单已结算", "your order was paid for"),
    "routing_order.fulfilled": Words("您的药品已交付", "your medicines were handed over"),
    "shipment.asked": Words("药店收到您的配送申请", "you asked for your medicines to be brought"),
    "shipment.declined": Words("药店不配送您的药品", "the pharmacy does not bring your medicines"),
    "shipment.called_off": Words("您的药品配送已取消", "your medicines are not brought after all"),
    "shipment.given": Words("您的药品已交配送员", "your medicines were given to a courier"),
    "shipment.picked_up": Words("配送员已取走您的药品", "a courier took your medicines along"),
    "shipment.under_way": Words("您的药品正在配送", "your medicines are on their way"),
    "shipment.handed_over": Words("您的药品已送到", "your medicines were brought"),
    "shipment.incident": Words("您的药品未能送达", "your medicines could not be handed over"),
    "shipment.returned": Words("您的药品已退回药店", "your medicines are back at the pharmacy"),
    "shipment.lost": Words("您的药品未退回药店，视为遗失", "your medicines did not come back to the pharmacy"),
    "coverage.activated": Words("您的保险已关联", "your insurance was connected"),
    "coverage.ended": Words("您的保险已终止", "your insurance ended"),
    "claim.submitted": Words("您的理赔申请已提交", "a claim for your costs was submitted"),
    "claim.decided": Words("您的理赔申请已审定", "the claim for your costs was decided"),
    "claim.decision_refused": Words("您的理赔申请有一项审定未生效", "a decision about your claim was not taken"),
    "claim.settled": Words("您的理赔已结清", "the claim for your costs was settled"),
    "claim.withdrawn": Words("您的理赔申请已撤回", "the claim for your costs was withdrawn"),
}
ANY_EVENT = Words("与您有关的业务消息", "something happened that concerns you")
"""An event that this process does not know, which a newer one made."""


@dataclass(frozen=True)
class Sent:
    """What the sentence says; an institution is null where nobody published its name."""

    at: datetime
    event: str
    institution: str | None
    host: str
    arrived: bool


def sentence(sent: Sent, language: str) -> str:
    """`sent` in one sentence of one of `access_words.LANGUAGES`, at the time of the place."""
    at, words = sent.at.astimezone(ZONE), EVENTS.get(sent.event, ANY_EVENT)
    if language == CHINESE:
        state, where = "已送达" if sent.arrived else "尚未确认送达", sent.institution or INSTITUTION.zh
        moment = f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
        return f"{moment}，平台向{where} 的系统 {sent.host} 发送了消息“{words.zh}”（{state}）"
    state, where = "confirmed" if sent.arrived else "not confirmed yet", sent.institution or INSTITUTION.en
    day = f"{at.day} {at:%B %Y} at {at:%H:%M}"
    return f"On {day}, the platform sent the message “{words.en}” to the system {sent.host} of {where} ({state})."
