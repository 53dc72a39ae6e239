"""Doctors work online only where, in what and when they are registered, with their home's consent, and in person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from flask import Flask

from app.core.calendar import ZONE, local_date
from app.core.errors import Problem, Refused, TryLater
from app.core.http import Policy
from app.core.ids import PublicId, new_id
from app.core.journal.models import Pending
from app.core.scope import Scope
from app.core.unit import database, unit
from app.identity.api import Role, issue_staff_token
from app.identity.signatures.x509 import decoded
from app.scheduling.service.booking import book
from app.visits.ids import visit_public_id
from app.visits.service import acting
from deploy.sandbox.face.server import Checker
from prescriptions.service import reviewing, signing
from tenants.connectors.face import FaceChecker, over
from tenants.models import License, Staff
from tenants.names import PRESENCE_ID
from tenants.practice_models import Presence
from tenants.presence_rules import LONGEST, EndedBy, end_of
from tenants.service import consents, presence
from tests.platform import Platform
from tests.prescriptions.scenes import BY, Ward, known
from tests.sandbox.listening import listening, told
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import FAR, HOLD, new_resident
from tests.tenants.world import Actor

KEY = "key_of_the_tests"
LAST_SECOND = timedelta(seconds=1)


def code(act: Callable[[], object]) -> str:
    """The code with which `act` is refused."""
    with pytest.raises(Problem) as refused:
        act()
    return refused.value.code


def refusals(ward: Ward) -> list[tuple[Any, Any]]:
    """What the hospital's journal says was refused: the act and why."""
    with unit(ward.scope, on=ward.platform.sealing) as reading:
        rows = reading.all(reading.select(Pending).order_by(Pending.id))
    facts = [row.facts for row in rows if row.type == "practice.refused"]
    return [(one["act"], one["reason"]) for one in facts]


def absent(ward: Ward) -> None:
    """Let nobody have proved that they work."""
    with unit(ward.scope) as changing:
        for row in changing.all(changing.select(Presence)):
            changing.session.delete(row)


def midnight(days: int) -> datetime:
    """The beginning of the local day so many days from now."""
    day = local_date(database().clock.now()) + timedelta(days=days)
    return datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)


def change_doctor(ward: Ward, **values: Any) -> None:
    with unit(ward.scope) as changing:
        row = changing.get(Staff, ward.clinic.doctor.id)
        assert row
        for name, value in values.items():
            setattr(row, name, value)


def paid(ward: Ward) -> PublicId:
    return visit_public_id(ward.clinic.paid(ward.platform))


@pytest.mark.parametrize(
    ("hour", "minute", "hours", "end", "rule"),
    [
        (8, 0, 12, (8 + 12, 0), EndedBy.HOURS),
        (13, 0, 12, (24, 0), EndedBy.DAY),
        (22, 59, 12, (24, 0), EndedBy.DAY),
        (23, 30, 12, (24, 30), EndedBy.LEAST),
        (8, 0, 4, (12, 0), EndedBy.HOURS),
    ],
)
def test_when_a_presence_ends(hour: int, minute: int, hours: int, end: tuple[int, int], rule: EndedBy) -> None:
    begun = datetime(2026, 11, 22, hour, minute, tzinfo=ZONE)
    day = datetime(2026, 11, 22, tzinfo=ZONE)
    assert end_of(begun, timedelta(hours=hours)) == (day + timedelta(hours=end[0], minutes=end[1]), rule)


def test_an_absent_doctor_takes_and_signs_nothing(ward: Ward, clock: Clock) -> None:
    clock.set(midnight(1) + timedelta(hours=8))
    draft, waiting = ward.draft(), paid(ward)
    absent(ward)
    take = partial(acting.take, ward.clinic.viewer(), waiting)
    sign = partial(signing.sign, ward.doctor, known(draft), ())
    assert (code(take), code(sign)) == ("presence_needed", "presence_needed")
    assert refusals(ward) == [("visit.take", "presence_needed"), ("prescription.sign", "presence_needed")]
    proved = presence.prove(ward.scope, LONGEST, ward.doctor.by)
    assert (proved.method, proved.ended_by) == ("second_factor", "hours")
    assert take().state == "taken"
    clock.forward(hours=12)
    assert code(sign) == "presence_needed", "a shift is over"
    presence.prove(ward.scope, LONGEST, ward.doctor.by)
    assert sign().row.state == "pending_review"


def test_an_absent_pharmacist_lets_nothing_pass(ward: Ward) -> None:
    review = ward.review(ward.taken())
    absent(ward)
    let_pass = partial(reviewing.let_pass, ward.reviewer, review, ())
    assert code(let_pass) == "presence_needed"
    assert refusals(ward) == [("prescription.review", "presence_needed")]
    presence.prove(ward.scope, LONGEST, ward.reviewer.by)
    assert let_pass().row.state == "ready"


