"""Write what was gathered for somebody: of one order at once, or of many once a day; as the orders stand now."""

from collections.abc import Sequence
from itertools import groupby

from portal.db import approvals, detail, notices
from portal.db.notices import Notice
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.orders import Order
from portal.jobs.written import Desk, Dropped, Written
from portal.views.letters import digest as digests
from portal.views.letters import news as letters
from portal.views.letters.bursts import Happened
from portal.views.letters.digest import OfOrder
from portal.views.letters.parts import Told
from portal.views.order.scene import Scene
from portal.views.order.wanted import Wanted

# Whom a mail concerns was decided when it was gathered.
EVERYTHING = Viewer("portal", "portal", None, frozenset({"orders:read", "approvals:read"}))
# Orders that a digest tells of; of more it says how many.
MOST_ORDERS = 40
OF_APPROVALS = frozenset({"approval_needed", "approval_expiring"})


async def news(desk: Desk) -> Written:
    work = Work(desk.pool)
    async with work:
        told = await notices.of_mail(work.conn, desk.mail.id)
        number = next((one.order for one in told if one.order), None)
        order = await detail.detail(work.conn, EVERYTHING, number) if number else None
    if order is None:
        raise Dropped("there is nothing to tell any more")
    letter = letters.news(_scene(desk, order), _happened(told), desk.settings.base_url)
    if letter is None:
        raise Dropped("nothing of it is so any more")
    return Written(letter, f"order-{order.number}", {one.kind for one in told})


async def digest(desk: Desk) -> Written:
    work = Work(desk.pool)
    async with work:
        told = await notices.of_mail(work.conn, desk.mail.id)
        by_order = [
            (number, list(found))
            for number, found in groupby(
                sorted(told, key=lambda one: one.order or ""), key=lambda one: one.order
            )
            if number
        ]
        shown = by_order[:MOST_ORDERS]
        orders = [found for number, mine in shown if (found := await _of_order(work, desk, number, mine))]
    letter = digests.digest(orders, len(by_order) - len(shown), desk.settings.base_url, desk.tongue)
    if letter is None:
        raise Dropped("nothing of it is so any more")
    return Written(letter, kinds={one.kind for one in told})


async def _of_order(work: Work, desk: Desk, number: str, told: Sequence[Notice]) -> OfOrder | None:
    order = await detail.detail(work.conn, EVERYTHING, number)
    if order is None:
        return None
    asks = any(one.kind in OF_APPROVALS for one in told)
    request = await _request(work, desk, order) if asks else None
    rest = [one for one in told if one.kind not in OF_APPROVALS or request is None]
    return OfOrder(_scene(desk, order), _happened(rest), request)


async def _request(work: Work, desk: Desk, order: Order) -> Told | None:
    """A request for the order's approval that waits for the reader."""
    found = await approvals.of_order(work.conn, EVERYTHING, order.number, desk.mail.person_id, work.now)
    waiting = next((one for one in found if one.is_open and one.mine), None)
    if waiting is None:
        return None
    return Told("", {}, waiting, order, desk.mail.person_id, desk.tongue, desk.today, desk.settings.base_url)


def _scene(desk: Desk, order: Order) -> Scene:
    return Scene(order, desk.tongue, desk.today, Wanted())


def _happened(told: Sequence[Notice]) -> list[Happened]:
    return [Happened(one.kind, one.type, one.at, one.actor, one.version, one.data) for one in told]
