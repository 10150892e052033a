"""The lines of an order that is not placed yet become others, in place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import accounts, orders, places, portions, prices, revisions, stock
from portal.db.accounts import Account
from portal.db.orders import Locked, NewLine
from portal.db.work import Work
from portal.domain import money
from portal.domain.events import Event
from portal.domain.portions import OPEN, Portion, Rewriting, nothing, total
from portal.domain.quantities import text
from portal.operations import amending
from portal.operations.amending import Added, Amendment
from portal.operations.drafting import Supplier, price_of
from portal.operations.moving import Grip, revalue


def today(supplier: Supplier, work: Work) -> date:
    """The day that it is at the supplier, on which prices hold."""
    return places.today_at(supplier.time_zone, work.now)


async def rewrite(
    work: Work,
    supplier: Supplier,
    account: Account,
    order: Locked,
    changed: Amendment,
    by: str,
    approval: str,
) -> Decimal | None:
    """Answers what the order comes to now, gross of tax; None when nothing of it is left.

    A line whose quantity changes costs what so much of it costs today.
    """
    lines = {line.line: line for line in await revisions.lines(work.conn, order.id)}
    skus = {line.sku for line in lines.values()} | {one.sku for one in changed.add}
    await stock.lock(work.conn, skus)
    grip = Grip(
        order, await orders.lines(work.conn, order.id), {}, await portions.of_order(work.conn, order.id)
    )
    told = [
        *[await _change(work, supplier, account, grip, lines, one.line, one.quantity, one.need_by)
          for one in changed.add if one.line is not None],
        *[await _change(work, supplier, account, grip, lines, part.line, -part.quantity, None)
          for part in changed.cancel],
        *[await _add(work, supplier, account, grip, one) for one in changed.add if one.line is None],
    ]  # fmt: skip
    if not any(row.stage in OPEN for row in await portions.of_order(work.conn, order.id)):
        return None
    grip.lines = await orders.lines(work.conn, order.id)
    totals = money.totals([line.priced for line in grip.lines], order.discount, order.freight, order.currency)
    await orders.set_totals(work.conn, order.id, totals)
    worth = await revalue(work, grip)
    data = {"by": by, "note": changed.note, "approval": approval, "lines": told}
    data |= {"total": money.text(worth, order.currency), "currency": order.currency}
    work.record(Event("order.changed", order.account, order.id, order.number, data))
    work.touch(order.id, [line.id for line in grip.lines])
    return worth


async def _change(
    work: Work, supplier: Supplier, account: Account, grip: Grip, lines: Mapping[int, NewLine], number: int,
    more: Decimal, need_by: date | None,
) -> dict[str, Any]:  # fmt: skip
    """More or less of a line; all of it is cancelled, so that the line stays to be seen."""
    line = lines[number]
    line_id = grip.line(number).id
    rows = [row for row in grip.portions if row.line_id == line_id and row.stage in OPEN]
    before = total(rows)
    after = before + more
    price = await _price(work, supplier, account, grip.order, line, after) if after else None
    into = nothing()
    if after <= 0:
        into.changed.extend(row.to("cancelled", because=()) for row in rows)
    else:
        _resize(into, rows, grip, line_id, line.sku, more, today(supplier, work))
        unit_price, source = price or (line.unit_price, line.price_source)
        await revisions.change_line(work.conn, line_id, line.quantity + more, unit_price, source, need_by)
    await portions.rewrite(work.conn, into)
    currency = grip.order.currency
    said: dict[str, Any] = {
        "line": number,
        "sku": line.sku,
        "old": {"quantity": text(before), "unit_price": money.price(line.unit_price, currency)},
        "new": {"quantity": text(max(after, Decimal(0)))},
    }
    said["new"]["unit_price"] = money.price(price[0] if price else line.unit_price, currency)
    return said


def _resize(
    into: Rewriting, rows: list[Portion], grip: Grip, line_id: int, sku: str, more: Decimal, since: date
) -> None:
    """What waits grows or shrinks. Nothing of an order that is not placed is anywhere else."""
    whole = total(rows) + more
    if not rows:
        order = grip.order
        into.added.append(
            Portion(line_id, order.id, order.account, sku, whole, "waiting", "waiting", waiting_since=since)
        )
        return
    first, *rest = rows
    into.changed.append(replace(first, quantity=whole))
    into.dropped.extend(row.id for row in rest if row.id is not None)


async def _price(
    work: Work, supplier: Supplier, account: Account, order: Locked, line: NewLine, quantity: Decimal
) -> tuple[Decimal, str] | None:
    """A price that somebody named stays."""
    if line.price_source == "order":
        return None
    priced_for = replace(account, currency=order.currency)
    terms = await accounts.terms(work.conn, priced_for, [line.sku], today(supplier, work))
    article = (await prices.articles(work.conn, [line.sku]))[line.sku]
    return price_of(quantity, article, terms, order.currency)


async def _add(work: Work, supplier: Supplier, account: Account, grip: Grip, one: Added) -> dict[str, Any]:
    article = (await prices.articles(work.conn, [one.sku]))[one.sku]
    # It is not placed: all of its lines share what was agreed for the order.
    line = replace(amending.new_line(supplier, account, grip.lines, one, article), pool=0)
    new = await orders.add_line(work.conn, grip.order, line)
    grip.lines.append(new)
    order = grip.order
    adding = nothing()
    adding.added.append(
        Portion(
            new.id, order.id, order.account, new.sku, new.quantity, "waiting", "waiting",
            waiting_since=today(supplier, work),
        )
    )  # fmt: skip
    await portions.rewrite(work.conn, adding)
    shown = {"quantity": text(new.quantity), "unit_price": money.price(new.unit_price, order.currency)}
    return {"line": new.line, "sku": new.sku, "old": None, "new": shown}