def test_presence_over_is_forgotten_and_the_journal_keeps_it(ward: Ward, clock: Clock) -> None:
    absent(ward)
    proved = presence.prove(ward.scope, LONGEST, ward.doctor.by)
    assert presence.own(ward.scope, ward.doctor.by).id == proved.id
    clock.forward(hours=13)
    assert code(partial(presence.own, ward.scope, ward.doctor.by)) == "not_found"
    assert presence.FORGETTING.task(ward.scope) == 1
    with unit(ward.scope, on=ward.platform.sealing) as reading:
        types = [row.type for row in reading.all(reading.select(Pending))]
    assert "presence.proved" in types


@pytest.fixture
def checker(platform: Platform) -> Iterator[tuple[str, FaceChecker]]:
    """A face checker and the way to it."""
    with listening(Checker(KEY).listen) as url:
        made = over(Policy.loopback(), url, KEY)
        yield url, made
        made.client.close()


def test_presence_by_a_face(ward: Ward, checker: tuple[str, FaceChecker]) -> None:
    url, check = checker
    prove = partial(presence.prove_by_face, ward.scope, longest=LONGEST, by=ward.doctor.by)
    for capture, why in (("c-other", "mismatch"), ("c-photo", "not_live")):
        refused = prove(presence.Face(check, capture))
        assert isinstance(refused, Refused), why
        assert refused.problem.code == "face_not_matched"
    found = prove(presence.Face(check, "c"))
    assert isinstance(found, Presence)
    assert found.method == "face"
    for fault in ("drop", "http_500", "lie"):
        told(url, "faults", **{fault: 1})
        with pytest.raises(TryLater):
            prove(presence.Face(check, "c"))
    with pytest.raises(TryLater):
        prove(presence.Face(None, "c"))


def test_a_registration_that_ends_stops_taking_and_signing_that_minute(ward: Ward, clock: Clock) -> None:
    draft, waiting, second = ward.draft(), paid(ward), paid(ward)
    change_doctor(ward, registration_until=local_date(clock.now()))
    clock.set(midnight(1) - LAST_SECOND)
    assert acting.take(ward.clinic.viewer(), waiting).state == "taken"
    clock.forward(seconds=1)
    assert code(partial(acting.take, ward.clinic.viewer(), second)) == "doctor_registration_ended"
    assert code(partial(signing.sign, ward.doctor, known(draft), ())) == "prescription_blocked"
    assert code(ward.clinic.asked) == "doctor_registration_ended"
    ended = "doctor_registration_ended"
    assert refusals(ward) == [("visit.take", ended), ("prescription.sign", ended), ("visit.request", ended)]


def test_a_license_that_ends_stops_taking_and_signing_that_minute(ward: Ward, clock: Clock) -> None:
    draft, waiting = ward.draft(), paid(ward)
    with unit(ward.scope) as changing:
        for row in changing.all(changing.select(License)):
            row.valid_until = local_date(clock.now())
    clock.set(midnight(1) - LAST_SECOND)
    assert ward.clinic.asked().state == "awaiting_payment"
    clock.forward(seconds=1)
    assert code(partial(acting.take, ward.clinic.viewer(), waiting)) == "site_license_ended"
    assert code(partial(signing.sign, ward.doctor, known(draft), ())) == "prescription_blocked"
    assert refusals(ward) == [("visit.take", "site_license_ended"), ("prescription.sign", "site_license_ended")]


def test_a_booking_that_is_refused_stands_in_the_journal(ward: Ward) -> None:
    slot = ward.clinic.hospital.slot(doctor=ward.clinic.doctor, fee_lines=[])
    change_doctor(ward, subjects=["04"])
    assert code(partial(book, new_resident(), slot, HOLD, BY)) == "doctor_subject_not_registered"
    assert refusals(ward) == [("appointment.book", "doctor_subject_not_registered")]


def test_a_further_site_needs_the_consent_of_the_home_institution(ward: Ward, clock: Clock) -> None:
    waiting, draft, today = paid(ward), ward.draft(), local_date(clock.now())
    given = consents.Consent("备-1", "示范市卫健委", today + timedelta(days=1), today + timedelta(days=2))
    assert code(partial(consents.add, ward.clinic.doctor, given, BY)) == "home_is_here"
    change_doctor(ward, home_institution="省人民医院", registration_authority="示范市卫健委")
    take = partial(acting.take, ward.clinic.viewer(), waiting)
    assert (code(take), code(ward.clinic.asked)) == ("home_consent_missing",) * 2
    assert code(partial(signing.sign, ward.doctor, known(draft), ())) == "prescription_blocked"
    row = consents.add(ward.clinic.doctor, given, BY)
    assert code(take) == "home_consent_missing", "from tomorrow"
    clock.set(midnight(1))
    assert take().state == "taken"
    assert code(partial(consents.add, ward.clinic.doctor, given, ward.doctor.by)) == "own_clinical_role"
    consents.withdraw(consents.consent_id(row), BY)
    assert code(ward.clinic.asked) == "home_consent_missing"
    assert code(partial(consents.withdraw, consents.consent_id(row), BY)) == "home_consent_withdrawn"
    assert {reason for _, reason in refusals(ward)} == {"home_consent_missing"}
    slot = ward.clinic.hospital.slot(doctor=ward.clinic.doctor, fee_lines=[])
    assert book(new_resident(), slot, HOLD, BY).state == "confirmed", "in person it is not asked for"


