"""Pictures that could not be scanned when they came: scanned by the worker, and unreadable until then.

The scanner is asked between two units: one takes the pictures that are due and puts them off, the other notes what it
said. Where it says nothing, a picture stays due, again and again.
"""

from datetime import timedelta

import structlog

from app.core.blobs import BlobMark, blobs
from app.core.crypto import CannotDecrypt
from app.core.ids import PublicId, new_id
from app.core.journal.record import record
from app.core.malware import NotScanned, scanner
from app.core.scope import Scope
from app.core.unit import Unit, database, run
from app.visits.content import picture_in
from app.visits.ids import picture_public_id
from app.visits.models import PictureScan, VisitPicture
from app.visits.names import VISIT_ID

BATCH = 4
AGAIN = timedelta(seconds=60)
"""After which a picture is scanned again where the scanner did not answer; longer than a batch waits for it."""
log = structlog.get_logger()


def found_in(content: bytes) -> str | None:
    """What the scanner finds in what was just sent; None also where nobody scans. Raises NotScanned."""
    asked = scanner()
    return asked(content) if asked else None


def scan_due(scope: Scope) -> int:
    """Scan what waits for it in `scope`; returns how many pictures the scanner answered for.

    Where nobody scans any more it goes on waiting: what was to be scanned is not clean because nobody looks.
    """
    due = run(scope, _taken)
    if due and scanner() is None:
        log.warning("scanner_off", scope=str(scope), waiting=len(due))
        return 0
    return sum(_scanned(scope, known, address) for known, address in due)


def _taken(opened: Unit) -> list[tuple[PublicId, str]]:
    due = opened.select(VisitPicture).where(VisitPicture.due_at <= opened.now, VisitPicture.address.is_not(None))
    rows = opened.all(due.order_by(VisitPicture.due_at).limit(BATCH).with_for_update(skip_locked=True))
    for row in rows:
        row.due_at = opened.now + AGAIN
    return [(picture_public_id(row), row.address) for row in rows if row.address]


def _scanned(scope: Scope, known: PublicId, address: str) -> int:
    try:
        found = found_in(picture_in(database().cipher, known, blobs().get(scope.require_tenant(), address)))
    except NotScanned:
        return 0
    except (LookupError, CannotDecrypt) as error:  # one that is not to be read must not hold up the others
        log.error("due_row_not_moved", table="visit_pictures", id=str(known.id), error=type(error).__name__)
        return 0
    return run(scope, lambda opened: _note(opened, known, clean=found is None))


def _note(opened: Unit, known: PublicId, *, clean: bool) -> int:
    row = opened.get(VisitPicture, known.id, lock=True)
    if row is None or row.scan != PictureScan.SCANNING or row.address is None:
        return 0
    row.scan, row.due_at = PictureScan.CLEAN if clean else PictureScan.REFUSED, None
    if not clean:
        log.warning("malware_found", scope=str(opened.scope), picture=str(known))
        opened.add(BlobMark(id=new_id(), address=row.address, due_at=opened.now))
        row.address = None
        visit = PublicId(VISIT_ID, opened.scope, row.visit_id)
        record(opened, "visit_picture.refused", known, 1, {"visit": str(visit)})
    return 1
