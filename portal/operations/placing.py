"""Place an order: price it, check credit under the account's lock, give it stock and promises, in one transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db import accounts, orders, places, portions, prices, stock
from portal.db.accounts import Account, Terms
from portal.db.orders import Header, NewLine
from portal.db.prices import Article
from portal.db.queue import Waiting
from portal.db.work import Work
from portal.domain import money
from portal.domain.access import Viewer
from portal.domain.events import Event
from portal.domain.portions import Portion, nothing
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Conflict, Problem, Unacceptable, refuse_any, unknown
from portal.operations import approving, crediting, holding, planning
from portal.operations.crediting import Heard


@dataclass(frozen=True, slots=True)
class Supplier:
    """What placing needs to know of the supplier: where it is taxed, and which day it is there."""

    time_zone: str
    tax_rates: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as it was asked for. Without a price, the agreement's or the list's holds."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    need_by: date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order as it was asked for."""

    account: str
    lines: Sequence[WantedLine]
    ship_to: str | None = None
    purchase_order_number: str | None = None
    placed_at: datetime | None = None
    requested_on: date | None = None
    delivery_preference: str | None = None
    discount: Decimal = ZERO
    freight: Decimal = ZERO
    origin: str | None = None
    external_id: str | None = None
    fingerprint: bytes | None = None
    cost_centre: str | None = None
    instructions: str | None = None
    repeated_because: str | None = None
    # Placed at once, whatever the account's policy says.
    without_approval: bool = False


async def place(
    work: Work, viewer: Viewer, supplier: Supplier, wanted: Wanted, heard: Heard | None = None
) -> tuple[str, bool]:
    """Answers the order's number, and whether it is new: the same origin and external id place one order.

    `heard` is what the ERP answered before this began, for an account whose credit it knows.
    """
    account = await accounts.lock(work.conn, wanted.account)
    if account is None or not viewer.sees(wanted.account):
        raise unknown("account", wanted.account, "/account")
    if wanted.origin is not None and wanted.external_id is not None:
        first = await orders.by_external_id(work.conn, wanted.origin, wanted.external_id)
        if first is not None:
            return _repeated(first, wanted), False
    number = await _write(work, viewer, supplier, wanted, account, heard)
    return number, True


def _repeated(first: tuple[str, bytes | None], wanted: Wanted) -> str:
    number, fingerprint = first
    if fingerprint != wanted.fingerprint:
        raise Conflict(
            f"{wanted.origin} {wanted.external_id} is order {number} already, with other content.",
            [Problem("/external_id", f"is order {number} already")],
        )
    return number


