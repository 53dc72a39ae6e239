"""Giving and taking back consents, in the person's own scope; the institution hears of each by relay."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core.calendar import local_date
from app.core.errors import Fault, InvalidInput, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.journal.record import Facts, Outgoing, record
from app.core.relays import Answer, Incoming
from app.core.scope import Scope
from app.core.unit import Caller, Effect, Unit, run
from app.identity.api import PERSON
from app.residents.consent_models import Consent
from app.residents.names import CONSENT_ID, CONSENT_RELAY
from app.residents.rules.ages import CONSENTS, birthday
from app.residents.rules.consent_texts import Text, shown_now
from app.residents.rules.consents import KINDS, MOST_CONSENTS, Category, Purpose, State, is_bounded, present_state
from app.residents.service.consent_givers import guardian
from app.residents.service.reading import verified
from tenants.api import TENANT_ID, Published, published

CONSENT_KEPT = timedelta(days=3 * 366)
"""For how long after its end a consent is kept: as long as an access that it opened (see `accesses`)."""


@dataclass(frozen=True)
class Wish:
    """What somebody consents to, having been shown the text with that hash; `ends_on` is the last local day."""

    institution: PublicId
    purpose: Purpose
    category: Category
    text_sha256: str
    ends_on: date


@dataclass(frozen=True)
class OwnConsent:
    """A consent as its person reads it, in the state that it has today."""

    id: PublicId
    institution: PublicId
    institution_name: str
    purpose: str
    category: str
    text_version: int
    text_sha256: str
    ends_on: date
    state: State
    granted_at: datetime
    ended_at: datetime | None
    given_by: PublicId | None
    """The guardian who gave it; None where the person did."""
    version: int


def grant(person: uuid.UUID, wish: Wish, by: Caller, effect: Effect | None = None) -> OwnConsent:
    """Let an institution read one category for one purpose; what was granted before for the same is replaced.

    Raises Forbidden for an unverified resident and as `guardian` does, NotFound for an institution that the directory
    does not know, InvalidInput, and WrongState `consent_text_outdated`, `too_many_consents`.
    """

    def work(opened: Unit) -> OwnConsent:
        born = verified(opened, lock=True).birth_date  # the resident's row is the lock under which consents follow
        giver, today = guardian(opened, born), local_date(opened.now)
        taker, text = _taker(opened, wish, today), _text(wish)
        _refuse_unbounded(wish, today, birthday(born, CONSENTS) if giver else date.max)
        _make_room(opened, wish, today)
        row = opened.add(_new(opened, wish, taker, text, giver))
        _enter(opened, row)
        return own(opened, row)

    return run(Scope.for_person(person), work, by, effect=effect)


def revoke(known: PublicId, by: Caller, effect: Effect | None = None) -> OwnConsent:
    """Take a consent back: from this commit on it opens nothing. Taken back already, it stays so. Raises NotFound."""

    def work(opened: Unit) -> OwnConsent:
        row = opened.get(Consent, known.id, lock=True)
        if row is None:
            raise NotFound
        if row.state == State.GRANTED:
            _end(opened, row, State.REVOKED)
        return own(opened, row)

    return run(known.scope, work, by, effect=effect)


def end_given_by(opened: Unit, giver: uuid.UUID) -> None:
    """Take back what that guardian let others read of the unit's person; what has ended by itself stays so."""
    theirs = opened.select(Consent).where(
        Consent.given_by == giver, Consent.state == State.GRANTED, Consent.ends_on >= local_date(opened.now)
    )
    for row in opened.all(theirs.with_for_update()):
        _end(opened, row, State.REVOKED)


def take_consent(opened: Unit, relay: Incoming) -> Answer:
    """Note in the institution's journal what a person consents to, or consents to no more; its systems hear of it.

    Nothing is kept beside the entry: whether a consent holds is asked of the person's own scope at each reading.
    """
    told = relay.payload
    about = PublicId(CONSENT_ID, relay.giver, uuid.UUID(told["id"]))
    facts = {**told["facts"], "resident": str(relay.giver)}
    record(opened, told["type"], about, told["version"], facts, whose=relay.giver.require_person())
    return {}


