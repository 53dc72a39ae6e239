"""Nobody reads a picture before it was scanned: found at once, or by the worker once the scanner answers again."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
import pytest

from app.core.blobs import BlobMark, sweep
from app.core.connectors.clamd import CHUNK, LONGEST_ANSWER, Clamd
from app.core.errors import InvalidInput, WrongState
from app.core.ids import PublicId
from app.core.journal.models import Pending
from app.core.malware import NotScanned, connect_scanner
from app.core.unit import unit
from app.settings import Settings, UnsafeSettings
from app.visits import queries
from app.visits.ids import picture_public_id, visit_public_id
from app.visits.models import PictureScan, Visit
from app.visits.service.scanning import AGAIN, scan_due
from deploy.processes import free_port
from deploy.sandbox.scanner.server import EICAR, MOST, Scanner
from deploy.stack import environment, new_keys
from tests.core.pictures import jpeg
from tests.platform import Platform
from tests.production import PRODUCTION, without
from tests.scheduling.clock import Clock
from tests.visits.scenes import Clinic, resident_of
from tests.visits.test_pictures import ASKED, kept, on_disk, row_of, sent
from tests.visits.test_settings import ADDRESSES


@pytest.fixture(scope="module")
def running() -> Iterator[Scanner]:
    server = Scanner("127.0.0.1", 0)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def scanner(running: Scanner) -> Iterator[Clamd]:
    """The scanner by which this process scans; it works until it is told otherwise."""
    made = Clamd("127.0.0.1", running.server_address[1])
    assert told(made, b"zSANDBOX {}\0") == b"SET\0"
    connect_scanner(made)
    yield made
    connect_scanner(None)


def told(scanner: Clamd, command: bytes) -> bytes:
    with socket.create_connection((scanner.host, scanner.port), 5) as connection:
        connection.sendall(command)
        return connection.recv(1000)


def fault(scanner: Clamd, **wish: int) -> None:
    assert told(scanner, b"zSANDBOX " + orjson.dumps(wish) + b"\0") == b"SET\0"


@pytest.fixture
def visit(platform: Platform, clinic: Clinic) -> Visit:
    return clinic.taken(platform)


def refusal(act: Callable[[], Any], kind: type[InvalidInput | WrongState]) -> str:
    with pytest.raises(kind) as raised:
        act()
    return str(raised.value.code)


def test_what_is_clean_is_read_at_once(scanner: Clamd, clinic: Clinic, visit: Visit) -> None:
    row = row_of(sent(resident_of(visit), visit))
    assert (row.scan, row.shown, row.due_at) == (PictureScan.CLEAN, "ready", None)
    assert queries.picture_of(clinic.viewer(), picture_public_id(row)).content


def test_what_is_found_is_told_and_nothing_of_it_kept(
    scanner: Clamd, platform: Platform, clinic: Clinic, visit: Visit
) -> None:
    """The test file of EICAR behind a picture, which the picture encoded anew would not show any more."""
    assert refusal(lambda: sent(resident_of(visit), visit, jpeg() + EICAR), InvalidInput) == "malware_found"
    assert kept(clinic) == []
    assert on_disk(platform, clinic) == []


@pytest.mark.parametrize("wrong", ["drop", "error", "lie"])
def test_while_the_scanner_is_silent_nobody_reads(scanner: Clamd, clinic: Clinic, visit: Visit, wrong: str) -> None:
    fault(scanner, **{wrong: 1})
    row = row_of(sent(resident_of(visit), visit))
    assert row.shown == "scanning"
    for who in (clinic.viewer(), resident_of(visit)):
        assert refusal(partial(queries.picture_of, who, picture_public_id(row)), WrongState) == "picture_scanning"
    assert scan_due(clinic.scope) == 1
    (message,) = queries.messages_of(clinic.viewer(), visit_public_id(visit), ASKED).data
    assert row_of(message).shown == "ready"
    assert queries.picture_of(clinic.viewer(), picture_public_id(row)).content


def test_it_is_asked_again_and_what_is_found_then_is_deleted(
    scanner: Clamd, platform: Platform, clinic: Clinic, visit: Visit, clock: Clock
) -> None:
    fault(scanner, drop=2)
    known = picture_public_id(row_of(sent(resident_of(visit), visit)))
    assert scan_due(clinic.scope) == 0
    assert scan_due(clinic.scope) == 0, "it was put off"
    clock.ahead += AGAIN
    fault(scanner, infect=1)
    assert scan_due(clinic.scope) == 1
    assert refusal(lambda: queries.picture_of(resident_of(visit), known), WrongState) == "picture_refused"
    (message,) = queries.messages_of(resident_of(visit), visit_public_id(visit), ASKED).data
    assert row_of(message).shown == "refused"
    assert sweep(clinic.scope) == 1
    assert on_disk(platform, clinic) == []
    with unit(clinic.scope) as reading:
        assert reading.all(reading.select(BlobMark)) == []
    assert refused_in(platform, known) == [1]


def test_turning_the_scanner_off_makes_nothing_clean(
    scanner: Clamd, clinic: Clinic, visit: Visit, clock: Clock
) -> None:
    fault(scanner, drop=1)
    known = picture_public_id(row_of(sent(resident_of(visit), visit)))
    connect_scanner(None)
    assert scan_due(clinic.scope) == 0
    assert refusal(lambda: queries.picture_of(clinic.viewer(), known), WrongState) == "picture_scanning"
    connect_scanner(scanner)
    clock.ahead += AGAIN
    assert scan_due(clinic.scope) == 1
    assert queries.picture_of(clinic.viewer(), known).content


def refused_in(platform: Platform, known: PublicId) -> list[int]:
    """The versions of entries that say that the picture was refused."""
    query = f"SELECT subject_version FROM {Pending.__tablename__} WHERE subject = %s AND type = 'visit_picture.refused'"  # noqa: S608  # a constant
    with platform.connection() as database:
        return [version for (version,) in database.execute(query.encode(), [str(known)])]


def test_who_is_not_there_gives_no_answer() -> None:
    with pytest.raises(NotScanned):
        Clamd("127.0.0.1", free_port())(b"x")


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", None), (b"x" * (3 * CHUNK + 1), None), (b"x" * CHUNK + EICAR, "Eicar-Test-Signature")],
    ids=["empty", "chunks", "between-chunks"],
)
def test_the_wire(scanner: Clamd, content: bytes, found: str | None) -> None:
    assert scanner(content) == found


def test_the_sandbox_is_clamd_as_far_as_it_goes(scanner: Clamd) -> None:
    assert told(scanner, b"zPING\0") == b"PONG\0"
    assert told(scanner, b"zSCAN /etc\0") == b"UNKNOWN COMMAND\0"
    too_much = b"zINSTREAM\0" + struct.pack("!I", MOST + 1) + bytes(MOST + 1)
    assert told(scanner, too_much) == b"INSTREAM size limit exceeded. ERROR\0"
    assert LONGEST_ANSWER < MOST


def test_production_says_who_scans() -> None:
    def scans(**given: str) -> Any:
        return Settings.from_environment(environment(ADDRESSES, new_keys(), **given)).scanner

    rest = without("CLOUD_MALWARE_SCANNER")
    assert (scans(), scans(**PRODUCTION)) == (None, None)
    assert scans(**rest, CLOUD_MALWARE_SCANNER="clamd.inner:3310") == ("clamd.inner", 3310)
    for wrong in ({}, {"CLOUD_MALWARE_SCANNER": ""}, {"CLOUD_MALWARE_SCANNER": "clamd"}):
        with pytest.raises(UnsafeSettings, match="CLOUD_MALWARE_SCANNER"):
            scans(**rest, **wrong)


def test_production_says_what_it_is_called() -> None:
    with pytest.raises(UnsafeSettings, match="CLOUD_HOSTS"):
        Settings.from_environment(environment(ADDRESSES, new_keys(), **without("CLOUD_HOSTS")))
