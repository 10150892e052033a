"""Products as they are sold, and what was agreed for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


def price_of(quantity: Decimal, offers: Sequence[Agreed]) -> Agreed | None:
    """The first agreement that has a price from this quantity on, at its deepest break."""
    return next((offer for offer in offers if offer.min_quantity <= quantity), None)
