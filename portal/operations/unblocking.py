"""A finance hold is decided on: lifted, so that the terms bill again, or lifted and billed at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from portal.db import holds, orders
from portal.db.work import Work
from portal.domain.access import Viewer
from portal.domain.billing import Due, due
from portal.domain.money import Priced, net
from portal.domain.quantities import ZERO
from portal.domain.refusals import NotFound, Unacceptable
from portal.domain.standing import Billing, Standing
from portal.operations import billing, lifting


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a decision bills: lines on invoices, their goods at their prices, before discount and tax."""

    lines: int
    invoices: int
    goods: Decimal


@dataclass(frozen=True, slots=True)
class Ahead:
    """`lifted` is what the terms bill as soon as the hold is lifted, `asked` what can be billed then for the asking."""

    lifted: Foreseen
    asked: Foreseen


def foresee(order: Billing, lines: Sequence[int] | None) -> Ahead:
    """What lifting the finance hold of these lines would bill, as the order stands now."""
    kept = list(order.holds or ())
    lifted = next((hold for hold in kept if hold.reason == "finance" and hold.lines == lines), None)
    if lifted is not None:
        kept.remove(lifted)
    standing = Standing(msgspec.structs.replace(order, holds=kept))
    return Ahead(_seen(standing, due(standing)), _seen(standing, due(standing, asked=True)))


def _seen(standing: Standing, found: Due) -> Foreseen:
    goods = ZERO
    for lines in found.values():
        for line_id, quantity in lines.items():
            line = standing.lines[line_id]
            goods += net(Priced(quantity, line.unit_price, line.category, line.rate), standing.order.currency)
    is_one = standing.order.account.invoice_terms == "consolidated"
    invoices = min(len(found), 1) if is_one else len(found)
    return Foreseen(len({line for lines in found.values() for line in lines}), invoices, goods)


async def decide(
    work: Work, viewer: Viewer, number: str, hold_id: str, note: str | None, *, bill: bool
) -> Sequence[str]:
    """Lift the hold; with `bill`, what the terms would gather or wait for is billed too. Answers the numbers of the
    documents that were issued."""
    # Lifting locks the account before the order, so nothing is locked here; a hold's reason never changes.
    found = await orders.find(work.conn, viewer, number)
    standing = await holds.get(work.conn, found[0], hold_id) if found else None
    if found is None or standing is None or standing.reason != "finance":
        raise NotFound(f"Order {number} has no finance hold {hold_id}.")
    if bill:
        viewer.need("invoices:write")
    await lifting.lift(work, viewer, number, hold_id, note)
    if bill:
        try:
            await billing.bill_now(work, viewer, number)
        except Unacceptable:
            # Lifting it has billed all that there was.
            if not await _issued(work, found[0]):
                raise
    return await _issued(work, found[0])


async def _issued(work: Work, order_id: int) -> list[str]:
    """The documents that this work has issued."""
    rows = await work.conn.fetch(
        "select number from invoice where order_id = $1 and issued_at = $2 order by id", order_id, work.now
    )
    return [row["number"] for row in rows]
