"""An access in plain words, in Chinese and in English: one table for every code that a look can carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from app.core.calendar import ZONE
from app.core.send.message import EVENT
from app.identity.api import Role
from app.residents.rules.consents import Category
from tenants.api import FEED, Who


class Words(NamedTuple):
    """One thing, in both languages."""

    zh: str
    en: str


class Kind(NamedTuple):
    """A kind of thing that is looked at: its code, and the words for it."""

    code: str
    words: Words


CHINESE = "zh-CN"
LANGUAGES = (CHINESE, "en")
CARE = Kind("care", Words("您的过敏史和正在使用的药品", "your allergies and current medicines"))
SHARED: Mapping[Category, Kind] = {
    Category.VISITS: Kind("shared_visits", Words("您在各机构的就诊情况", "when and where you were treated")),
    Category.DIAGNOSES: Kind("shared_diagnoses", Words("您在各机构的诊断", "your diagnoses with all institutions")),
    Category.PRESCRIPTIONS: Kind(
        "shared_prescriptions", Words("您在各机构的处方", "your prescriptions with all institutions")
    ),
    Category.ALLERGIES: Kind("shared_allergies", Words("您填写的过敏史", "the allergies that you stated")),
}
"""By what of a person's records was opened to others."""
EXTRACT = Kind("research_extract", Words("您去标识化的诊疗数据", "a de-identified extract of your records"))
NEWS = Kind("event", Words("与您有关的业务消息", "messages about what happened to you"))
"""Of the event feed; about the first one that was read."""
ANYTHING = Kind("record", Words("您的资料", "your data"))
"""A kind that this process does not know, which a newer one made."""
KINDS: Mapping[str, Kind] = {
    "vis": Kind("visit", Words("您的就诊记录", "the record of your visit")),
    "prx": Kind("prescription", Words("您的处方", "your prescription")),
    "rou": Kind("routing_order", Words("您的购药订单", "your order at the pharmacy")),
    "shp": Kind("shipment", Words("您的药品配送信息", "where your medicines are brought")),
    "clm": Kind("claim", Words("您的理赔申请", "the claim for your costs")),
    "ccs": Kind("claim_case", Words("您的理赔案件", "the insurer's case about your claim")),
    "apt": Kind("appointment", Words("您的预约挂号", "your appointments")),
    "cor": Kind("correction", Words("您的更正申请", "your request for a correction")),
    "elg": Kind("eligibility_check", Words("您的参保查询结果", "whether your insurance covers you")),
    EVENT: NEWS,
    "emg": Kind("emergency_access", Words("您的身份和紧急查阅情况", "who you are, and an emergency access")),
}
"""By the prefix of the public id."""
CODES = (*(kind.code for kind in (*KINDS.values(), CARE, EXTRACT, *SHARED.values(), ANYTHING)),)
PURPOSES: Mapping[str, Words] = {
    "visit": Words("诊疗", "to treat you"),
    "prescription": Words("开方、审方或调配处方", "to write, review or supply a prescription"),
    "shipment": Words("配送药品", "to bring you your medicines"),
    "claim": Words("医疗费用结算与理赔", "to settle medical costs"),
    "appointment": Words("电话预约服务", "to book or cancel by telephone"),
    "correction": Words("答复您的更正申请", "to answer your request for a correction"),
    "eligibility": Words("核实参保状态", "to check your insurance"),
    "consent": Words("您的授权", "because you consented"),
    "emergency": Words("紧急救治", "in an emergency"),
    "emergency_review": Words("复核紧急查阅", "to review an emergency access"),
    FEED: Words("机构系统同步", "to keep the institution's systems up to date"),
    "research": Words("经批准的医学研究", "for approved medical research, as you consented"),
    "duty": Words("医疗质量管理职责", "as a duty of medical affairs"),
}
HOOK = "hook"
"""The purpose of what was not looked at but sent, as `hook_words` tells it."""
ANY_PURPOSE = Words("业务办理", "in the course of their work")
ON_BEHALF = Words("代您办理事务", "to act for you")
"""Why somebody looks who acts for the person."""
ROLES: Mapping[str, Words] = {
    Role.RESIDENT: Words("居民", "resident"),
    Role.GUARDIAN: Words("监护人", "guardian"),
    Role.REGISTRAR: Words("挂号员", "registrar"),
    Role.PHONE_AGENT: Words("电话客服", "phone agent"),
    Role.NURSE: Words("护士", "nurse"),
    Role.DOCTOR: Words("医师", "doctor"),
    Role.DEPARTMENT_HEAD: Words("科室主任", "head of department"),
    Role.MEDICAL_AFFAIRS: Words("医务管理人员", "medical affairs officer"),
    Role.PHARMACIST: Words("药师", "pharmacist"),
    Role.PREPARER: Words("配药员", "preparer of medicines"),
    Role.COURIER: Words("配送员", "courier"),
    Role.CLAIMS_REVIEWER: Words("理赔审核员", "claims reviewer"),
    Role.FINANCE_CLERK: Words("财务人员", "finance clerk"),
    Role.FINANCE_SUPERVISOR: Words("财务主管", "finance supervisor"),
    Role.TENANT_ADMINISTRATOR: Words("机构管理员", "administrator"),
    Role.INTEGRATOR: Words("系统对接人员", "systems integrator"),
    Role.PRIVACY_OFFICER: Words("个人信息保护负责人", "privacy officer"),
    Role.RESEARCHER: Words("研究人员", "researcher"),
    Role.PLATFORM_OPERATOR: Words("平台运营人员", "platform operator"),
    Role.REGULATOR: Words("监管人员", "regulator"),
}
MEMBER = Words("工作人员", "member of the staff")
"""Somebody whose role is not known."""
INSTITUTION = Words("一家机构", "an institution")
PLATFORM = Words("平台", "the platform")
REPRESENTATIVE = Words("代理人", "representative")


