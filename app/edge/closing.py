"""How an account ends, as each slice says of its own tables: what is erased, what is kept by which rule, what is in the
way, and what of a dead person's is to be called off.

Erased are rows of the person's own scope, here and by the slices; what tenants keep about a person is theirs by law,
and each table names the rule.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.core.ids import PublicId
from app.core.unit import Caller
from app.edge.exporting import Whose


class Rule(StrEnum):
    """Why something is kept when its person's account is erased."""

    MEDICAL_RECORD = "medical_record"
    DIALOGUE = "dialogue"
    PRESCRIPTION = "prescription"
    PHARMACY = "pharmacy"
    ACCOUNTS = "accounts"
    INSURANCE = "insurance"
    CONTRACT = "contract"
    WORK = "work"
    PROCESSING = "processing"
    JOURNAL = "journal"
    PASSING = "passing"


class Keeping(NamedTuple):
    """What is kept by a rule, which law says so, and until when; in Chinese and in English.

    `years` counts from the erasure, which is later than what the law counts from; of several terms the longest. None
    where rows have a time of their own, or none.
    """

    what: tuple[str, str]
    law: str
    term: tuple[str, str]
    years: int | None = None


KEPT: Mapping[Rule, Keeping] = {
    Rule.MEDICAL_RECORD: Keeping(
        ("门诊与互联网诊疗病历及其更正、挂号", "Records of visits, their pictures and corrections, appointments"),
        "医疗机构病历管理规定（2013）第二十九条",
        ("最后一次就诊之日起15年", "15 years after the last visit there"),
        15,
    ),
    Rule.DIALOGUE: Keeping(
        ("诊疗中的图文对话", "What was written in visits"), "互联网诊疗监管细则（试行）（2022）", ("3年", "3 years"), 3
    ),
    Rule.PRESCRIPTION: Keeping(
        ("处方、审核与签名", "Prescriptions, their reviews and signatures"),
        "处方管理办法第五十条",
        (
            "普通1年，毒性及第二类精神药品2年，麻醉及第一类精神药品3年",
            "1 year; of toxic medicines and class II 2 years, of narcotics and class I 3",
        ),
        3,
    ),
    Rule.PHARMACY: Keeping(
        ("药店的调配与销售记录", "What pharmacies supplied"),
        "药品网络销售监督管理办法（2022）",
        ("5年，且不少于药品有效期满后1年", "5 years, and at least one after the medicine's expiry"),
        6,
    ),
    Rule.ACCOUNTS: Keeping(
        ("账单、付款与退款", "Bills, payments, refunds"),
        "会计档案管理办法（2015）附表",
        ("会计年度终了后30年", "30 years after the end of the accounting year"),
        31,
    ),
    Rule.INSURANCE: Keeping(
        ("参保、结算与理赔资料", "Coverages, settlements, claims"),
        "保险法第八十七条",
        (
            "保险合同终止之日起5年；保险期间超过一年的10年",
            "5 years after the insurance ended; 10 where it ran for over a year",
        ),
        10,
    ),
    Rule.CONTRACT: Keeping(
        ("家庭医生签约协议", "Contracts with family doctors"),
        "民法典第一百八十八条",
        ("终止之日起3年", "3 years after their end"),
        3,
    ),
    Rule.WORK: Keeping(
        ("您代表机构办理的事务与任职记录", "What was done for an organization: applications, employment"),
        "电子商务法第三十一条",
        ("机构退出后3年", "3 years after the organization left"),
    ),
    Rule.PROCESSING: Keeping(
        (
            "谁查看过、谁代办过、身故登记与注销的处理记录",
            "Who looked, who acted for whom, deaths, the erasure itself",
        ),
        "个人信息保护法第五十六条；民法典第一百八十八条",
        ("3年", "3 years"),
    ),
    Rule.JOURNAL: Keeping(
        ("不含姓名和内容的操作日志与记账凭证", "The journal and the books, which have neither names nor contents"),
        "网络安全法第二十一条",
        ("不删除", "for ever"),
    ),
    Rule.PASSING: Keeping(
        ("防止重复提交等的技术标记", "Technical marks, such as those against sending twice"),
        "个人信息保护法第四十七条",
        ("数小时至数日", "hours to days"),
    ),
}


@dataclass(frozen=True)
class Blocker:
    """What has to end before an account can be erased: a code for what it is, and which thing."""

    code: str
    subject: PublicId | None = None


def _nothing(whose: Whose) -> Iterable[Blocker]:
    return ()


def _no_more(whose: Whose) -> None:
    return None


def _none_to_come(person: uuid.UUID, by: Caller) -> None:
    return None


@dataclass(frozen=True)
class Closing:
    """A slice's part in the end of every account."""

    erased: frozenset[str] = frozenset()
    """Tables of the person's scope whose rows are deleted, and those whose rows `erase` deletes."""
    kept: Mapping[str, Rule] = field(default_factory=dict)
    blockers: Callable[[Whose], Iterable[Blocker]] = _nothing
    erase: Callable[[Whose], None] = _no_more
    """Erases what lies outside the person's scope; may be called again."""
    call_off: Callable[[uuid.UUID, Caller], None] = _none_to_come
    """Calls off what was to come for a person who died; may be called again."""