def actor(app: Flask, ward: Ward, who: PublicId) -> Actor:
    return Actor(app, issue_staff_token(ward.scope, who.id, new_resident()), new_id())


def test_presence_and_consents_over_http(app: Flask, ward: Ward) -> None:
    absent(ward)
    doctor = actor(app, ward, ward.clinic.doctor)
    administrator = actor(app, ward, ward.clinic.hospital.member(Role.TENANT_ADMINISTRATOR))
    assert doctor.refused(404, "GET", "/presences/current") == "not_found"
    made = doctor.do("POST", "/presences")
    assert PublicId.parse(made["id"], PRESENCE_ID).scope == ward.scope
    assert doctor.do("GET", "/presences/current") == made
    assert doctor.refused(503, "POST", "/presences/by-face", {"capture": "x"}) == "face_check_unavailable"
    assert administrator.refused(403, "POST", "/presences") == "forbidden"
    change_doctor(ward, home_institution="省人民医院", registration_authority="示范市卫健委")
    given = {
        "staff": str(ward.clinic.doctor), "number": "备-1", "authority": "示范市卫健委", "valid_from": "2026-01-01",
        "valid_until": str(FAR),
    }  # fmt: skip
    consent = administrator.do("POST", "/home-consents", given)
    assert administrator.do("GET", f"/home-consents?staff={ward.clinic.doctor}")["data"] == [consent]
    reversed_days = {**given, "valid_from": str(FAR), "valid_until": "2026-01-01"}
    assert administrator.refused(422, "POST", "/home-consents", reversed_days) == "invalid_input"
    strange = {**given, "staff": str(PublicId("sta", Scope.for_tenant(7), new_id()))}
    assert administrator.refused(404, "POST", "/home-consents", strange) == "not_found"
    withdrawn = administrator.do("POST", f"/home-consents/{consent['id']}/withdrawal")
    assert withdrawn["withdrawn_at"]
    assert doctor.refused(403, "POST", "/home-consents", given) == "forbidden"


def test_the_signatures_of_a_prescription_are_verified_over_http(app: Flask, ward: Ward) -> None:
    doctor, detail = actor(app, ward, ward.clinic.doctor), ward.draft()
    path = f"/prescriptions/{known(detail)}/verification"
    assert doctor.refused(409, "GET", path) == "prescription_state"
    signing.sign(ward.doctor, known(detail), ())
    found = doctor.do("GET", path)
    assert found["holds"] is False, "nobody reviewed it"
    reviewing.take(ward.reviewer, ward.review(detail))
    reviewing.let_pass(ward.reviewer, ward.review(detail), ())
    found = doctor.do("GET", path)
    assert (found["holds"], len(found["document_digest"])) == (True, 64)
    kept = [(one["role"], one["certificate"], one["is_of_document"], len(one["x5c"])) for one in found["signatures"]]
    assert kept == [("doctor", "certified", True, 3), ("reviewer", "certified", True, 3)]
    roots = doctor.do("GET", "/certificate-authority")["roots"]
    assert all(one["x5c"][-1] in roots for one in found["signatures"])
    certificates = doctor.do("GET", "/signing-certificates")["data"]
    assert [one["x5c"] for one in certificates] == [found["signatures"][0]["x5c"]]


def test_anybody_fetches_what_was_revoked(app: Flask, ward: Ward) -> None:
    doctor = actor(app, ward, ward.clinic.doctor)
    (own,) = doctor.do("GET", "/signing-certificates")["data"]
    (key,) = doctor.do("GET", "/signing-keys")["data"]
    doctor.do("POST", f"/signing-keys/{key['id']}/revocation", {"reason": "key_compromise"})
    assert doctor.refused(409, "POST", f"/signing-keys/{key['id']}/certificates") == "signing_key_revoked"
    first = decoded(own["x5c"][0])
    points = first.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name
    address = str(points[0].full_name[0].value)
    path = address[address.index("/api/") :]
    crl = x509.load_der_x509_crl(app.test_client().get(path).data)
    assert crl.get_revoked_certificate_by_serial_number(first.serial_number)
    assert crl.is_signature_valid(decoded(own["x5c"][1]).public_key())  # type: ignore[arg-type]  # an EC key
