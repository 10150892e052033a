"""Products that were searched for, as they can be put into the cart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.carts import Product
from portal.filters import Tongue
from portal.views.buying import words
from portal.views.buying.words import Stock


@dataclass(frozen=True, slots=True)
class Found:
    """`price` is empty where the account has none: then it cannot be ordered."""

    sku: str
    name: str
    own: Sequence[str]
    unit: str
    price: str
    source: str
    breaks: Sequence[str]
    stock: Stock


def found_rows(products: Sequence[Product], currency: str, tongue: Tongue, today: date) -> list[Found]:
    return [_row(product, currency, tongue, today) for product in products]


def _row(product: Product, currency: str, tongue: Tongue, today: date) -> Found:
    first = next(iter(product.breaks), None)
    return Found(
        sku=product.sku,
        name=product.name,
        own=product.own_codes,
        unit=tongue.unit(product.unit, Decimal(2)),
        price=tongue.price(first.amount, currency) if first else "",
        source=words.comes_from(first, tongue, today) if first else "",
        breaks=words.breaks(product, currency, tongue),
        stock=words.stock(product, None, product.free, tongue),
    )
