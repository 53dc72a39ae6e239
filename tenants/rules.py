"""Which papers an organization needs, and what its licenses allow today. Pure.

Sources: 互联网医院管理办法(试行) 2018 (the Internet-hospital name or license and MLPS level 3),
医疗机构管理条例 (licenses, filing of clinics), 药品网络销售监督管理办法 2022 (online sale reported), 保险法 (insurers).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a tenant is."""

    HOSPITAL = "hospital"
    CLINIC = "clinic"
    FAMILY_DOCTOR_TEAM = "family_doctor_team"
    PHARMACY = "pharmacy"
    INSURER = "insurer"
    PLATFORM = "platform"
    REGULATOR = "regulator"


APPLICANTS = (Kind.HOSPITAL, Kind.CLINIC, Kind.FAMILY_DOCTOR_TEAM, Kind.PHARMACY, Kind.INSURER)
"""The kinds that an organization may apply for."""


class Document(StrEnum):
    """A paper that proves a right."""

    MEDICAL_INSTITUTION_LICENSE = "medical_institution_license"  # 医疗机构执业许可证
    CLINIC_FILING = "clinic_filing"  # 诊所备案
    INTERNET_HOSPITAL_LICENSE = "internet_hospital_license"  # 互联网医院名称或许可
    MLPS_LEVEL_3 = "mlps_level_3"  # 信息安全等级保护三级
    DRUG_SUPPLY_LICENSE = "drug_supply_license"  # 药品经营许可证
    ONLINE_SALE_REPORT = "online_sale_report"  # 药品网络销售报告
    INSURER_LICENSE = "insurer_license"  # 保险许可证
    INSURANCE_AGREEMENT = "insurance_agreement"  # 医保协议


class Capability(StrEnum):
    """Something that a tenant may do while its licenses hold."""

    SEE_IN_PERSON = "see_in_person"
    VISIT_ONLINE = "visit_online"
    PRESCRIBE = "prescribe"
    SUPPLY_MEDICINES = "supply_medicines"
    SELL_ONLINE = "sell_online"
    INSURE = "insure"
    SETTLE_WITH_SCHEME = "settle_with_scheme"


_INSTITUTION = (Document.MEDICAL_INSTITUTION_LICENSE, Document.CLINIC_FILING)
REQUIRED: Mapping[Kind, tuple[tuple[Document, ...], ...]] = {
    Kind.HOSPITAL: (
        (Document.MEDICAL_INSTITUTION_LICENSE,),
        (Document.INTERNET_HOSPITAL_LICENSE,),
        (Document.MLPS_LEVEL_3,),
    ),
    Kind.CLINIC: (_INSTITUTION,),
    Kind.FAMILY_DOCTOR_TEAM: (_INSTITUTION,),
    Kind.PHARMACY: ((Document.DRUG_SUPPLY_LICENSE,), (Document.ONLINE_SALE_REPORT,)),
    Kind.INSURER: ((Document.INSURER_LICENSE,),),
}
"""For each kind the papers that it must show; of a group, one is enough."""

ALLOWS: Mapping[Capability, tuple[tuple[Document, ...], ...]] = {
    Capability.SEE_IN_PERSON: (_INSTITUTION,),
    Capability.VISIT_ONLINE: (_INSTITUTION, (Document.INTERNET_HOSPITAL_LICENSE,), (Document.MLPS_LEVEL_3,)),
    Capability.PRESCRIBE: (_INSTITUTION,),
    Capability.SUPPLY_MEDICINES: ((Document.DRUG_SUPPLY_LICENSE,),),
    Capability.SELL_ONLINE: ((Document.DRUG_SUPPLY_LICENSE,), (Document.ONLINE_SALE_REPORT,)),
    Capability.INSURE: ((Document.INSURER_LICENSE,),),
    Capability.SETTLE_WITH_SCHEME: ((Document.INSURANCE_AGREEMENT,),),
}
"""What a tenant may do while it holds one valid paper of every group."""

SUBJECTS_NAMED = frozenset({Document.MEDICAL_INSTITUTION_LICENSE, Document.CLINIC_FILING})
"""Papers that name the subjects (诊疗科目) in which their holder may treat."""


@dataclass(frozen=True)
class Paper:
    """A document as it was shown: valid up to and including `valid_until`, a local date of its tenant."""

    kind: Document
    number: str
    issuer: str
    subjects: tuple[str, ...]
    valid_until: date

    def holds(self, today: date) -> bool:
        """Whether it is valid on the local date `today`."""
        return today <= self.valid_until


@dataclass(frozen=True)
class Lack:
    """Why an application cannot be approved: the papers of which one is needed, and the rule."""

    documents: tuple[Document, ...]
    rule: str


def lacks(kind: Kind, papers: Iterable[Paper], today: date) -> list[Lack]:
    """What still stands against approving an application for `kind`; empty when nothing does."""
    shown = list(papers)
    found = [_lack(group, shown, today) for group in REQUIRED.get(kind, ())]
    unnamed = [p.kind for p in shown if p.kind in SUBJECTS_NAMED and not p.subjects]
    return [lack for lack in found if lack] + [Lack((kind,), "subjects_missing") for kind in unnamed]


def _lack(group: tuple[Document, ...], papers: list[Paper], today: date) -> Lack | None:
    of_group = [paper for paper in papers if paper.kind in group]
    if not of_group:
        return Lack(group, "document_missing")
    if not any(paper.holds(today) for paper in of_group):
        return Lack(group, "document_expired")
    return None


def capabilities(papers: Iterable[Paper], today: date) -> frozenset[Capability]:
    """What papers that are valid on `today` allow together."""
    valid = {paper.kind for paper in papers if paper.holds(today)}
    return frozenset(may for may, groups in ALLOWS.items() if all(valid & set(group) for group in groups))


def subjects(papers: Iterable[Paper], today: date) -> frozenset[str]:
    """The subjects in which the holder may treat on `today`."""
    return frozenset(subject for paper in papers if paper.holds(today) for subject in paper.subjects)


class ApplicationState(StrEnum):
    """`submitted` until the operator decides; a rejected one is applied for anew."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class TenantState(StrEnum):
    """A suspended tenant's people cannot act; its timers do."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class StaffState(StrEnum):
    """`invited` until the invitation is accepted; an ended affiliation never comes back, a new one is made."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"
