"""Keys of field encryption change while people work: nothing is lost, and nothing that an older key sealed is left."""

import os
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import LargeBinary, Table

from app.core.blob_rotation import over_blobs
from app.core.blobs import BlobMark, blobs
from app.core.crypto import Cipher, version_of
from app.core.db import Placement, placement_of
from app.core.encrypted import blob_columns, encrypted_columns
from app.core.ids import PublicId, new_id
from app.core.rotation import WINDOW, Tally, over, pending, scopes, walk
from app.core.scope import Scope
from app.core.unit import Database, Unit, connect, run, unit
from app.identity.service.sign_in import enter
from app.models import metadata
from app.payments.models import MerchantAccount
from app.payments.names import ACCOUNT_ID
from app.payments.service.accounts import add_secret, secrets_of
from app.visits import queries
from app.visits.ids import picture_public_id, visit_public_id
from app.visits.models import VisitPicture
from app.visits.service import messages, pictures
from prescriptions.content import written_in
from tests.core.journal.scenes import eventually, note_relays, rows, seal_all
from tests.core.pictures import jpeg
from tests.platform import Platform, new_tenant
from tests.prescriptions.scenes import NOTE, Ward, person_of
from tests.visits.scenes import resident_of

NEW = 2
INVENTED = {"merchant_accounts", "residents"}
"""Where scenes put bytes that are no ciphertext; the demonstration's test renews what the platform itself wrote."""
TABLES = [table for table in metadata.sorted_tables if not table.name.startswith("dummy_")]
SEALED = [table for table in TABLES if encrypted_columns(table) or blob_columns(table)]


@pytest.fixture(scope="module")
def ring(platform: Platform) -> Cipher:
    """The platform's key and a new one, which seals."""
    return Cipher({**platform.settings.cipher.keys, NEW: os.urandom(32)})


@pytest.fixture
def renewing(platform: Platform, ring: Cipher) -> Iterator[Database]:
    """What rotation runs on. Afterwards this process works with its own ring again."""
    yield replace(platform.database, cipher=ring)
    connect(platform.database)


def only_new(on: Database, ring: Cipher) -> None:
    """Go on without the old key."""
    connect(replace(on, cipher=Cipher({NEW: ring.keys[NEW]})))


def account(scope: Scope, key: str = "") -> uuid.UUID:
    """A merchant account of `scope`."""
    own = new_id()

    def work(opened: Unit) -> None:
        sealed = opened.cipher.seal(key.encode(), place(scope, own))
        row = MerchantAccount(id=own, url="https://gateway", api_key=sealed, version=1, created_at=opened.now)
        opened.add(row)

    run(scope, work)
    return own


def place(scope: Scope, own: uuid.UUID) -> str:
    return f"{scope}/merchant_accounts/api_key/{own}"


def key_of(scope: Scope, own: uuid.UUID, cipher: Cipher) -> str:
    with unit(scope) as reading:
        row = reading.get(MerchantAccount, own)
    assert row
    return cipher.open(row.api_key, place(scope, own)).decode()


def test_a_ward_is_read_without_the_old_key(platform: Platform, renewing: Database, ring: Cipher) -> None:
    ward = Ward(platform)
    detail = ward.ready()
    with unit(ward.scope) as reading:
        visit = ward.clinic.now(ward.visit())
    known, resident = visit_public_id(visit), resident_of(visit)
    messages.write(resident, known, "头痛三日")
    picture = pictures.send(resident, known, jpeg()).picture
    assert picture
    seen = queries.picture_of(resident, picture_public_id(picture)).content
    ward.settle()
    people = [ward.scope, person_of(detail), Scope.for_person(visit.resident_id)]

    done = over(metadata, people, renewing, change=True)
    done.add(over_blobs(metadata, people, renewing, change=True))
    assert {name for name, left in done.left(NEW).items() if left} <= INVENTED
    assert {"visits", "visit_messages", "visit_records", "signing_keys", "prescriptions", "relays"} <= set(done.changed)
    assert done.changed["blobs of visit_pictures"] == 1
    only_new(renewing, ring)
    with unit(ward.scope) as reading:
        assert written_in(reading, ward.now(detail)).note == NOTE
    said = queries.messages_of(resident, known, {"limit": 20, "cursor": "", "state": None}).data
    assert [one.text for one in said] == ["头痛三日", ""]
    assert queries.picture_of(resident, picture_public_id(row_now(picture.id, ward.scope))).content == seen
    assert ward.signed().row.state == "pending_review", "the signing key is opened, too"
    again = over(metadata, people, renewing, change=True)
    assert not again.changed.total(), "what is done is not done again"


