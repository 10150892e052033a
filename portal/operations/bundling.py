"""Ask for many documents in one file: a worker packs it, and whoever asked takes it within a day."""

import secrets
from collections.abc import Sequence

from portal.db import bundles
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.refusals import Conflict, Forbidden, NotFound, Unacceptable

MOST = 500
# Of one person, at a time.
MOST_WAITING = 3


class TooManyWaiting(Conflict):
    """The person has asked for several files already that are not packed yet."""


async def ask(work: Work, viewer: Viewer, numbers: Sequence[str]) -> str:
    """Answers the bundle's id. The invoices and credit notes are named by their numbers."""
    viewer = viewer.within("invoices:read")
    if viewer.person_id is None:
        raise Forbidden("Only a person can ask for many documents in one file.")
    wanted = list(dict.fromkeys(numbers))
    if not wanted:
        raise Unacceptable("Choose at least one invoice.")
    if len(wanted) > MOST:
        raise Unacceptable(f"One file holds {MOST} documents at most; these are {len(wanted)}.")
    seen = await bundles.seen(work.conn, viewer, wanted)
    if unseen := [number for number in wanted if number not in seen]:
        raise NotFound(f"There is no invoice {unseen[0]}.")
    if await bundles.lock_waiting(work.conn, viewer.person_id) >= MOST_WAITING:
        raise TooManyWaiting("Several files are being packed for you already: take those first.")
    bundle_id = secrets.token_urlsafe(16)
    await bundles.insert(work.conn, bundle_id, viewer.person_id, wanted, work.now)
    return bundle_id
