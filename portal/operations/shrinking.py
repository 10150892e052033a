"""What becomes of a request when the order that it asks for is cancelled, in part or whole, by whoever may cancel."""

from dataclasses import replace
from decimal import Decimal

from portal.db import portions, requests
from portal.db.orders import Locked
from portal.db.requests import Said
from portal.db.work import Work
from portal.domain import mails
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import OPEN
from portal.operations import requesting


async def follow(work: Work, viewer: Viewer, order: Locked, worth: Decimal, reason: str | None) -> None:
    """The order is locked, and comes to `worth` now, gross of tax.

    What is left is asked for at the next version, so that nobody decides on what they have not seen; what was approved
    stands, for it was more. Where nothing is left, nobody is asked any more.
    """
    number = await requests.open_of(work.conn, order.id)
    request = await requesting.reread(work, number) if number else None
    if request is None:
        return
    is_over = all(portion.stage not in OPEN for portion in await portions.of_order(work.conn, order.id))
    is_change = request.kind == "amendment"
    # What is to be added stays as it was asked for, as long as there is an order to add it to.
    if is_change and not is_over:
        return
    state = "withdrawn" if is_over else request.state
    version = await requests.turn(work.conn, request.id, state, work.now, None if is_change else worth)
    through = "api" if "token" in viewer.roles else "page"
    said = Said("withdraw" if is_over else "change", viewer.person_id, through, reason)
    await requesting.note(work, request.account, request.order_id, request.number, request.id, said, version)
    if not is_over:
        return
    by = await requesting.name_of(work, viewer)
    data = {"approval": request.number, "why": "withdrawn", "by": by, "comment": reason}
    kind = "order.change_rejected" if is_change else "order.rejected"
    work.record(Event(kind, order.account, order.id, order.number, data))
    now = replace(request, version=version)
    asked = request.current.seats if request.current else ()
    await requesting.ask_seats(work, now, asked, mails.WITHDRAWN, {"by": by})