def row_now(id: uuid.UUID, scope: Scope) -> VisitPicture:
    with unit(scope) as reading:
        found = reading.get(VisitPicture, id)
    assert found
    return found


def test_the_former_blob_stays_a_while(platform: Platform, renewing: Database) -> None:
    ward = Ward(platform)
    visit = ward.visit()
    picture = pictures.send(resident_of(visit), visit_public_id(visit), jpeg()).picture
    assert picture
    over_blobs(metadata, [ward.scope], renewing, change=True)
    former, now = picture.address, row_now(picture.id, ward.scope).address
    assert former and now and former != now
    kept = [blobs().beginning(ward.scope.require_tenant(), address, 3) for address in (former, now)]
    assert [version_of(header) for header in kept] == [1, NEW]
    with unit(ward.scope) as reading:
        assert [mark.address for mark in reading.all(reading.select(BlobMark))] == [picture.address]


def test_a_blob_that_is_gone_is_counted_as_left(platform: Platform, renewing: Database) -> None:
    ward = Ward(platform)
    visit = ward.visit()
    picture = pictures.send(resident_of(visit), visit_public_id(visit), jpeg()).picture
    assert picture and picture.address
    blobs().remove(ward.scope.require_tenant(), picture.address)
    done = over_blobs(metadata, [ward.scope], renewing, change=True)
    assert (done.changed.total(), done.left(NEW)) == (0, {"blobs of visit_pictures": 1})


def test_a_person_and_a_value_are_found_and_changed(platform: Platform, renewing: Database, ring: Cipher) -> None:
    person, phone = new_id(), f"+86139{new_id().int % 10**8:08}"
    enter(person, phone, "zh-CN", "")
    known = PublicId(ACCOUNT_ID, new_tenant(), new_id())
    add_secret(known, "whsec_of_this_test")
    mine = [Scope.for_person(person), Scope.for_key("gateway_hooks", known.id)]
    assert set(mine) <= set(scopes(metadata, platform.discovery))
    done = over(metadata, mine, renewing, change=True)
    assert (done.changed["persons"], done.changed["gateway_hooks"], done.left(NEW)["persons"]) == (1, 1, 0)
    only_new(renewing, ring)
    assert secrets_of(known) == ["whsec_of_this_test"]


def test_more_rows_than_a_window_holds(renewing: Database) -> None:
    scope = new_tenant()

    def work(opened: Unit) -> None:
        for _ in range(WINDOW + 5):
            own = new_id()
            sealed = opened.cipher.seal(b"", place(scope, own))
            opened.add(MerchantAccount(id=own, url="", api_key=sealed, version=1, created_at=opened.now))

    run(scope, work)
    counted = walk(metadata, scope, renewing, change=False)
    assert counted.versions["merchant_accounts"] == {1: WINDOW + 5} and not counted.changed.total()
    done = walk(metadata, scope, renewing, change=True)
    assert done.versions["merchant_accounts"] == {NEW: WINDOW + 5}
    assert done.changed["merchant_accounts"] == WINDOW + 5


