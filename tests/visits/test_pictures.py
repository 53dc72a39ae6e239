"""Pictures in visits: sent by either, seen by both and by nobody else, once and without what came with them."""

import io
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from app.core.blobs import ORPHANED, SWEEPING, BlobMark, blobs, sweep
from app.core.errors import Forbidden, NotFound, WrongState
from app.core.ids import PublicId, new_id
from app.core.pictures import MOST_BYTES
from app.core.scope import Scope
from app.core.unit import connect, database, unit
from app.factory import create_app, create_worker
from app.identity.api import Role, issue_staff_token
from app.identity.service.sign_in import enter
from app.visits import queries
from app.visits.ids import VisitViewer, picture_public_id, visit_public_id
from app.visits.models import Visit, VisitPicture
from app.visits.names import PICTURE_ID
from app.visits.service import acting, messages, pictures
from app.visits.service.messages import Message
from tests.core.pictures import PLACE, bomb, jpeg, located, png, polyglot
from tests.described import described
from tests.platform import Platform
from tests.scheduling.clock import Clock
from tests.scheduling.scenes import new_resident
from tests.visits.scenes import BY, WORD, Clinic, resident_of, settle, time_is_up, verify
from tests.visits.test_secrecy import looks

ASKED = {"limit": 20, "cursor": "", "state": None}


def sent(viewer: VisitViewer, visit: Visit, content: bytes | None = None) -> Message:
    """A picture that was sent."""
    return pictures.send(viewer, visit_public_id(visit), content or jpeg())


def row_of(message: Message) -> VisitPicture:
    assert message.picture
    return message.picture


def blob_of(row: VisitPicture) -> bytes:
    """What lies on the disk of it."""
    assert row.address
    return blobs().get(row.tenant_id, row.address)


def kept(clinic: Clinic) -> list[VisitPicture]:
    """Every picture of the tenant's."""
    with unit(clinic.scope) as reading:
        return reading.all(reading.select(VisitPicture))


