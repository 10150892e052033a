"""Lines of a saved list, or of an order that is ordered again, at today's prices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.lists import SavedLine
from portal.domain.carts import Product
from portal.filters import Tongue
from portal.views.buying import words
from portal.views.buying.words import Stock


@dataclass(frozen=True, slots=True)
class Row:
    """`obstacle` says why it cannot be ordered any more."""

    position: int
    sku: str
    name: str
    own: str
    quantity: str
    unit: str
    price: str
    source: str
    breaks: Sequence[str]
    stock: Stock | None
    obstacle: str
    before: str = ""
    is_chosen: bool = True


def list_rows(
    lines: Sequence[SavedLine],
    products: Mapping[str, Product],
    currency: str,
    tongue: Tongue,
    today: date,
    typed: Mapping[str, str],
) -> list[Row]:
    return [
        row(line.position, line.sku, line.quantity, products.get(line.sku), currency, tongue, today, typed)
        for line in lines
    ]


def row(
    position: int,
    sku: str,
    quantity: Decimal,
    product: Product | None,
    currency: str,
    tongue: Tongue,
    today: date,
    typed: Mapping[str, str],
    before: str = "",
    is_chosen: bool = True,
) -> Row:
    _ = tongue.gettext
    offer = product.price(quantity) if product else None
    is_sold = product is not None and product.is_active
    obstacle = "" if is_sold else _("This is no longer sold.")
    if is_sold and offer is None:
        obstacle = _("This has no price in {currency}. Ask us for one.").format(currency=currency)
    return Row(
        position=position,
        sku=sku,
        name=product.name if product else "",
        own=product.own_codes[0] if product and product.own_codes else "",
        quantity=typed.get(f"qty-{position}", words.typeable(quantity, tongue)),
        unit=tongue.unit(product.unit, quantity) if product else "",
        price=tongue.price(offer.amount, currency) if offer else "",
        source=words.comes_from(offer, tongue, today) if offer else "",
        breaks=words.breaks(product, currency, tongue) if product else [],
        stock=words.stock(product, quantity, product.free, tongue) if product and is_sold else None,
        obstacle=obstacle,
        before=before,
        is_chosen=is_chosen and not obstacle,
    )