async def _write(
    work: Work, viewer: Viewer, supplier: Supplier, wanted: Wanted, account: Account, heard: Heard | None
) -> str:
    today = places.today_at(supplier.time_zone, work.now)
    unpriced = {line.sku for line in wanted.lines if line.unit_price is None}
    terms = await accounts.terms(work.conn, account, unpriced, today)
    articles = await prices.articles(work.conn, {line.sku for line in wanted.lines})
    ship_to, (city, country) = _destination(wanted, terms)
    lines = _lines(supplier, wanted, account, articles, terms)
    totals = _totals(wanted, lines, account.currency)
    chain = None
    if not wanted.without_approval:
        chain = await approving.needed(work, viewer, account, terms, _facts(wanted, ship_to, lines, totals))
    verdict = await crediting.judge(work, account, totals.total, heard)
    # Approval comes first: credit is looked at again when all have agreed.
    state = "pending_approval" if chain else "open" if verdict.is_covered else "held"
    scarce = _scarce(lines, articles)
    # Before the place in the queue is given: nobody who is told a place later may stand before it. All of the order's
    # products are locked at once, in order, before anything of them is read.
    products = await stock.lock(work.conn, articles) if scarce or state == "open" else {}
    await _refuse_missing(work, account, lines, scarce)

    preference = wanted.delivery_preference or account.delivery_preference
    header = Header(
        account=account.number,
        ship_to=ship_to,
        purchase_order_number=wanted.purchase_order_number,
        placed_by=viewer.name,
        placed_at=wanted.placed_at or work.now,
        requested_on=wanted.requested_on,
        delivery_preference=preference,
        currency=account.currency,
        discount=totals.discount,
        freight=totals.freight,
        goods=totals.goods,
        tax=totals.tax,
        total=totals.total,
        origin=wanted.origin,
        external_id=wanted.external_id,
        fingerprint=wanted.fingerprint,
        person_id=viewer.person_id if not viewer.is_supplier or "token" in viewer.roles else None,
        cost_centre=wanted.cost_centre,
        instructions=wanted.instructions,
        repeated_because=wanted.repeated_because,
    )
    order = await orders.insert(work.conn, header, lines, state, work.now)
    placed: dict[str, Any] = {
        "purchase_order_number": wanted.purchase_order_number,
        "total": money.text(totals.total, account.currency),
        "currency": account.currency,
        "lines": len(lines),
        "placed_at": header.placed_at.isoformat(),
    }
    # What is told here of stock is known once the order is planned: events are written when the books are closed.
    if state != "pending_approval":
        work.record(Event("order.placed", account.number, order.id, order.number, placed))

    new = [
        Portion(
            order.lines[line.line],
            order.id,
            account.number,
            line.sku,
            line.quantity,
            "waiting",
            "waiting",
            waiting_since=today,
        )
        for line in lines
    ]
    if state != "open":
        rewriting = nothing()
        rewriting.added.extend(new)
        await portions.rewrite(work.conn, rewriting)
    if chain:
        await approving.ask(work, viewer, account, order, chain, placed)
        return order.number
    await crediting.keep(work, account, order.id, verdict)
    if state == "held":
        await holding.write(work, order.id, order.number, account.number, "credit", verdict.note, None)
        return order.number

    waiting = [
        Waiting(
            portion, line.line, line.mode, order.number, order.arrival, wanted.requested_on, preference,
            account.priority, account.path, account.own_country_first, account.weekly_day, city, country,
        )
        for portion, line in zip(new, lines, strict=True)
    ]  # fmt: skip
    # Others may learn that an order went ahead of theirs, never whose.
    cause = {"what": "order_placed"}
    short = await planning.replan(work, articles, cause, fresh=order.id, unwritten=waiting, products=products)
    placed["waiting"] = short.get(order.id, [])
    return order.number


def _facts(wanted: Wanted, ship_to: str, lines: Sequence[NewLine], totals: money.Totals) -> approving.Asked:
    return approving.Asked(ship_to, wanted.cost_centre, lines, totals)


def _destination(wanted: Wanted, terms: Terms) -> tuple[str, tuple[str, str]]:
    known = terms.ship_tos
    if wanted.ship_to is not None:
        if wanted.ship_to not in known:
            raise unknown("ship-to", wanted.ship_to, "/ship_to")
        return wanted.ship_to, known[wanted.ship_to]
    if len(known) == 1:
        return next(iter(known.items()))
    if not known:
        raise Unacceptable(
            f"Account {wanted.account} has no ship-to yet.", [Problem("/account", "has no ship-to")]
        )
    listed = ", ".join(sorted(known))
    raise Unacceptable(
        f"Account {wanted.account} has {len(known)} ship-tos; say which: {listed}.",
        [Problem("/ship_to", f"needed: one of {listed}")],
    )