def test_both_send_and_both_see(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    known, doctor, person = visit_public_id(visit), clinic.viewer(), resident_of(visit)
    mine, theirs = sent(person, visit), sent(doctor, visit, png())
    messages.write(doctor, known, WORD)
    for who in (doctor, person):
        said = queries.messages_of(who, known, ASKED).data
        assert [(one.author, one.kind, one.text) for one in said] == [
            ("resident", "picture", ""), ("doctor", "picture", ""), ("doctor", "text", WORD),
        ]  # fmt: skip
        for message, media_type in ((mine, "image/jpeg"), (theirs, "image/png")):
            file = queries.picture_of(who, picture_public_id(row_of(message)))
            assert (file.media_type, len(file.content)) == (media_type, row_of(message).size)
            assert Image.open(io.BytesIO(file.content)).size == (row_of(message).width, row_of(message).height)


def test_what_lies_on_the_disk_is_encrypted_for_its_place(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.paid(platform)
    first, second = (row_of(sent(resident_of(visit), visit, located())) for _ in range(2))
    assert first.address != second.address, "equal pictures look different on the disk"
    known = picture_public_id(first)
    content = queries.picture_of(resident_of(visit), known).content
    sealed = blob_of(first)
    assert content[:20] not in sealed and PLACE not in sealed
    place = f"{clinic.scope}/visit_pictures/content/{first.id}"
    assert database().cipher.open(sealed, place) == content


def test_who_sends_when(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = clinic.asked()
    doctor, person = clinic.viewer(), resident_of(visit)
    for act, at in ((partial(sent, person, visit), "before it is paid"), (partial(sent, doctor, visit), "too")):
        with pytest.raises(WrongState) as raised:
            act()
        assert raised.value.code == "visit_state", at
    clinic.pay(visit)
    settle(platform, clinic.scope)
    sent(person, visit)
    with pytest.raises(WrongState):
        sent(doctor, visit)
    acting.take(doctor, visit_public_id(visit))
    sent(doctor, visit)
    clock.forward(hours=48)
    with pytest.raises(WrongState) as raised:
        sent(person, visit)
    assert raised.value.code == "visit_time_over"
    assert len(kept(clinic)) == 2


def test_a_picture_is_no_word(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    acting.accept_evidence(clinic.viewer(), visit_public_id(visit))
    sent(clinic.viewer(), visit)
    with pytest.raises(WrongState) as raised:
        acting.complete(clinic.viewer(), visit_public_id(visit))
    assert raised.value.code == "no_word_of_doctor"


def test_a_visit_has_so_many_pictures(platform: Platform, clinic: Clinic) -> None:
    visit, small = clinic.paid(platform), png()
    for _ in range(pictures.MOST):
        sent(resident_of(visit), visit, small)
    with pytest.raises(WrongState) as raised:
        sent(resident_of(visit), visit, small)
    assert raised.value.code == "too_many_pictures"


def test_strangers_neither_send_nor_see(platform: Platform, clinic: Clinic) -> None:
    visit = clinic.taken(platform)
    known = picture_public_id(row_of(sent(resident_of(visit), visit)))
    resident, elsewhere = VisitViewer(Scope.for_person(new_resident()), BY), Clinic().viewer()
    for who, expected in ((resident, NotFound), (elsewhere, NotFound), (clinic.other(), Forbidden)):
        with pytest.raises(expected):
            queries.picture_of(who, known)
        with pytest.raises(expected):
            sent(who, visit, b"not even looked at")
    with pytest.raises(NotFound):
        queries.picture_of(clinic.viewer(), PublicId(PICTURE_ID, clinic.scope, new_id()))
    assert len(kept(clinic)) == 1


def test_only_the_doctors_look_is_an_entry(platform: Platform, clinic: Clinic, clock: Clock) -> None:
    visit = clinic.taken(platform)
    known = picture_public_id(row_of(sent(resident_of(visit), visit)))
    queries.picture_of(resident_of(visit), known)
    assert looks(platform, clinic) == []
    clock.in_a_quarter()
    for _ in range(2):
        queries.picture_of(clinic.viewer(), known)
    assert [actor for actor, _ in looks(platform, clinic)] == [clinic.viewer().by.actor]


def test_what_was_refused_leaves_no_blob(platform: Platform, clock: Clock, clinic: Clinic) -> None:
    visit = clinic.paid(platform)
    stays = row_of(sent(resident_of(visit), visit))
    time_is_up(clinic, visit.id)
    with pytest.raises(WrongState):
        sent(resident_of(visit), visit)
    with unit(clinic.scope) as reading:
        assert reading.all(reading.select(BlobMark)) == []
    assert on_disk(platform, clinic) == [stays.address]
    clock.ahead = ORPHANED + timedelta(hours=1)
    assert sweep(clinic.scope) == 0
    assert blob_of(stays)


@dataclass(frozen=True)
class Web:
    """Somebody with a token, at the application."""

    app: Flask
    token: str
    person: uuid.UUID = field(default_factory=new_id)

    def send(self, visit: Visit, content: bytes, kind: str = "image/jpeg", key: str = "") -> TestResponse:
        """Upload a picture."""
        given = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or new_id().hex}
        path = f"/api/v1/visits/{visit_public_id(visit)}/pictures"
        return self.app.test_client().post(path, data=content, content_type=kind, headers=given)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read something."""
        return self.app.test_client().get(path, headers={"Authorization": f"Bearer {self.token}", **headers})

    def code(self, answer: TestResponse) -> tuple[int, str]:
        """Status and code of a refusal."""
        assert answer.json
        return answer.status_code, str(answer.json["code"])


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[Flask]:
    made = described(create_app(platform.settings))
    engine = database().engine
    connect(platform.database)
    yield made
    engine.dispose()


@pytest.fixture
def resident(app: Flask) -> Web:
    return signed_in(app, new_id())


def signed_in(app: Flask, person: uuid.UUID) -> Web:
    """Somebody who has just signed in for the first time."""
    return Web(app, enter(person, "+8613900000000", "zh-CN", "").access_token, person)


@pytest.fixture
def visit(platform: Platform, clinic: Clinic, resident: Web) -> Visit:
    verify(resident.person)
    return clinic.taken(platform, person=resident.person)


@pytest.fixture
def doctor(app: Flask, clinic: Clinic) -> Web:
    return Web(app, issue_staff_token(clinic.scope, clinic.doctor.id, new_resident()))


def test_over_http(visit: Visit, resident: Web, doctor: Web, app: Flask, clinic: Clinic) -> None:
    answer = resident.send(visit, located())
    assert (answer.status_code, answer.json and answer.json["kind"]) == (201, "picture"), answer.text
    said = doctor.get(f"/api/v1/visits/{visit_public_id(visit)}/messages").json
    assert said and said["data"] == [answer.json]
    picture = said["data"][0]["picture"]
    for who in (doctor, resident):
        seen = who.get(picture["link"], Accept="image/*")
        assert (seen.status_code, seen.content_type, len(seen.data)) == (200, "image/jpeg", picture["size"])
        assert PLACE not in seen.data
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        assert seen.headers["Cache-Control"] == "no-store"
        assert "sandbox" in seen.headers["Content-Security-Policy"]
        assert seen.headers["Content-Disposition"] == f'attachment; filename="{picture["id"]}.jpg"'
    stranger = signed_in(app, new_id())
    colleague = Web(app, issue_staff_token(clinic.scope, clinic.hospital.member(Role.DOCTOR).id, new_resident()))
    registrar = Web(app, issue_staff_token(clinic.scope, clinic.hospital.member(Role.REGISTRAR).id, new_resident()))
    elsewhere = Clinic()
    foreign = Web(app, issue_staff_token(elsewhere.scope, elsewhere.doctor.id, new_resident()))
    assert stranger.code(stranger.get(picture["link"])) == (404, "not_found")
    assert foreign.code(foreign.get(picture["link"])) == (404, "not_found")
    assert colleague.code(colleague.get(picture["link"])) == (403, "forbidden")
    assert registrar.code(registrar.get(picture["link"])) == (403, "forbidden")
    assert stranger.code(stranger.send(visit, jpeg())) == (404, "not_found")
    assert colleague.code(colleague.send(visit, jpeg())) == (403, "forbidden")


def test_one_key_is_one_picture(platform: Platform, visit: Visit, resident: Web, clinic: Clinic) -> None:
    content = jpeg()
    answers = [resident.send(visit, content, key="tap") for _ in range(3)]
    assert answers[0].json == answers[1].json == answers[2].json
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert resident.code(resident.send(visit, png(), key="tap")) == (422, "idempotency_key_reused")
    assert on_disk(platform, clinic) == [one.address for one in kept(clinic)]


def on_disk(platform: Platform, clinic: Clinic) -> list[str]:
    """The addresses of all blobs of the tenant's."""
    folder = platform.settings.blobs / str(clinic.scope.require_tenant())
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_one_key_at_the_same_moment_is_one_picture(
    platform: Platform, visit: Visit, resident: Web, clinic: Clinic
) -> None:
    content = jpeg()
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda _: resident.send(visit, content, key="taps"), range(3)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert on_disk(platform, clinic) == [one.address for one in kept(clinic)]
    assert len(kept(clinic)) == 1


def test_a_name_says_nothing(visit: Visit, resident: Web) -> None:
    answer = resident.send(visit, png(), "image/jpeg")
    assert answer.json and answer.json["picture"]["media_type"] == "image/png"
    assert resident.get(answer.json["picture"]["link"]).content_type == "image/png"


def test_a_polyglot_is_kept_as_a_picture_alone(visit: Visit, resident: Web) -> None:
    answer = resident.send(visit, polyglot())
    assert answer.json
    assert b"script" not in resident.get(answer.json["picture"]["link"]).data


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"{}", "application/json", (415, "unsupported_media_type")),
        (b"<svg/>", "image/svg+xml", (415, "unsupported_media_type")),
        (b"", "image/png", (422, "picture_not_recognized")),
        (b"<html>", "image/png", (422, "picture_not_recognized")),
        (jpeg()[:-200], "image/jpeg", (422, "picture_broken")),
        (bomb(40_000), "image/png", (422, "picture_too_large")),
        (jpeg() + bytes(10 * 2**20), "image/jpeg", (413, "request_too_large")),
    ],
    ids=["json", "svg", "empty", "page", "half", "bomb", "ten-megabytes"],
)
def test_what_is_refused(
    visit: Visit, resident: Web, clinic: Clinic, content: bytes, kind: str, expected: tuple[int, str]
) -> None:
    assert resident.code(resident.send(visit, content, kind)) == expected
    assert kept(clinic) == []


def test_more_than_json_may_have_is_taken(visit: Visit, resident: Web) -> None:
    padded = jpeg() + bytes(MOST_BYTES - len(jpeg()))
    assert resident.send(visit, padded).status_code == 201


def test_orphans_are_swept_by_the_worker(platform: Platform) -> None:
    assert SWEEPING in create_worker(platform.settings).timers
    database().engine.dispose()
    connect(platform.database)


def test_a_caller_who_takes_no_pictures_is_told(visit: Visit, resident: Web) -> None:
    answer = resident.send(visit, jpeg())
    assert answer.json
    refused = resident.get(answer.json["picture"]["link"], Accept="text/html")
    assert resident.code(refused) == (406, "not_acceptable")


def test_a_stranger_without_a_token_gets_no_byte_read(visit: Visit, app: Flask) -> None:
    nobody = Web(app, "none")
    assert nobody.code(nobody.send(visit, jpeg())) == (401, "unauthenticated")
