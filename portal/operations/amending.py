"""More, or less, of an order that is placed: what is added becomes lines of their own, at the prices of the asking."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import orders, places, portions, prices, stock
from portal.db.accounts import Account
from portal.db.orders import Locked, NewLine, OrderedLine
from portal.db.prices import Article
from portal.db.work import Work
from portal.domain import money
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing, total
from portal.domain.quantities import text
from portal.domain.refusals import Conflict, Unacceptable
from portal.domain.requests import Request
from portal.operations import billing, crediting, drafting, planning
from portal.operations.cancelling import strike
from portal.operations.crediting import Heard
from portal.operations.drafting import Supplier
from portal.operations.moving import Grip, Part, revalue, value_after
from portal.operations.requesting import Grasp


@dataclass(frozen=True, slots=True)
class Added:
    """So much of a product, at a price that was shown; `line` is the line of which it is more."""

    sku: str
    quantity: Decimal
    unit_price: Decimal
    price_source: str
    need_by: date | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an order is to become."""

    add: Sequence[Added]
    cancel: Sequence[Part] = ()
    note: str | None = None

    def told(self, currency: str) -> dict[str, Any]:
        """As JSON, and as a request keeps it."""
        return {
            "add": [
                {
                    "sku": one.sku,
                    "quantity": text(one.quantity),
                    "unit_price": money.price(one.unit_price, currency),
                    "price_source": one.price_source,
                    "need_by": one.need_by.isoformat() if one.need_by else None,
                    "line": one.line,
                }
                for one in self.add
            ],
            "cancel": [{"line": part.line, "quantity": text(part.quantity)} for part in self.cancel],
            "note": self.note,
        }


def read(wanted: Mapping[str, Any]) -> Amendment:
    """As a request keeps it."""
    return Amendment(
        [
            Added(
                one["sku"],
                Decimal(one["quantity"]),
                Decimal(one["unit_price"]),
                one["price_source"],
                date.fromisoformat(one["need_by"]) if one["need_by"] else None,
                one["line"],
            )
            for one in wanted["add"]
        ],
        [Part(part["line"], Decimal(part["quantity"])) for part in wanted["cancel"]],
        wanted["note"],
    )


async def apply(work: Work, held: Grasp, request: Request, supplier: Supplier, heard: Heard | None) -> str:
    """Do what was agreed to; answers the order's state."""
    assert request.wanted is not None
    await amend(
        work,
        held.account,
        held.order,
        read(request.wanted),
        request.requester,
        supplier,
        heard,
        request.number,
    )
    return held.order.state


async def amend(
    work: Work, account: Account, order: Locked, wanted: Amendment, by: str, supplier: Supplier,
    heard: Heard | None, approval: str | None = None,
) -> None:  # fmt: skip
    """Change the order now, whole or not at all; refused where credit does not cover what it costs more. The account
    and the order are locked."""
    if order.state not in ("open", "held"):
        raise Conflict(f"Order {order.number} is {order.state}: nothing can be added to it any more.")
    lines = await orders.lines(work.conn, order.id)
    articles = await _sold(work, wanted)
    cancelled = {part.line: part.quantity for part in wanted.cancel}
    skus = {line.sku for line in lines if line.line in cancelled} | set(articles)
    await stock.lock(work.conn, skus)
    grip = Grip(order, lines, cancelled, await portions.of_order(work.conn, order.id))
    _refuse_more(grip)
    await _refuse_missing(work, account, wanted, articles)

    before = value_after(work, grip, nothing())
    new = [await _add(work, supplier, account, grip, one, articles[one.sku]) for one in wanted.add]
    data: dict[str, Any] = {"by": by, "note": wanted.note, "approval": approval, "added": _told(grip, new)}
    work.record(Event("order.changed", order.account, order.id, order.number, data))
    if cancelled:
        await strike(work, grip, {"reason": wanted.note})
    work.touch(order.id, [line.id for line in new])
    if order.state == "open":
        short = await planning.replan(work, skus, {"what": "order_placed"})
        data["waiting"] = short.get(order.id, [])
    more = await revalue(work, grip) - before
    data["more"] = money.text(more, order.currency)
    # What is held as a whole is judged as a whole when it is released.
    if order.state == "open":
        await crediting.refuse_beyond(work, account, order.id, more, heard)
    billing.follow_later(work, order.id)


async def _sold(work: Work, wanted: Amendment) -> dict[str, Article]:
    articles = await prices.articles(work.conn, {one.sku for one in wanted.add})
    gone = [one.sku for one in wanted.add if one.sku not in articles or not articles[one.sku].active]
    if gone:
        raise Conflict(f"No longer sold: {', '.join(gone)}.")
    return articles


def _refuse_more(grip: Grip) -> None:
    for line, quantity in grip.wanted.items():
        free = total(grip.of(line, stages=("waiting", "allocated")))
        if quantity > free:
            raise Conflict(
                f"{text(quantity)} of line {line} cannot be cancelled any more: {text(free)} are not picked or shipped."
            )


async def _refuse_missing(
    work: Work, account: Account, wanted: Amendment, articles: Mapping[str, Article]
) -> None:
    scarce: dict[str, Decimal] = defaultdict(Decimal)
    for one in wanted.add:
        if articles[one.sku].managed and articles[one.sku].backorders == "deny":
            scarce[one.sku] += one.quantity
    said = await drafting.missing(work, account, scarce)
    if said:
        raise Unacceptable(f"{'; '.join(said.values())}.")


async def _add(
    work: Work, supplier: Supplier, account: Account, grip: Grip, one: Added, article: Article
) -> OrderedLine:
    new = await orders.add_line(work.conn, grip.order, new_line(supplier, account, grip.lines, one, article))
    grip.lines.append(new)
    today = places.today_at(supplier.time_zone, work.now)
    adding = nothing()
    adding.added.append(
        Portion(
            new.id, grip.order.id, grip.order.account, new.sku, new.quantity, "waiting", "waiting",
            waiting_since=today,
        )
    )  # fmt: skip
    await portions.rewrite(work.conn, adding)
    order = grip.order
    totals = money.totals([line.priced for line in grip.lines], order.discount, order.freight, order.currency)
    await orders.set_totals(work.conn, order.id, totals)
    return new


def new_line(
    supplier: Supplier, account: Account, lines: Sequence[OrderedLine], one: Added, article: Article
) -> NewLine:
    """The line that follows the last, of an order that is placed: its own pool. An order taxes each category at one
    rate, the one it was placed with."""
    rates = {line.tax_category: line.tax_rate for line in lines}
    rate = rates.get(article.tax_category, drafting.tax_rate(supplier, account, article))
    number = max((line.line for line in lines), default=0) + 1
    return NewLine(
        number, article.sku, article.name, article.unit, article.mode, article.tax_category, rate, one.quantity,
        one.unit_price, one.price_source, one.need_by, pool=number,
    )  # fmt: skip


def _told(grip: Grip, new: Sequence[OrderedLine]) -> list[dict[str, Any]]:
    return [
        {
            "line": line.line,
            "sku": line.sku,
            "quantity": text(line.quantity),
            "unit_price": money.price(line.unit_price, grip.order.currency),
        }
        for line in new
    ]
