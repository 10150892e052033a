"""The lines of an invoice as a table and as a file, and what was still to follow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.db.invoices import Invoice
from portal.domain.invoices import Document, Line, ToFollow
from portal.domain.quantities import ZERO
from portal.filters import Tongue
from portal.views.insight.charts import Part
from portal.views.invoices.words import rate_word

# Parts that are to follow; the order's page has all of them.
TO_FOLLOW = 12


@dataclass(frozen=True, slots=True)
class Row:
    """A billed line. Quantities are in its unit."""

    line: int
    sku: str
    name: str
    buyer_sku: str
    unit: str
    ordered: str
    shipped: str
    before: str
    this: str
    outstanding: str
    price: str
    rate: str
    net: str
    shipment: str
    bar: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Later:
    """A part of the order that was still to ship when it was issued."""

    line: int
    sku: str
    name: str
    quantity: str
    day: str


def row(paper: Document, line: Line, tongue: Tongue) -> Row:
    _ = tongue.gettext
    number = tongue.number
    price = tongue.price(line.unit_price, paper.currency)
    per = _("per {n}").format(n=number(line.price_per)) if line.price_per != 1 else ""
    return Row(
        line=line.line,
        sku=line.sku,
        name=line.name,
        buyer_sku=line.buyer_sku or "",
        unit=tongue.unit(line.unit, line.quantity),
        ordered=number(line.ordered),
        shipped=number(line.shipped),
        before=number(line.previously_invoiced),
        this=number(line.quantity),
        outstanding=number(line.outstanding),
        price=f"{price} {per}".strip(),
        rate=rate_word(line.tax_rate, tongue),
        net=tongue.money(line.net, paper.currency),
        shipment=line.shipment or "",
        bar=_share(line) if paper.kind == "invoice" else (),
    )


def _share(line: Line) -> list[Part]:
    """How much of the line was billed before, and by this."""
    if not line.ordered:
        return []
    parts, x = [], ZERO
    for quantity, css in ((line.previously_invoiced, "m-inv"), (line.quantity, "m-this")):
        if quantity > 0:
            width = min(quantity * 100 / line.ordered, Decimal(100) - x)
            parts.append(Part(f"{x:.2f}%", f"{width:.2f}%", css))
            x += width
    return parts


def later(part: ToFollow, tongue: Tongue, today: date) -> Later:
    _ = tongue.gettext
    day = _("no date yet")
    if part.arrives_on:
        day = _("arrives {day}").format(day=tongue.day(part.arrives_on, today))
    elif part.ships_on:
        day = _("ships {day}").format(day=tongue.day(part.ships_on, today))
    return Later(part.line, part.sku, part.name, tongue.quantity(part.quantity, part.unit), day)


def more_later(count: int, tongue: Tongue) -> str:
    left = count - TO_FOLLOW
    if left <= 0:
        return ""
    return tongue.ngettext("{n} more on the order's page", "{n} more on the order's page", left).format(
        n=tongue.number(left)
    )


def lines(invoice: Invoice, tongue: Tongue) -> Iterator[list[str]]:
    """Its lines for a spreadsheet, as plain figures."""
    _ = tongue.gettext
    yield [
        _("Number"), _("Line"), "SKU", _("Your number"), _("Item"), _("Unit"), _("Ordered"), _("Shipped so far"),
        _("Billed before"), _("This invoice"), _("Still to bill"), _("Unit price"), _("Per"), _("VAT"), _("Net"),
        _("Currency"), _("Shipment"),
    ]  # fmt: skip
    for line in invoice.paper.lines:
        yield [
            invoice.number, str(line.line), line.sku, line.buyer_sku or "", line.name, line.unit,
            f"{line.ordered:f}", f"{line.shipped:f}", f"{line.previously_invoiced:f}", f"{line.quantity:f}",
            f"{line.outstanding:f}", f"{line.unit_price:f}", f"{line.price_per:f}",
            f"{line.tax_rate:f}", f"{line.net:f}", invoice.currency, line.shipment or "",
        ]  # fmt: skip