def own(opened: Unit, row: Consent) -> OwnConsent:
    """`row` as its person reads it."""
    return OwnConsent(
        consent_id(row), PublicId(TENANT_ID, Scope.for_tenant(row.tenant), row.institution_id), row.institution_name,
        row.purpose, row.category, row.text_version, row.text_sha256, row.ends_on,
        present_state(State(row.state), row.ends_on, local_date(opened.now)), row.granted_at, row.ended_at,
        PublicId(PERSON, Scope.for_person(row.given_by), row.given_by) if row.given_by else None, row.version,
    )  # fmt: skip


def consent_id(row: Consent) -> PublicId:
    """A consent's public id."""
    return PublicId(CONSENT_ID, Scope.for_person(row.person_id), row.id)


def _taker(opened: Unit, wish: Wish, today: date) -> Published:
    tenant = wish.institution.scope.tenant
    found = published(opened, [tenant], today).get(tenant) if tenant is not None else None
    if found is None or found.id != wish.institution:
        raise NotFound
    if found.kind not in KINDS[wish.purpose]:
        fault = Fault("/purpose", "purpose_not_of_kind", f"A {found.kind} reads nothing for this purpose.")
        raise InvalidInput("no such purpose there", faults=(fault,))
    return found


def _text(wish: Wish) -> Text:
    """The text that was shown; raises WrongState where it is not the present one."""
    text = shown_now(wish.purpose, wish.category)
    if text.sha256 != wish.text_sha256:
        raise WrongState("show the present text, and ask again", code="consent_text_outdated")
    return text


def _refuse_unbounded(wish: Wish, today: date, before: date) -> None:
    if not is_bounded(wish.ends_on, today):
        fault = Fault("/ends_on", "consent_term", "A consent ends today at the earliest, and within two years.")
        raise InvalidInput("a consent has an end", faults=(fault,))
    if wish.ends_on >= before:
        fault = Fault("/ends_on", "consent_term", "What a guardian consents to ends before the 14th birthday.")
        raise InvalidInput("a consent has an end", faults=(fault,))


def _make_room(opened: Unit, wish: Wish, today: date) -> None:
    """End what was granted before for the same; the others that have not ended by themselves are bounded."""
    mine = opened.all(opened.select(Consent).where(Consent.state == State.GRANTED).with_for_update())
    same = (wish.institution.scope.tenant, wish.purpose, wish.category)
    others = [row for row in mine if (row.tenant, row.purpose, row.category) != same and row.ends_on >= today]
    if len(others) >= MOST_CONSENTS:
        raise WrongState(f"a person gives at most {MOST_CONSENTS} consents", code="too_many_consents")
    for row in mine:
        if (row.tenant, row.purpose, row.category) == same:
            _end(opened, row, State.REPLACED)
    opened.flush()  # the next one is the one that is granted only after this one is not


def _new(opened: Unit, wish: Wish, taker: Published, text: Text, giver: uuid.UUID | None) -> Consent:
    return Consent(
        person_id=opened.scope.require_person(), id=new_id(), tenant=taker.id.scope.require_tenant(),
        institution_id=taker.id.id, institution_name=taker.name, purpose=wish.purpose, category=wish.category,
        text_version=text.version, text_sha256=text.sha256, ends_on=wish.ends_on, state=State.GRANTED,
        granted_at=opened.now, due_at=_forgotten(wish.ends_on, opened.now), given_by=giver, version=1,
    )  # fmt: skip


def _forgotten(ends_on: date, now: datetime) -> datetime:
    return now + (ends_on - local_date(now)) + timedelta(days=1) + CONSENT_KEPT


def _end(opened: Unit, row: Consent, state: State) -> None:
    row.state, row.ended_at, row.due_at = state, opened.now, opened.now + CONSENT_KEPT
    row.version += 1
    _enter(opened, row)


def _enter(opened: Unit, row: Consent) -> None:
    """The entry of a change, which tells the institution."""
    institution = PublicId(TENANT_ID, Scope.for_tenant(row.tenant), row.institution_id)
    facts: Facts = {
        "institution": str(institution), "purpose": row.purpose, "category": row.category,
        "ends_on": row.ends_on.isoformat(), "text_version": row.text_version, "text_sha256": row.text_sha256,
    }  # fmt: skip
    told = {"id": str(row.id), "type": f"consent.{row.state}", "version": row.version, "facts": facts}
    relay = Outgoing(Scope.for_tenant(row.tenant), CONSENT_RELAY, told)
    record(opened, f"consent.{row.state}", consent_id(row), row.version, facts, [relay])
