"""Another product in place of what a line waits for: staff offer it, and nothing changes before the buyer agrees.

An accepted offer becomes a line of the order like any other. The order's totals are counted over all of its lines, as
they always are: what was cancelled for it stays in them as ordered, and discount and freight, which stay as they were
agreed, are spread over all lines anew. What the order is still worth (its open and its shipped value, by which credit
is checked) follows from the quantities that may still come, so nothing that was cancelled is ever charged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.db import accounts, holds, orders, places, portions, prices, substitutions
from portal.db.accounts import Account
from portal.db.orders import Locked, NewLine, OrderedLine
from portal.db.prices import Article
from portal.db.substitutions import Offer
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.credit import Heard
from portal.domain.events import Event
from portal.domain.portions import LEFT, OPEN, Portion, nothing, total
from portal.domain.quantities import NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, NotFound, Problem, Refused, Unacceptable, refuse_any
from portal.operations import billing, crediting, placing, planning
from portal.operations.cancelling import strike
from portal.operations.foreseeing import last
from portal.operations.moving import Grip, Part, grip, revalue, value_after
from portal.operations.placing import Supplier

# An amount of so many digits is a slip of the pen.
DEAREST = Decimal(1_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Instead:
    """What is offered: so much of `sku` instead of `quantity` of the line.

    Without a price it costs what the account pays for it today; whoever accepts agrees to that price.
    """

    line: int
    quantity: Decimal
    sku: str
    substitute_quantity: Decimal
    unit_price: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody was shown when they agreed: the day the last of it would arrive, or that none can be named."""

    arrives_on: date | None


async def offer(work: Work, viewer: Viewer, supplier: Supplier, number: str, wanted: Instead) -> int:
    """Answers the offer's id."""
    order = await orders.lock(work.conn, viewer, number)
    lines = await orders.lines(work.conn, order.id)
    line = _line(order, lines, wanted.line)
    found = await prices.articles(work.conn, [wanted.sku])
    _refuse_input(wanted, line, found.get(wanted.sku))
    held = Grip(order, lines, {line.line: wanted.quantity}, await portions.of_order(work.conn, order.id))
    await _refuse_state(work, order, line.line)
    _refuse_more(held, line.line, wanted.quantity, Unacceptable)
    standing = await substitutions.standing(work.conn, line.id)
    if standing is not None:
        raise Conflict(f"Offer {standing} stands for line {line.line} already; it must be withdrawn first.")

    price = wanted.unit_price
    if price is None:
        price = await _price(work, supplier, order, wanted)
    _refuse_beyond_all(price * wanted.substitute_quantity)
    offer_id = await substitutions.insert(
        work.conn, order.id, line.id, wanted.quantity, wanted.sku, wanted.substitute_quantity, price, wanted.note,
        viewer.name, work.now,
    )  # fmt: skip
    offered = await _standing(work, number, str(offer_id))
    _record(work, order, "offered", _told(order, offered, note=wanted.note))
    return offer_id


def _line(order: Locked, lines: list[OrderedLine], number: int) -> OrderedLine:
    for line in lines:
        if line.line == number:
            return line
    raise Unacceptable(
        f"Order {order.number} has no line {number}.",
        [Problem("/line", f"order {order.number} has no line {number}")],
    )


def _refuse_input(wanted: Instead, line: OrderedLine, article: Article | None) -> None:
    problems = _unfit(wanted.quantity, line.unit, "/quantity")
    if article is None or not article.active:
        what = "unknown" if article is None else "no longer sold:"
        problems.append(Problem("/sku", f"{what} product {wanted.sku!r}"))
    else:
        problems += _unfit(wanted.substitute_quantity, article.unit, "/substitute_quantity")
    if wanted.sku == line.sku:
        problems.append(Problem("/sku", f"line {line.line} is {line.sku} already: offer another product"))
    refuse_any(problems)


def _unfit(quantity: Decimal, unit: str, pointer: str) -> list[Problem]:
    if quantity <= 0:
        return [Problem(pointer, "must be more than 0")]
    try:
        check_unit(quantity, unit)
    except NotAQuantity as wrong:
        return [Problem(pointer, str(wrong).rstrip("."))]
    return []


async def _refuse_state(work: Work, order: Locked, line: int) -> None:
    if order.state != "open":
        raise Conflict(
            f"Order {order.number} is {order.state}: no other product can take the place of its lines."
        )
    for standing in await holds.standing(work.conn, order.id):
        # What stops this line would not stop the new one: nobody gets around a hold so. Where the goods themselves are
        # the reason, other goods are the way out.
        if standing.lines is not None and line in standing.lines and standing.reason != "quality":
            raise Conflict(f"A {standing.reason} hold stops line {line}; it must be lifted first.")


