"""What an order would be, before anything is written: where it goes, what each line costs, what it comes to.

Placing writes it; a quote only shows it. Both refuse the same in the same words.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.db import accounts, places, prices, stock
from portal.db.accounts import Account, Terms
from portal.db.orders import NewLine
from portal.db.prices import Article
from portal.db.work import Connection, Work
from portal.domain import money
from portal.domain.checkout import PriceMoved
from portal.domain.quantities import ZERO, NotAQuantity, check_unit, text
from portal.domain.refusals import Problem, Unacceptable, refuse_any, unknown


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
    # The price that was shown and agreed to: the line is refused at any other.
    agreed_price: Decimal | None = None


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


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that could be written. `scarce` is what is wanted of products that take no backorders, by SKU.

    `preference`: how it is delivered, as was asked, else as the ship-to's people prefer it, else as the account does.
    """

    account: Account
    terms: Terms
    articles: Mapping[str, Article]
    ship_to: str
    city: str
    country: str
    preference: str
    lines: list[NewLine]
    totals: money.Totals
    scarce: dict[str, Decimal]
    today: date


async def draft(
    conn: Connection, supplier: Supplier, wanted: Wanted, account: Account, now: datetime
) -> Draft:
    """Price what was asked for, or refuse with everything that is wrong with it."""
    today = places.today_at(supplier.time_zone, now)
    unpriced = {line.sku for line in wanted.lines if line.unit_price is None}
    terms = await accounts.terms(conn, account, unpriced, today)
    articles = await prices.articles(conn, {line.sku for line in wanted.lines})
    ship_to, (city, country, preferred) = _destination(wanted, terms)
    lines = _lines(supplier, wanted, account, articles, terms)
    totals = _totals(wanted, lines, account.currency)
    preference = wanted.delivery_preference or preferred or account.delivery_preference
    scarce = _scarce(lines, articles)
    return Draft(account, terms, articles, ship_to, city, country, preference, lines, totals, scarce, today)


def _destination(wanted: Wanted, terms: Terms) -> tuple[str, tuple[str, str, str | None]]:
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
    moved: list[Problem] = []
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
        if line.agreed_price is not None and line.agreed_price != price[0]:
            moved.append(Problem(f"/lines/{index}/unit_price", _moved(line.agreed_price, price[0], account)))
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
    if moved:
        raise PriceMoved(f"The price of {len(moved)} lines is another by now.", moved)
    return lines


def _moved(agreed: Decimal, now: Decimal, account: Account) -> str:
    old, new = (money.price(amount, account.currency) for amount in (agreed, now))
    return f"was {old} and is {new} {account.currency}"


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


async def refuse_missing(work: Work, draft: Draft) -> None:
    """Products that take no backorders must be there, all of them, or nothing is ordered."""
    said = await missing(work, draft.account, draft.scarce)
    refuse_any(
        [
            Problem(f"/lines/{index}/quantity", said[line.sku])
            for index, line in enumerate(draft.lines)
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
