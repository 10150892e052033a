"""Submit a cart as it was reviewed: at the prices that were agreed to, with the dates that were shown, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.db import carts, checkout
from portal.db.carts import Row
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.checkout import CartChanged, Later, Repeated, Shown
from portal.domain.quotes import is_late, last
from portal.operations import placing
from portal.operations.crediting import Heard
from portal.operations.placing import Supplier, Wanted, WantedLine


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of the order that changes neither its price nor its dates."""

    purchase_order_number: str | None = None
    instructions: str | None = None
    repeated_because: str | None = None


async def submit(
    work: Work, viewer: Viewer, supplier: Supplier, shown: Shown, said: Said, heard: Heard | None = None
) -> str:
    """Answers the order's number. What was ordered leaves the cart; lines that need a look stay.

    Refused, with nothing changed, when the cart is another by now, a price has moved, a purchase order number was used
    before and nobody says why, or something would arrive later than was shown.
    """
    account, rows = await _reviewed(work, viewer, shown)
    lines = dict(enumerate(rows, 1))
    wanted = Wanted(
        account=account,
        lines=[_wanted(number, row, shown) for number, row in lines.items()],
        ship_to=shown.ship_to,
        purchase_order_number=said.purchase_order_number,
        requested_on=shown.requested_on,
        delivery_preference=shown.preference,
        freight=shown.freight,
        cost_centre=shown.cost_centre,
        instructions=said.instructions,
        repeated_because=said.repeated_because,
    )
    number, _ = await placing.place(work, viewer, supplier, wanted, heard)
    # The account's row is locked by now: of two orders with one number the second sees the first.
    await _refuse_repeated(work, account, said, number)
    await _refuse_later(work, shown, lines, number)
    await carts.ordered(work.conn, shown.cart_id, [row.position for row in rows], work.now)
    return number


async def _reviewed(work: Work, viewer: Viewer, shown: Shown) -> tuple[str, list[Row]]:
    """(whose cart it is, the lines that were reviewed), held until commit."""
    found = await carts.lock(work.conn, shown.cart_id)
    if found is None or found[1] != viewer.person_id or found[2] != shown.version:
        raise CartChanged("The cart was changed since it was reviewed; nothing was ordered.")
    rows = [row for row in await carts.rows_of(work.conn, shown.cart_id) if row.position in shown.lines]
    return found[0], rows


def _wanted(number: int, row: Row, shown: Shown) -> WantedLine:
    assert row.sku is not None
    assert row.quantity is not None
    agreed = shown.lines[row.position].unit_price
    return WantedLine(number, row.sku, row.quantity, need_by=row.need_by, agreed_price=agreed)


async def _refuse_repeated(work: Work, account: str, said: Said, number: str) -> None:
    if said.repeated_because:
        return
    earlier = await checkout.earlier(work.conn, account, said.purchase_order_number, but=number)
    if earlier:
        raise Repeated(said.purchase_order_number or "", earlier)


async def _refuse_later(work: Work, shown: Shown, lines: Mapping[int, Row], number: str) -> None:
    """Whoever agreed to a day is not given a later one unasked. Of an order that must wait nothing is promised yet."""
    arrivals = await checkout.arrivals(work.conn, number)
    if shown.preference == "complete_only" and arrivals:
        whole = last(arrivals.values())
        arrivals = dict.fromkeys(arrivals, whole)
    later: dict[int, date | None] = {}
    for line, day in arrivals.items():
        position = lines[line].position
        before = shown.lines[position].arrives_on
        if before is not None and is_late(before, day):
            later[position] = day
    if later:
        raise Later(later)