def _refuse_more(held: Grip, line: int, quantity: Decimal, kind: type[Refused]) -> None:
    there = total(held.of(line, stages=("waiting", "allocated")))
    if quantity <= there:
        return
    others = {
        "are being picked or packed": total(held.of(line, stages=("picking", "packed"))),
        "have left": total(held.of(line, stages=LEFT)),
        "were cancelled": total(held.of(line, stages=("cancelled",))),
    }
    besides = "".join(f", {text(amount)} {what}" for what, amount in others.items() if amount)
    raise kind(
        f"{text(quantity)} of line {line} cannot be replaced: {text(there)} wait or stand ready{besides}.",
        [Problem("/quantity", f"{text(there)} can be replaced")],
    )


def _refuse_beyond_all(amount: Decimal) -> None:
    """An order could not hold it: accepting would fail."""
    if amount >= DEAREST:
        raise Unacceptable(
            "That comes to more than an order can be worth.", [Problem("/unit_price", "comes to too much")]
        )


async def _price(work: Work, supplier: Supplier, order: Locked, wanted: Instead) -> Decimal:
    quantities = {wanted.sku: wanted.substitute_quantity}
    found = await prices_today(work, supplier, order.account, order.currency, quantities)
    if wanted.sku not in found:
        words = f"{wanted.sku} has no price in {order.currency}"
        raise Unacceptable(f"{words}: say what it costs.", [Problem("/unit_price", words)])
    return found[wanted.sku][0]


async def prices_today(
    work: Work, supplier: Supplier, account_number: str, currency: str, quantities: Mapping[str, Decimal]
) -> dict[str, tuple[Decimal, str]]:
    """What the account would pay for so much of these products, and where each price comes from; those without a price
    in the currency are missing."""
    account = await accounts.get(work.conn, account_number)
    assert account is not None
    today = places.today_at(supplier.time_zone, work.now)
    terms = await accounts.terms(work.conn, replace(account, currency=currency), quantities, today)
    found = {}
    for sku, article in (await prices.articles(work.conn, quantities)).items():
        price = placing.price_of(quantities[sku], article, terms, currency)
        if price is not None:
            found[sku] = price
    return found


async def accept(
    work: Work,
    viewer: Viewer,
    supplier: Supplier,
    number: str,
    offer_id: str,
    note: str | None,
    shown: Shown | None = None,
    heard: Heard | None = None,
) -> int:
    """Cancel what is replaced and order the other product, all at once; answers the number of the new line.

    Refused when less is left of the line than was offered, when credit does not cover what it costs more, and when it
    would arrive later than was `shown`.
    """
    account_number = await orders.account_of(work.conn, viewer, number)
    account = await accounts.lock(work.conn, account_number) if account_number else None
    found = await substitutions.get(work.conn, number, offer_id)
    if account is None or found is None:
        raise _no_offer(number, offer_id)
    held = await grip(work, viewer, number, [Part(found.line, found.quantity)], also=[found.sku])
    agreed = await _standing(work, number, offer_id)
    await _refuse_state(work, held.order, agreed.line)
    _refuse_more(held, agreed.line, agreed.quantity, Conflict)
    article = await _still_sold(work, account, agreed)

    before = value_after(work, held, nothing())
    new = await _add_line(work, supplier, account, held, agreed, article)
    await substitutions.settle(work.conn, agreed.id, "accepted", note, viewer.name, work.now, new.id)
    told = _told(held.order, agreed, note=note, new_line=new.line)
    _record(work, held.order, "accepted", told)
    await strike(work, held, {"reason": None, "substitute": {"line": new.line, "sku": new.sku}})
    work.touch(held.order.id, [new.id])
    short = await planning.replan(work, [agreed.line_sku, new.sku], {"what": "substituted"})
    # Events are written when the books are closed: what is known only now is told with the rest.
    told["waiting"] = short.get(held.order.id, [])
    await crediting.refuse_beyond(work, account, held.order.id, await revalue(work, held) - before, heard)
    await _refuse_later(work, held.order, new, shown)
    billing.follow_later(work, held.order.id)
    return new.line


