"""Products as they are sold, and what was agreed for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.work import Connection


@dataclass(frozen=True, slots=True)
class Article:
    """A product as an order line takes it over."""

    sku: str
    name: str
    unit: str
    list_price: Decimal
    list_currency: str
    tax_category: str
    mode: str
    managed: bool
    backorders: str
    active: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """A price of an agreement from a quantity on."""

    agreement: str
    min_quantity: Decimal
    amount: Decimal


async def articles(conn: Connection, skus: Iterable[str]) -> dict[str, Article]:
    """By SKU; what is not sold is missing."""
    rows = await conn.fetch(
        """select sku, name, unit, list_price, list_currency, tax_category, mode, managed, backorders, active
           from product where sku = any($1::text[])""",
        list(skus),
    )
    return {row["sku"]: Article(*row.values()) for row in rows}


async def agreed(
    conn: Connection, path: Sequence[str], currency: str, skus: Iterable[str], day: date
) -> Mapping[str, list[Agreed]]:
    """Agreed prices valid on the day, by SKU; the account's own before its parents', the newest first."""
    rows = await conn.fetch(
        """select p.sku, p.agreement, p.min_quantity, p.amount
           from price_agreement a join agreed_price p on p.agreement = a.number
           where a.account = any($1::text[]) and a.currency = $2 and p.sku = any($3::text[])
               and a.valid_from <= $4 and (a.valid_to is null or a.valid_to >= $4)
           order by array_position($1::text[], a.account) desc, a.valid_from desc, a.number, p.min_quantity desc""",
        list(path),
        currency,
        list(skus),
        day,
    )
    found: dict[str, list[Agreed]] = {}
    for row in rows:
        found.setdefault(row["sku"], []).append(Agreed(row["agreement"], row["min_quantity"], row["amount"]))
    return found


def price_of(quantity: Decimal, offers: Sequence[Agreed]) -> Agreed | None:
    """The first agreement that has a price from this quantity on, at its deepest break."""
    return next((offer for offer in offers if offer.min_quantity <= quantity), None)
