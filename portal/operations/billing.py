"""Money follows goods: what an order's terms make due is invoiced, and what is no longer billable is credited, in the
transaction that moved the goods.

Whoever calls here is done with locking: the series of numbers are locked next, credit notes before invoices, and after
them only what closing the books locks.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db import billing, orders, places
from portal.db.work import Connection, Work
from portal.domain import issuing, money
from portal.domain.access import Viewer
from portal.domain.billing import BASIS, due, over, stopped_by
from portal.domain.drawing_up import Drawn, Period, because, counted, credit_note, invoice, invoices
from portal.domain.events import Event
from portal.domain.invoices import Document
from portal.domain.portions import LEFT
from portal.domain.quantities import ZERO, text
from portal.domain.refusals import Conflict, Unacceptable
from portal.domain.standing import Standing


async def follow(
    work: Work, order_id: int, *, asked: bool = False, period: Period | None = None
) -> list[str]:
    """Settle what the order's terms say, at the end of whatever moved its quantities. Its row is locked.

    Answers the numbers of the credit notes and invoices that were issued. What is gathered until a day is billed when
    it is `asked` for, of that `period`.
    """
    standing = Standing(await billing.read(work.conn, order_id))
    numbers = [*await _correct(work, standing), *await _bill(work, standing, asked=asked, period=period)]
    await _waive_less(work, standing)
    value(work, standing)
    return numbers


def follow_later(work: Work, order_id: int) -> None:
    """The same when all else of this work is done: for operations that others go on from, with locks of their own."""
    work.at_last(("billing", order_id), lambda: follow(work, order_id))


async def bill_now(work: Work, viewer: Viewer, number: str) -> list[str]:
    """Bill whatever is billable of the order now; refused, with the numbers, when nothing is. Answers the invoices'
    numbers."""
    order = await orders.lock(work.conn, viewer, number)
    standing = Standing(await billing.read(work.conn, order.id))
    await _correct(work, standing)
    numbers = await _bill(work, standing, asked=True)
    if not numbers:
        _refuse(standing)
    value(work, standing)
    return numbers


async def waits(conn: Connection, order_id: int) -> bool:
    """Whether anything of the order that has left is not billed yet, whatever its terms wait for."""
    standing = Standing(await billing.read(conn, order_id))
    billed = standing.by_line(standing.invoiced)
    waived = standing.by_line(standing.waived())
    return not standing.order.billed_elsewhere and any(
        sum(standing.away(line.id).values(), ZERO) > invoiced + less
        for line, invoiced, less in zip(standing.order.lines, billed, waived, strict=True)
    )


def _refuse(standing: Standing) -> None:
    order = standing.order
    stopping = stopped_by(standing)
    if stopping:
        reasons = " and ".join(sorted({f"a {hold.reason} hold" for hold in stopping}))
        raise Conflict(
            f"Nothing of order {order.number} is billed while {reasons} stands; it must be lifted first."
        )
    if order.billed_elsewhere:
        raise Unacceptable(f"Order {order.number} was billed before the portal knew it.")
    sums = {
        "ordered": sum((line.quantity for line in order.lines), ZERO),
        "shipped": _sum_of(standing, *LEFT),
        "delivered": _sum_of(standing, "delivered"),
        "invoiced": sum(standing.invoiced.values(), ZERO),
    }
    told = ", ".join(f"{text(quantity)} {what}" for what, quantity in sums.items())
    raise Unacceptable(f"Nothing of order {order.number} is billable now: {told}.")


def _sum_of(standing: Standing, *stages: str) -> Decimal:
    return sum((goods.quantity for goods in standing.order.portions if goods.stage in stages), ZERO)


async def _bill(work: Work, standing: Standing, *, asked: bool, period: Period | None = None) -> list[str]:
    wanted = due(standing, asked=asked, until=period[1] if period else None)
    day = today(standing, work.now)
    return [
        await issue(work, standing, invoice(standing, positions, day, period))
        for positions in invoices(standing, wanted)
    ]


async def _correct(work: Work, standing: Standing) -> list[str]:
    """Credit what stands billed and no longer may be, invoice by invoice."""
    numbers = []
    day = today(standing, work.now)
    for invoice_id, parts in over(standing).items():
        billed = next(one for one in standing.invoices if one.id == invoice_id)
        drawn = credit_note(standing, billed, parts, because(standing, billed, parts), day)
        numbers.append(await issue(work, standing, drawn))
    return numbers


def today(standing: Standing, now: datetime) -> date:
    """The supplier's day."""
    supplier = standing.order.supplier
    return places.today_at(supplier.time_zone if supplier else "UTC", now)


async def issue(work: Work, standing: Standing, drawn: Drawn) -> str:
    """Write the document and tell it; answers its number."""
    order = standing.order
    paper = issuing.document(standing, drawn)
    new = billing.New(
        paper,
        drawn,
        order.id,
        issuing.codes(order),
        {line.id: line.unit_price for line in order.lines},
        _lines_billed(standing, drawn),
        BASIS[order.account.invoice_terms],
    )
    invoice_id, number = await billing.insert(work.conn, new, work.actor, work.now)
    standing.add(drawn.as_issued(invoice_id, number))
    work.bill(order.id, invoiced=drawn.bill.total if drawn.kind == "invoice" else -drawn.bill.total)
    work.touch(order.id, {position.line_id for position in drawn.positions})
    work.record(_told(standing, paper, number))
    return number


def _lines_billed(standing: Standing, drawn: Drawn) -> dict[int, tuple[Decimal, Decimal]]:
    """How much of each of the document's lines stands invoiced and waived with it, by line id."""
    invoiced, waived = standing.by_line(drawn.stands), standing.by_line(standing.waived())
    if drawn.waives:
        for position in drawn.positions:
            waived[standing.at[position.line_id]] += position.quantity
    touched = dict.fromkeys(position.line_id for position in drawn.positions)
    return {line_id: (invoiced[standing.at[line_id]], waived[standing.at[line_id]]) for line_id in touched}


def _told(standing: Standing, paper: Document, number: str) -> Event:
    order = standing.order
    data: dict[str, Any] = {
        "invoice": number,
        "kind": paper.kind,
        "total": money.text(paper.total, paper.currency),
        "currency": paper.currency,
        "due_on": paper.due_on.isoformat() if paper.due_on else None,
        "shipments": [shipment.number for shipment in paper.shipments],
        "lines": [
            {"line": line.line, "sku": line.sku, "quantity": text(line.quantity)}
            for line in paper.lines
            if line.line
        ],
        "corrects": paper.corrects.number if paper.corrects else None,
        "reason": paper.reason,
    }
    kind = "invoice.issued" if paper.kind == "invoice" else "credit_note.issued"
    return Event(kind, order.account.number, order.id, order.number, data)


async def _waive_less(work: Work, standing: Standing) -> None:
    """What was credited and stayed has come back: then it is not waived any more."""
    waived = standing.by_line(standing.waived())
    less = {
        line.id: quantity
        for line, quantity in zip(standing.order.lines, waived, strict=True)
        if quantity < line.waived
    }
    if less:
        await billing.waive_less(work.conn, less)


def value(work: Work, standing: Standing) -> None:
    """Say what of the order counts as open and as shipped, now that it is settled."""
    still_open, shipped = counted(standing)
    work.value(standing.order.id, still_open=still_open, shipped=shipped)
