"""The lines of an order that is ordered again."""

from collections.abc import Mapping
from datetime import date

from portal.domain.carts import Product
from portal.domain.orders import Order
from portal.filters import Tongue
from portal.views.buying.lists import Row, row


def rows(
    order: Order,
    products: Mapping[str, Product],
    currency: str,
    tongue: Tongue,
    today: date,
    typed: Mapping[str, str] | None,
) -> list[Row]:
    """A line that was cancelled stands there without a tick; what it cost then, where that is not the same."""
    found = []
    for line in order.lines:
        product = products.get(line.sku)
        left = line.quantity - line.of("cancelled")
        offer = product.price(left or line.quantity) if product else None
        then = tongue.price(line.unit_price, order.currency)
        moved = offer is None or offer.amount != line.unit_price or order.currency != currency
        is_chosen = bool(left) if typed is None else f"take-{line.line}" in typed
        found.append(
            row(
                line.line, line.sku, left or line.quantity, product, currency, tongue, today, typed or {},
                then if moved else "", is_chosen,
            )
        )  # fmt: skip
    return found