@dataclass(frozen=True)
class Told:
    """What the sentence says; null is what is not known or not to be told."""

    at: datetime
    who: str
    role: str | None
    name: str | None = field(repr=False)
    institution: str | None
    purpose: str
    kind: str


_THINGS = {kind.code: kind.words for kind in (*KINDS.values(), CARE, EXTRACT, *SHARED.values(), ANYTHING)}


def kind_of(subject: str) -> Kind:
    """The kind of thing that a public id names."""
    return KINDS.get(subject.partition("_")[0], ANYTHING)


def sentence(told: Told, language: str) -> str:
    """`told` in one sentence of one of `LANGUAGES`, at the time of the place."""
    otherwise = ON_BEHALF if told.who == Who.REPRESENTATIVE else ANY_PURPOSE
    at, purpose = told.at.astimezone(ZONE), PURPOSES.get(told.purpose, otherwise)
    thing = _THINGS.get(told.kind, ANYTHING.words)
    if language == CHINESE:
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}，{_chinese(told)} 因{purpose.zh}查看了{thing.zh}"
    return f"On {at.day} {at:%B %Y} at {at:%H:%M}, {_english(told)} looked at {thing.en} {purpose.en}."


def _chinese(told: Told) -> str:
    if told.who == Who.PLATFORM:
        return PLATFORM.zh
    if told.who == Who.REPRESENTATIVE:
        return f"您的{ROLES.get(told.role or '', REPRESENTATIVE).zh}{told.name or ''}"
    if told.who == Who.CLIENT:
        return f"{told.institution or INSTITUTION.zh} 的系统“{told.name}”"
    return f"{told.institution or INSTITUTION.zh} {ROLES.get(told.role or '', MEMBER).zh}{told.name or ''}"


def _english(told: Told) -> str:
    if told.who == Who.PLATFORM:
        return PLATFORM.en
    if told.who == Who.REPRESENTATIVE:
        return f"your {ROLES.get(told.role or '', REPRESENTATIVE).en} {told.name or ''}".strip()
    if told.who == Who.CLIENT:
        return f"the system “{told.name}” of {told.institution or INSTITUTION.en}"
    role = ROLES.get(told.role or "", MEMBER).en
    return f"{f'{role} {told.name}' if told.name else f'a {role}'} of {told.institution or INSTITUTION.en}"
