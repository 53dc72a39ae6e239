"""Which papers an organization needs, and what its licenses allow today. Pure.

Sources: 互联网医院管理办法(试行) 2018 (the Internet-hospital name or license and MLPS level 3),
医疗机构管理条例 (licenses, filing of clinics), 药品网络销售监督管理办法 2022 (online sale reported), 保险法 (insurers).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.core.errors import Fault


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

OPTIONAL: Mapping[Kind, frozenset[Document]] = {
    Kind.HOSPITAL: frozenset({Document.INSURANCE_AGREEMENT}),
    Kind.CLINIC: frozenset({Document.INTERNET_HOSPITAL_LICENSE, Document.MLPS_LEVEL_3, Document.INSURANCE_AGREEMENT}),
    Kind.FAMILY_DOCTOR_TEAM: frozenset(
        {Document.INTERNET_HOSPITAL_LICENSE, Document.MLPS_LEVEL_3, Document.INSURANCE_AGREEMENT}
    ),
    Kind.PHARMACY: frozenset({Document.INSURANCE_AGREEMENT}),
}
"""What a tenant of a kind may hold besides. Nothing else: a pharmacy with a clinic's license opens a clinic, too."""

PARENTS: Mapping[Kind, frozenset[Kind]] = {
    Kind.FAMILY_DOCTOR_TEAM: frozenset({Kind.CLINIC}),
    Kind.PHARMACY: frozenset({Kind.HOSPITAL, Kind.CLINIC}),
}
"""Of what a tenant of a kind may be a part: a team of its clinic, a dispensary of its hospital."""
PARTS = frozenset({Kind.FAMILY_DOCTOR_TEAM})
"""Kinds that are always a part of another tenant."""

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
    """The subjects in which the holder may treat on `today`: those of its valid licenses, whatever others name."""
    naming = (paper for paper in papers if paper.kind in SUBJECTS_NAMED and paper.holds(today))
    return frozenset(subject for paper in naming for subject in paper.subjects)


def paper_faults(kind: Kind, papers: Sequence[Paper]) -> Iterator[Fault]:
    """What is wrong with `papers` as those of a tenant of `kind`, whatever their dates; one fault for each rule."""
    shown = OPTIONAL.get(kind, frozenset()).union(*REQUIRED.get(kind, ()))
    times = Counter((paper.kind, paper.number) for paper in papers)
    for at, paper in enumerate(papers):
        if paper.kind not in shown:
            yield Fault(f"/documents/{at}/kind", "document_not_of_kind", f"a {kind} holds no {paper.kind}")
        if times[paper.kind, paper.number] > 1:
            yield Fault(f"/documents/{at}/number", "document_twice", "the same kind and number stands here twice")


def renewal_faults(kind: Kind, paper: Paper, today: date) -> Iterator[Fault]:
    """What stands against handing in `paper`, alone, as a license of a tenant of `kind`."""
    for fault in paper_faults(kind, [paper]):
        yield Fault(fault.pointer.removeprefix("/documents/0"), fault.rule, fault.detail)
    if not paper.holds(today):
        yield Fault("/valid_until", "document_expired", "its last day is over")
    if paper.kind in SUBJECTS_NAMED and not paper.subjects:
        yield Fault("/subjects", "subjects_missing", f"a {paper.kind} names the subjects that it holds")
