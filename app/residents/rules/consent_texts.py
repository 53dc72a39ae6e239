"""The texts by which residents are asked for a consent, in Chinese and English, each in every version that was shown.

A version is never changed: consents name it, with the hash of what was shown. Other words are a further version; who
consented to an older one has consented to that one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.residents.rules.consents import Category, Purpose


class Said(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Text:
    """What is shown before somebody consents to one category for one purpose."""

    purpose: Purpose
    category: Category
    version: int
    zh: str
    en: str

    @property
    def sha256(self) -> str:
        """Of both languages, as they are shown; what a consent keeps of the text."""
        return hashlib.sha256(f"{self.zh}\n\n{self.en}".encode()).hexdigest()


VERSION = 1
_WHAT: Mapping[Category, Said] = {
    Category.VISITS: Said(
        "您在各医疗机构就诊的时间、机构、科目和医师",
        "when, where, in which field and by whom you were treated, at whatever institution",
    ),
    Category.DIAGNOSES: Said("您在各医疗机构的诊断", "what was diagnosed, at whatever institution"),
    Category.PRESCRIPTIONS: Said("您在各医疗机构开具的处方", "what was prescribed to you, at whatever institution"),
    Category.ALLERGIES: Said("您本人填写的过敏史", "the allergies that you stated"),
}
_WHY: Mapping[Purpose, Said] = {
    Purpose.TREATMENT: Said(
        "仅限为您诊疗，且仅在您的就诊进行期间", "to treat you, and only while a visit of yours with them is open"
    ),
    Purpose.FAMILY_DOCTOR: Said(
        "仅限家庭医生签约服务，且仅在签约有效期内",
        "for your family doctors' care, and only while your contract with them runs",
    ),
    Purpose.RESEARCH: Said(
        "仅限经伦理审查批准的医学研究", "for medical research that an ethics committee has approved, and nothing else"
    ),
    Purpose.HOSPITAL_GROUP: Said(
        "仅限该机构及其下属机构为您诊疗，且仅在您的就诊进行期间",
        "to treat you, by this institution and those that are parts of it, and only while a visit of yours is open",
    ),
    Purpose.INSURANCE_CLAIM: Said(
        "仅限核定您的理赔，且仅在理赔案件未决期间", "to decide a claim of yours, and only while that claim is open"
    ),
}
_ASK = Said(
    "您是否同意您选择的机构查阅：{what}。用途：{why}。"
    "这些信息属于敏感个人信息（《个人信息保护法》第二十八条），泄露可能影响您的人格尊严和财产安全，因此就每一类信息、"
    "每一项用途单独征求您的同意（第二十九条）。授权在您选择的日期届满，最长两年。您可以随时撤回，撤回立即生效，"
    "不影响撤回前的查阅（第十五条）。不同意不影响您获得医疗服务（第十六条）。每次查阅都会记入您的访问记录。",
    "May the institution that you choose read {what}? Purpose: {why}. This is sensitive personal information (Personal "
    "Information Protection Law, article 28): its leak could hurt your dignity or your property. You are therefore "
    "asked separately for each kind of information and each purpose (article 29). The consent ends on the day that you "
    "choose, after two years at most. You can withdraw it at any time, which holds at once and leaves earlier reading "
    "lawful (article 15). If you say no, your care does not suffer (article 16). Every reading stands in your access "
    "log.",
)


def _made(purpose: Purpose, category: Category) -> Text:
    what, why = _WHAT[category], _WHY[purpose]
    zh, en = _ASK.zh.format(what=what.zh, why=why.zh), _ASK.en.format(what=what.en, why=why.en)
    return Text(purpose, category, VERSION, zh, en)


TEXTS = tuple(_made(purpose, category) for purpose in Purpose for category in Category)
"""Those that are shown now."""
_NOW = {(text.purpose, text.category): text for text in TEXTS}


def shown_now(purpose: Purpose, category: Category) -> Text:
    """The text with which one is asked now."""
    return _NOW[purpose, category]
