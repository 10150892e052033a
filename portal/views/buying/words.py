"""Words of the cart: why a line cannot be ordered, what stands on the shelf, where a price comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain import carts
from portal.domain.carts import Offer, Product
from portal.domain.quantities import ZERO, text
from portal.filters import Tongue
from portal.views.order.offer_form import source


@dataclass(frozen=True, slots=True)
class Stock:
    """What is there now, in words; `role` is the colour that stands with them."""

    word: str
    role: str
    icon: str
    note: str = ""


def decimal_mark(tongue: Tongue) -> str:
    """How this language writes 1.5."""
    return str(tongue.locale.number_symbols["latn"]["decimal"])


def typeable(quantity: Decimal | None, tongue: Tongue) -> str:
    """A quantity as it stands in a field: read back, it is the same."""
    return text(quantity).replace(".", decimal_mark(tongue)) if quantity is not None else ""


def problem(line: carts.Line, tongue: Tongue, currency: str) -> str:
    """Why the line cannot be ordered as it stands, and what to do."""
    _ = tongue.gettext
    said = {
        carts.UNKNOWN: _("No product is known by this number."),
        carts.AMBIGUOUS: _("This can be more than one product. Which?"),
        carts.NO_QUANTITY: _("How many?"),
        carts.NOT_A_QUANTITY: _("This quantity cannot be read. Write it in digits, such as 12 or 1,200."),
        carts.BAD_DATE: _("This date cannot be read. Choose a day, or leave it empty."),
        carts.NOT_SOLD: _("This is no longer sold."),
        carts.NO_PRICE: _("This has no price in {currency}. Ask us for one.").format(currency=currency),
        carts.WHOLE_ONLY: _("This is sold in whole pieces only."),
        carts.TOO_FEW: _("More than is there, and it cannot be ordered in advance."),
    }
    return said.get(line.problem or "", "")


def stock(product: Product, wanted: Decimal | None, left: Decimal | None, tongue: Tongue) -> Stock:
    """`left` is what is on the shelf after the lines before this one took theirs. No date is said here: it takes the
    whole order to know one."""
    _ = tongue.gettext
    if left is None:
        return Stock(_("Always available"), "ready", "tick", lead_time(product, tongue))
    if wanted is not None and left >= wanted:
        return Stock(_("On the shelf"), "ready", "tick")
    if wanted is None and left > 0:
        return Stock(_("{n} on the shelf").format(n=tongue.number(left)), "ready", "tick")
    note = lead_time(product, tongue)
    if left > 0:
        assert wanted is not None
        word = _("{n} of {all} on the shelf").format(n=tongue.number(left), all=tongue.number(wanted))
        return Stock(word, "inbound", "queue", note)
    return Stock(_("Not on the shelf"), "inbound", "queue", note)


def lead_time(product: Product, tongue: Tongue) -> str:
    """How long it usually takes when nothing else is known."""
    days = product.lead_time_days
    if not days:
        return ""
    said = tongue.ngettext("usually {n} working day", "usually {n} working days", days)
    return said.format(n=tongue.number(days))


def comes_from(offer: Offer, tongue: Tongue, today: date) -> str:
    """Where the price comes from, and until when it holds."""
    said = source(offer.source, tongue)
    if offer.valid_to is None:
        return said
    day = tongue.day_month(offer.valid_to, today)
    return tongue.gettext("{source}, until {day}").format(source=said, day=day)


def breaks(product: Product, currency: str, tongue: Tongue) -> list[str]:
    """Each price with the quantity it begins at; nothing where there is only one."""
    found = product.breaks
    if len(found) < 2:
        return []
    _ = tongue.gettext
    return [
        _("from {n}: {price}").format(
            n=tongue.number(offer.min_quantity or Decimal(1)), price=tongue.price(offer.amount, currency)
        )
        for offer in found
    ]


def nudge(product: Product, quantity: Decimal | None, currency: str, tongue: Tongue) -> str:
    """The next break, when it is not far: up to half as much again."""
    cheaper = product.next_break(quantity) if quantity else None
    if cheaper is None or quantity is None or cheaper.min_quantity > quantity * 2:
        return ""
    more, price = cheaper.min_quantity - quantity, tongue.price(cheaper.amount, currency)
    return tongue.gettext("{n} more: {price} each").format(n=tongue.number(more), price=price)


def together(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)


def left_on_shelf(lines: Sequence[carts.Line]) -> dict[int, Decimal | None]:
    """For each line, what the lines before it leave on the shelf."""
    left: dict[str, Decimal | None] = {}
    found: dict[int, Decimal | None] = {}
    for line in lines:
        if line.product is None:
            continue
        free = left.setdefault(line.product.sku, line.product.free)
        found[line.position] = free
        if free is not None and line.quantity is not None and line.is_orderable:
            left[line.product.sku] = max(free - line.quantity, ZERO)
    return found