async def _still_sold(work: Work, account: Account, agreed: Offer) -> Article:
    article = (await prices.articles(work.conn, [agreed.sku]))[agreed.sku]
    if not article.active:
        raise Conflict(f"{agreed.sku} is no longer sold.")
    if article.backorders == "deny" and article.managed:
        said = await placing.missing(work, account, {agreed.sku: agreed.substitute_quantity})
        if said:
            raise Conflict(f"{said[agreed.sku]}.")
    return article


async def _add_line(
    work: Work, supplier: Supplier, account: Account, held: Grip, agreed: Offer, article: Article
) -> OrderedLine:
    """The new line, waiting to be planned, and the order's totals with it."""
    order = held.order
    # An order taxes each category at one rate, the one it was placed with.
    rates = {line.tax_category: line.tax_rate for line in held.lines}
    rate = rates.get(article.tax_category, placing.tax_rate(supplier, account, article))
    wanted = NewLine(
        held.lines[-1].line + 1, article.sku, article.name, article.unit, article.mode, article.tax_category, rate,
        agreed.substitute_quantity, agreed.unit_price, f"substitute:{agreed.line}", pool=held.lines[-1].line + 1,
    )  # fmt: skip
    new = await orders.add_line(work.conn, order, wanted)
    held.lines.append(new)
    today = places.today_at(supplier.time_zone, work.now)
    adding = nothing()
    adding.added.append(
        Portion(
            new.id, order.id, order.account, new.sku, new.quantity, "waiting", "waiting", waiting_since=today
        )
    )
    await portions.rewrite(work.conn, adding)
    priced = [line.priced for line in held.lines]
    totals = money.totals(priced, order.discount, order.freight, order.currency)
    await orders.set_totals(work.conn, order.id, totals)
    return new


async def _refuse_later(work: Work, order: Locked, new: OrderedLine, shown: Shown | None) -> None:
    if shown is None or shown.arrives_on is None:
        return
    rows = await portions.of_order(work.conn, order.id)
    whole = order.delivery_preference == "complete_only"
    day = last(row.arrives_on for row in rows if (row.stage in OPEN if whole else row.line_id == new.id))
    if day is None or day > shown.arrives_on:
        now = f"on {day:%d %b %Y}" if day else "on a day that nobody can name yet"
        raise Conflict(
            f"It was shown to arrive on {shown.arrives_on:%d %b %Y}, but would now arrive {now}. Nothing was changed: "
            "look at the offer again."
        )


async def decline(work: Work, viewer: Viewer, number: str, offer_id: str, note: str | None) -> None:
    """The buyer does not want it; the line goes on waiting."""
    await _end(work, viewer, number, offer_id, "declined", note)


async def withdraw(work: Work, viewer: Viewer, number: str, offer_id: str, note: str | None) -> None:
    """Staff take it back before it is answered."""
    await _end(work, viewer, number, offer_id, "withdrawn", note)


async def _end(work: Work, viewer: Viewer, number: str, offer_id: str, state: str, note: str | None) -> None:
    order = await orders.lock(work.conn, viewer, number)
    ended = await _standing(work, number, offer_id)
    await substitutions.settle(work.conn, ended.id, state, note, viewer.name, work.now)
    _record(work, order, state, _told(order, ended, note=note))


async def _standing(work: Work, number: str, offer_id: str) -> Offer:
    """The offer, which has to stand. Its order is locked: whoever comes second sees what the first has done."""
    found = await substitutions.get(work.conn, number, offer_id)
    if found is None:
        raise _no_offer(number, offer_id)
    if found.state != "offered":
        raise Conflict(
            f"Offer {found.id} was {found.state} already, by {found.settled_by} on "
            f"{found.settled_at:%d %b %Y at %H:%M} UTC."
        )
    return found


def _no_offer(number: str, offer_id: str) -> NotFound:
    return NotFound(f"Order {number} has no offer {offer_id}.")


def _told(order: Locked, offer: Offer, **more: Any) -> dict[str, Any]:
    """The offer as an event tells it."""
    substitute = {
        "sku": offer.sku,
        "quantity": text(offer.substitute_quantity),
        "unit_price": money.price(offer.unit_price, order.currency),
    }
    return {
        "id": str(offer.id),
        "line": offer.line,
        "sku": offer.line_sku,
        "quantity": text(offer.quantity),
        "substitute": substitute,
        **more,
    }


def _record(work: Work, order: Locked, verb: str, data: dict[str, Any]) -> None:
    work.record(Event(f"substitution.{verb}", order.account, order.id, order.number, data))
