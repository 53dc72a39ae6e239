"""Who may act for whom, how far, and how it ends. Pure.

Sources: Civil Code, articles 27 (parents are guardians), 161 to 175 (agency, ended by either side), 1133 and 1145
(executors and heirs administer what somebody left).
"""

from datetime import date, timedelta
from enum import StrEnum

from app.residents.rules.ages import ADULT, birthday

MOST_GUARDIANS = 2
MOST_PROXIES = 5
"""Open at a time for one person: who acts for somebody is to be known to them at a glance."""
TRIES = 5
"""Children whom one person may try to register on one local date: each try asks the registry."""
OFFERED_FOR = timedelta(days=14)
"""How long a proxy may think about it."""
CLAIM_LIFE = timedelta(hours=1)
"""For how long a guardian's word lets the child take its account over."""
LONGEST = 5
"""Years: for how long a proxy is named at most; then the person is asked anew by having to name them again."""
ENDED_KEPT = timedelta(days=3 * 366)
"""For how long it is kept who could act for whom: as long as claims that arise of it (Civil Code, article 188)."""


class Kind(StrEnum):
    """By what right somebody acts for a person."""

    GUARDIAN = "guardian"
    PROXY = "proxy"
    SUCCESSOR = "successor"


class Reach(StrEnum):
    """How far a proxy may act."""

    READ = "read"
    BOOK = "book"
    PAY = "pay"
    EVERYTHING = "everything"


class State(StrEnum):
    """A proxy is `offered` until they accept."""

    OFFERED = "offered"
    ACTIVE = "active"
    ENDED = "ended"


class Evidence(StrEnum):
    """What it stands on."""

    REGISTRY = "registry"
    PAPER = "paper"
    PERSON = "person"


class Ask(StrEnum):
    """What the desk is asked on paper."""

    GUARDIANSHIP = "guardianship"
    SUCCESSION = "succession"


class PaperKind(StrEnum):
    """A paper that the desk looks at."""

    BIRTH_CERTIFICATE = "birth_certificate"  # 出生医学证明
    HOUSEHOLD_REGISTER = "household_register"  # 户口簿
    ADOPTION_CERTIFICATE = "adoption_certificate"  # 收养登记证
    GUARDIAN_APPOINTMENT = "guardian_appointment"  # 指定监护人的决定
    COURT_RULING = "court_ruling"  # 判决书、裁定书
    NOTARIAL_INHERITANCE = "notarial_inheritance"  # 继承权公证书
    NOTARIAL_WILL = "notarial_will"  # 遗嘱公证书


PAPERS: dict[Ask, frozenset[PaperKind]] = {
    Ask.GUARDIANSHIP: frozenset(
        {
            PaperKind.BIRTH_CERTIFICATE, PaperKind.HOUSEHOLD_REGISTER, PaperKind.ADOPTION_CERTIFICATE,
            PaperKind.GUARDIAN_APPOINTMENT, PaperKind.COURT_RULING,
        }
    ),
    Ask.SUCCESSION: frozenset({PaperKind.NOTARIAL_INHERITANCE, PaperKind.NOTARIAL_WILL, PaperKind.COURT_RULING}),
}  # fmt: skip
"""Which papers answer what."""
SUCCESSION_TERM = timedelta(days=366)
"""For how long a title lets somebody read what a dead person left; who needs longer shows the paper again."""


class PaperState(StrEnum):
    """`submitted` until the desk decides."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class PaperRejection(StrEnum):
    """Why the desk rejects a paper."""

    NOT_GENUINE = "not_genuine"
    NOT_ABOUT_THESE = "not_about_these"
    UNREADABLE = "unreadable"
    OTHER = "other"


class EndReason(StrEnum):
    """Why it ended."""

    OF_AGE = "of_age"
    TERM_OVER = "term_over"
    NOT_ACCEPTED = "not_accepted"
    ENDED_BY_PERSON = "ended_by_person"
    ENDED_BY_ACTOR = "ended_by_actor"
    COURT = "court"
    PERSON_DIED = "person_died"
    ACTOR_DIED = "actor_died"
    DEATH_UNDONE = "death_undone"
    ACCOUNT_ERASED = "account_erased"


OPEN = (State.OFFERED, State.ACTIVE)
MOST: dict[Kind, int] = {Kind.GUARDIAN: MOST_GUARDIANS, Kind.PROXY: MOST_PROXIES, Kind.SUCCESSOR: MOST_PROXIES}


def acting_as(kind: Kind, reach: Reach) -> str:
    """What somebody acts as, as `ACTING` of identity's roles names it."""
    return f"proxy_{reach}" if kind is Kind.PROXY else kind.value


def guarded_until(born: date) -> date:
    """The local day with whose beginning guardianship ends by itself."""
    return birthday(born, ADULT)


def may_end(kind: Kind) -> bool:
    """Whether the two sides can end it themselves; a guardianship is ended by a court, a title by the desk."""
    return kind is Kind.PROXY


def over(state: State, kind: Kind) -> EndReason:
    """Why something ends whose time has come."""
    if state is State.OFFERED:
        return EndReason.NOT_ACCEPTED
    return EndReason.OF_AGE if kind is Kind.GUARDIAN else EndReason.TERM_OVER
