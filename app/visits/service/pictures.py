"""Pictures that resident and doctor send to each other in a visit."""

import structlog
from sqlalchemy import func, select

from app.core.blobs import arriving, settle
from app.core.ids import PublicId, new_id
from app.core.malware import NotScanned, scanner
from app.core.pictures import Picture, cleaned
from app.core.scope import Scope
from app.core.unit import Effect, Unit, database, run, unit
from app.visits.content import seal_picture
from app.visits.errors import malware_found, too_many_pictures
from app.visits.ids import VisitViewer
from app.visits.models import PictureScan, Visit, VisitPicture
from app.visits.names import PICTURE_ID
from app.visits.service.messages import Message, say, writable
from app.visits.service.scanning import found_in

MOST = 20
"""Pictures of one visit."""
log = structlog.get_logger()


def send(viewer: VisitViewer, known: PublicId, content: bytes, effect: Effect | None = None) -> Message:
    """Send what is seen in `content` (JPEG or PNG) to the other, as a message of its own.

    Whether the visit is there for them is asked before the content is looked at. Raises NotFound, Forbidden,
    WrongState as for a text or `too_many_pictures`, InvalidInput, TryLater of `pictures.cleaned`, and InvalidInput
    `malware_found`. What cannot be scanned now is kept, and read by nobody until it was.
    """
    with unit(viewer.at(known), viewer.by) as reading:
        viewer.visit(reading, known)
    scan = _scan(content)
    picture, scope = cleaned(content), Scope.for_tenant(viewer.at(known).require_tenant())
    own = PublicId(PICTURE_ID, scope, new_id())
    with arriving(scope, seal_picture(database().cipher, own, picture.content)) as address:

        def work(opened: Unit) -> Message:
            visit = writable(opened, viewer, known)
            _refuse_another(opened, visit)
            settle(opened, address)
            row = opened.add(_row(opened, visit, own, picture, address))
            row.scan, row.due_at = scan, opened.now if scan is PictureScan.SCANNING else None
            opened.session.flush()  # the message names it
            return say(opened, viewer, visit, "", row)

        return run(scope, work, viewer.by, effect=effect)


def _scan(content: bytes) -> PictureScan | None:
    """Scan what came, before it is decoded; None where nobody scans."""
    if scanner() is None:
        return None
    try:
        found = found_in(content)
    except NotScanned:
        return PictureScan.SCANNING
    if found is not None:
        log.warning("malware_found", found=found)
        raise malware_found()
    return PictureScan.CLEAN


def _refuse_another(opened: Unit, visit: Visit) -> None:
    of_visit = (VisitPicture.tenant_id == visit.tenant_id, VisitPicture.visit_id == visit.id)
    if (opened.session.scalar(select(func.count(VisitPicture.id)).where(*of_visit)) or 0) >= MOST:
        raise too_many_pictures()


def _row(opened: Unit, visit: Visit, own: PublicId, picture: Picture, address: str) -> VisitPicture:
    return VisitPicture(
        id=own.id, visit_id=visit.id, resident_id=visit.resident_id, address=address, media_type=picture.media_type,
        width=picture.width, height=picture.height, size=len(picture.content), sent_at=opened.now,
    )  # fmt: skip
