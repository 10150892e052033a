"""Mail comes back: whoever cannot be reached is not written to, until they say that their mailbox works again."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from portal.db import bounces, tasks
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.bounces import HARD, SOFT_COUNT, SOFT_DAYS, Report
from portal.domain.refusals import NotFound

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whose mail came back, and whether they are written to from now on."""

    email: str
    is_written_to: bool


async def bounced(work: Work, report: Report) -> Outcome:
    """Note it once, however often it is reported. What is wrong for good, or too often in a week, ends the mail."""
    returned = await bounces.lock(work.conn, report.mail)
    if returned is None:
        raise NotFound(f"There is no mail {report.mail}.")
    if not returned.is_known:
        await bounces.note(work.conn, report.mail, report.detail, work.now)
    since = work.now - timedelta(days=SOFT_DAYS)
    is_for_good = report.kind == HARD or (
        await bounces.count(work.conn, returned.person_id, since) >= SOFT_COUNT
    )
    if is_for_good and not returned.is_forgiven:
        await _stop(work, returned, report.detail)
    return Outcome(returned.email, await bounces.is_written_to(work.conn, returned.person_id))


async def _stop(work: Work, returned: bounces.Returned, detail: str) -> None:
    if not await bounces.stop(work.conn, returned.person_id, detail, work.now):
        return
    log.warning("mail to person %s comes back and is stopped: %s", returned.person_id, detail)
    if returned.account is not None:
        because = {
            "person": returned.person_id,
            "email": returned.email,
            "name": returned.name,
            "problem": detail,
        }
        await tasks.raise_of_person(work.conn, "bounced", returned.account, because, work.now)


async def works_again(work: Work, viewer: Viewer) -> None:
    """Their mailbox takes mail, they say: they are written to again. The task about it ends by itself."""
    if viewer.person_id is None:
        raise NotFound("Nobody is written to here.")
    await bounces.go_on(work.conn, viewer.person_id)