def _lines(
    supplier: Supplier, wanted: Wanted, account: Account, articles: Mapping[str, Article], terms: Terms
) -> list[NewLine]:
    problems: list[Problem] = []
    lines: list[NewLine] = []
    for index, line in enumerate(wanted.lines):
        article = articles.get(line.sku)
        if article is None or not article.active:
            what = "unknown" if article is None else "no longer sold:"
            problems.append(Problem(f"/lines/{index}/sku", f"{what} product {line.sku!r}"))
            continue
        try:
            check_unit(line.quantity, article.unit)
        except NotAQuantity as wrong:
            problems.append(Problem(f"/lines/{index}/quantity", str(wrong)))
        price = _price(line, article, terms, account.currency)
        if price is None:
            problems.append(
                Problem(f"/lines/{index}/unit_price", f"{line.sku} has no price in {account.currency}")
            )
            continue
        lines.append(
            NewLine(
                line.line, line.sku, article.name, article.unit, article.mode, article.tax_category,
                tax_rate(supplier, account, article), line.quantity, *price, line.need_by,
            )
        )  # fmt: skip
    if problems:
        raise Unacceptable(
            f"{len(problems)} of {len(wanted.lines)} lines cannot be ordered as they stand.", problems
        )
    return lines


def tax_rate(supplier: Supplier, account: Account, article: Article) -> Decimal:
    """In percent; nothing for an account that is exempt, or is charged where it is."""
    return supplier.tax_rates.get(article.tax_category, ZERO) if account.tax_status == "standard" else ZERO


def _price(line: WantedLine, article: Article, terms: Terms, currency: str) -> tuple[Decimal, str] | None:
    if line.unit_price is not None:
        return line.unit_price, "order"
    return price_of(line.quantity, article, terms, currency)


def price_of(quantity: Decimal, article: Article, terms: Terms, currency: str) -> tuple[Decimal, str] | None:
    """What so much of it costs the account, and where that comes from: its agreement, else the list; None when neither
    has a price in its currency."""
    agreed = prices.price_of(quantity, terms.offers.get(article.sku, ()))
    if agreed is not None:
        return agreed.amount, f"agreement:{agreed.agreement}"
    return (article.list_price, "list") if article.list_currency == currency else None


def _totals(wanted: Wanted, lines: Sequence[NewLine], currency: str) -> money.Totals:
    priced = [line.priced for line in lines]
    for name, amount in (("discount", wanted.discount), ("freight", wanted.freight)):
        if amount != money.rounded(amount, currency):
            raise Unacceptable(
                f"{currency} has {money.digits(currency)} decimals; {amount} has more.",
                [Problem(f"/{name}", f"more decimals than {currency} has")],
            )
    if wanted.discount and wanted.discount > (
        goods := sum((money.net(line, currency) for line in priced), ZERO)
    ):
        raise Unacceptable(
            f"The discount of {wanted.discount} is more than the goods, {money.text(goods, currency)}.",
            [Problem("/discount", "more than the goods")],
        )
    return money.totals(priced, wanted.discount, wanted.freight, currency)


def _scarce(lines: Sequence[NewLine], articles: Mapping[str, Article]) -> dict[str, Decimal]:
    """What is wanted of products that take no backorders, by SKU."""
    wanted: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if articles[line.sku].backorders == "deny" and articles[line.sku].managed:
            wanted[line.sku] += line.quantity
    return wanted


async def _refuse_missing(
    work: Work, account: Account, lines: Sequence[NewLine], wanted: Mapping[str, Decimal]
) -> None:
    """Products that take no backorders must be there, all of them, or nothing is ordered."""
    said = await missing(work, account, wanted)
    refuse_any(
        [
            Problem(f"/lines/{index}/quantity", said[line.sku])
            for index, line in enumerate(lines)
            if line.sku in said
        ]
    )


async def missing(work: Work, account: Account, wanted: Mapping[str, Decimal]) -> dict[str, str]:
    """Of products that take no backorders, what is not there for the account: by SKU, in words."""
    if not wanted:
        return {}
    levels = await stock.levels(work.conn, wanted)
    agreements = await stock.agreements(work.conn, wanted)
    said = {}
    for sku, quantity in wanted.items():
        free = sum((level.free for level in levels.get(sku, ())), ZERO)
        own = sum((a.reserved for a in agreements.get(sku, ()) if a.account in account.path), ZERO)
        if quantity > free + own:
            said[sku] = (
                f"{sku}: {text(quantity)} wanted, {text(free + own)} there, and it takes no backorders"
            )
    return said