def test_a_row_that_is_held_is_left_and_done_the_next_time(platform: Platform, renewing: Database) -> None:
    scope = new_tenant()
    held, _ = account(scope), account(scope)
    with platform.connection() as holder:
        holder.execute("SELECT FROM merchant_accounts WHERE id = %s FOR UPDATE", [held])
        first = walk(metadata, scope, renewing, change=True)
    assert (first.changed["merchant_accounts"], first.left(NEW)["merchant_accounts"]) == (1, 1)
    second = walk(metadata, scope, renewing, change=True)
    assert (second.changed["merchant_accounts"], second.left(NEW)["merchant_accounts"]) == (1, 0)


def test_what_is_written_meanwhile_is_not_lost(renewing: Database, ring: Cipher) -> None:
    """Somebody writes on with the old key, as a process does that was not restarted yet, while another renews."""
    scope, enough, tally = new_tenant(), threading.Event(), Tally()
    own, old = account(scope), replace(renewing, cipher=replace(ring, sealing=1))

    def append(opened: Unit) -> None:
        row = opened.get(MerchantAccount, own, lock=True)
        assert row
        row.api_key = opened.cipher.seal(opened.cipher.open(row.api_key, place(scope, own)) + b"x", place(scope, own))

    def write() -> int:
        times = 0
        while not enough.is_set():
            run(scope, append, on=old)
            times += 1
        return times

    def renewed() -> bool:
        tally.add(walk(metadata, scope, renewing, change=True))
        return tally.changed["merchant_accounts"] >= 5

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            eventually(renewed)
        finally:
            enough.set()
        times = writing.result()
    walk(metadata, scope, renewing, change=True)
    assert key_of(scope, own, Cipher({NEW: ring.keys[NEW]})) == "x" * times


def test_what_no_key_opens_stays_and_is_counted(platform: Platform, renewing: Database) -> None:
    scope = new_tenant()
    spoiled, whole = account(scope), account(scope)
    rows(platform, "UPDATE merchant_accounts SET api_key = api_key || 'x' WHERE id = %s", spoiled)
    done = walk(metadata, scope, renewing, change=True)
    assert (done.changed["merchant_accounts"], done.left(NEW)["merchant_accounts"]) == (1, 1)
    assert key_of(scope, whole, renewing.cipher) == ""


def test_payloads_that_wait_to_be_sealed_are_counted(platform: Platform) -> None:
    giver, taker = new_tenant(), new_tenant()
    before = pending(platform.discovery, platform.sealing).versions["journal_pending"][1]
    note_relays(giver, taker, ["one", "two"])
    assert pending(platform.discovery, platform.sealing).versions["journal_pending"][1] >= before + 2
    seal_all(platform, giver)
    assert walk(metadata, giver, platform.database, change=False).versions["relays"] == {1: 2}


PUBLIC = {
    ("passkeys", "credential_id"): "browsers show it to whoever asks for a passkey",
    ("passkeys", "public_key"): "a public key",
    ("signature_stamps", "token"): "a time stamp is shown with the signature that it is of",
}
"""Bytes that are no secret, and name nobody."""


def test_bytes_say_what_they_are_encrypted_for() -> None:
    found = {
        (table.name, column.name) for table in TABLES for column in table.c if isinstance(column.type, LargeBinary)
    }
    assert found == {(table.name, column.name) for table in TABLES for column in encrypted_columns(table)} | set(PUBLIC)


def reached(table: Table) -> bool:
    granted, placement = table.info["grants"], placement_of(table)
    rewritten = {"SELECT", "UPDATE"} <= {one.strip() for one in granted["app"].split(",")}
    listed = placement is not Placement.REFERENCE and (placement is not Placement.KEY or "discovery" in granted)
    return rewritten and listed and (not blob_columns(table) or addressed(table))


def addressed(table: Table) -> bool:
    """Whether its rows are found as those of a tenant with an id."""
    return placement_of(table) is Placement.TENANT and list(table.primary_key.c)[1].name == "id"


def test_rotation_reaches_every_encrypted_table() -> None:
    assert SEALED
    assert {table.name for table in SEALED if not reached(table)} == set()
