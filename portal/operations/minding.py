"""What time does to requests: it reminds, goes further up, and ends them."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from portal.db import due_requests, requests
from portal.db.patience import patiently
from portal.db.requests import Said
from portal.db.work import Pool, Work
from portal.domain import mails
from portal.domain.asking import Crowd, Member
from portal.domain.requests import Request
from portal.operations import concluding, requesting
from portal.operations.crowds import crowd_for
from portal.operations.requesting import EVERYBODY, Grasp, waiting_for

# Requests that are looked at in one pass, and passes at a time; the next minute goes on.
BATCH = 200
MOST_PASSES = 20

log = logging.getLogger(__name__)


async def mind(pool: Pool, actor: str = "portal") -> int:
    """Do what is due; answers how much that was. Running it twice does nothing more.

    Each request is a transaction of its own, and one that fails stands in nobody's way. Several things may be due of
    one after a long time: they are done one after the other.
    """
    done = 0
    for _ in range(MOST_PASSES):
        touched = await _pass(pool, actor)
        done += touched
        if not touched:
            break
    return done


async def _pass(pool: Pool, actor: str) -> int:
    done = 0
    work = Work(pool, actor=actor)
    async with work:
        due = await due_requests.due(work.conn, work.now, BATCH)
    for number in due:
        try:
            done += await patiently(partial(_mind, pool, actor, number))
        except Exception:
            log.exception("request %s cannot be minded", number)
    return done


async def _mind(pool: Pool, actor: str, number: str) -> bool:
    """Under its locks it is looked at again: somebody may have decided meanwhile."""
    work = Work(pool, actor=actor)
    async with work:
        held = await requesting.grasp(work, EVERYBODY, number)
        what = await due_requests.due_of(work.conn, work.now, number)
        if what is None:
            return False
        await DO[what](work, held)
    return True


async def _expire(work: Work, held: Grasp) -> None:
    """Prices and promises are not kept any longer: the order is over."""
    request = held.request
    said = Said("expire", None, "clock")
    ended = await concluding.end(work, held, "expired", said, {"why": "expired"})
    await requesting.tell(work, ended, request.requester_id, mails.EXPIRED)


async def _remind(work: Work, held: Grasp) -> None:
    request, step = held.request, held.request.current
    assert step is not None
    again = held.timing.after(work.now, held.timing.remind_after_hours)
    await due_requests.remind_next(work.conn, request.id, step.position, again)
    await requesting.ask_seats(work, request, step.seats, mails.REMINDED)
    await _note(work, request, Said("remind", None, "clock", ", ".join(waiting_for(step))))
    work.touch(held.order.id)


async def _escalate(work: Work, held: Grasp) -> None:
    """Who stands next above those that are asked may decide in this step, too."""
    request, step = held.request, held.request.current
    assert step is not None
    crowd = await crowd_for(work, held.account.path, request)
    above = _above(crowd, request)
    again = held.timing.after(work.now, held.timing.escalate_after_hours) if above else None
    await due_requests.escalate_next(work.conn, request.id, step.position, again)
    for member in above:
        await requests.add_seat(
            work.conn, request.id, step.position, member.person_id, member.account, "escalated"
        )
    if not above:
        return
    names = ", ".join(member.name for member in above)
    await _note(work, request, Said("escalate", None, "clock", names))
    now = await requesting.reread(work, request.number)
    new = {member.person_id for member in above}
    seats = [seat for seat in now.seats if seat.person_id in new]
    await requesting.ask_seats(work, now, seats, mails.ESCALATED, {"waiting_for": list(waiting_for(step))})
    work.touch(held.order.id)


def _above(crowd: Crowd, request: Request) -> list[Member]:
    """The nearest people with authority for the amount that nobody has asked yet: first in the accounts above those
    whose people are asked, or else (nobody is higher) in the same."""
    asked = {seat.person_id for seat in request.seats}
    step = request.current
    highest = max((crowd.accounts.index(s.account) for s in step.seats), default=0) if step else 0
    higher = Crowd(crowd.accounts[highest + 1 :], crowd.members, crowd.excluded)
    found = higher.covering(request.total, request.currency, asked)
    return found or crowd.covering(request.total, request.currency, asked)


async def _warn(work: Work, held: Grasp) -> None:
    """It ends soon: whoever may decide is told."""
    request, step = held.request, held.request.current
    await requesting.ask_seats(work, request, step.seats if step else (), mails.EXPIRING)


DO: Mapping[str, Callable[[Work, Grasp], Awaitable[None]]] = {
    "expire": _expire,
    "remind": _remind,
    "escalate": _escalate,
    "expiring": _warn,
}


async def _note(work: Work, request: Request, said: Said) -> None:
    """Nothing of what is asked has changed: the version stays."""
    await requesting.note(
        work, request.account, request.order_id, request.number, request.id, said, request.version
    )
