"""The lines of an invoice as rows: by shipment where it bills several, and with what they come to so far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from portal.domain.invoices import Despatch, Document, Line
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.invoices.words import credit_reason
from portal.views.papers.figures import count, figure, isolated, percent, price_figure
from portal.views.papers.papers import day_of
from portal.views.papers.voices import Voice

ZERO = Decimal(0)
WIDTH_OF_DIGIT, WIDTH_OF_LARGE_DIGIT, GAP = 1.75, 2.4, 2.0
Shape = Literal["parts", "plain", "amounts"]


@dataclass(frozen=True, slots=True)
class Row:
    """`brought` is what the rows before it come to, `carried` what they come to with it: a page may end anywhere."""

    line: int
    sku: Markup
    name: Markup
    also: Markup
    ordered: str
    shipped: str
    before: str
    quantity: str
    unit: str
    to_follow: str
    price: str
    per: str
    tax: str
    net: str
    brought: str
    carried: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one shipment; without a heading, all there are."""

    heading: Markup
    note: Markup
    net: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Widths:
    """Millimetres of the columns with figures: what is longer takes from the names."""

    quantity: float
    here: float
    price: float
    net: float
    total: float


def widths(told: Sequence[Group], due: str) -> Widths:
    rows = [row for group in told for row in group.rows]

    def least(otherwise: float, *figures: str) -> float:
        longest = max(map(len, figures), default=0)
        return round(max(otherwise, longest * WIDTH_OF_DIGIT + GAP), 1)

    return Widths(
        quantity=least(
            13.5, *(figure for row in rows for figure in (row.ordered, row.shipped, row.to_follow))
        ),
        here=least(17, *(f"{row.quantity} {row.unit}" for row in rows)),
        price=least(18, *(row.price for row in rows)),
        net=least(19.5, *(row.net for row in rows)),
        total=round(max(33, len(due) * WIDTH_OF_LARGE_DIGIT + GAP), 1),
    )


def shape(document: Document) -> Shape:
    """`plain`: the whole order at once, so that ordered, shipped, billed before and to follow would say nothing.
    `amounts`: a credit that no goods stand for. Else `parts`."""
    if all(not line.line for line in document.lines):
        return "amounts"
    is_whole = all(
        line.quantity == line.ordered == line.shipped
        and not line.previously_invoiced
        and not line.outstanding
        for line in document.lines
    )
    return "plain" if is_whole and not document.to_follow and document.kind == "invoice" else "parts"


def groups(document: Document, voice: Voice) -> list[Group]:
    rows = _rows(document, voice)
    if not document.is_consolidated or not all(line.shipment for line in document.lines):
        return [Group(Markup(), Markup(), "", [next(rows) for _ in document.lines])]
    shipments = {one.number: one for one in document.shipments}
    return [
        _group(shipments.get(number or ""), number or "", list(lines), rows, document.currency, voice)
        for number, lines in groupby(document.lines, key=lambda line: line.shipment)
    ]


def _group(
    shipment: Despatch | None,
    number: str,
    lines: Sequence[Line],
    rows: Iterator[Row],
    currency: str,
    voice: Voice,
) -> Group:
    return Group(
        heading=voice.both(lambda tongue: tongue.gettext("Shipment {number}").format(number=number)),
        note=voice.both(lambda tongue: _when(shipment, tongue)) if shipment else Markup(),
        net=figure(total(line.net for line in lines), currency, voice.tongue),
        rows=[next(rows) for _ in lines],
    )


def _when(shipment: Despatch, tongue: Tongue) -> str:
    _ = tongue.gettext
    shipped = _("shipped {day}").format(day=day_of(shipment.shipped_on, tongue))
    if shipment.delivered_on is None:
        return shipped
    delivered = _("delivered {day}").format(day=day_of(shipment.delivered_on, tongue))
    return f"{shipped}, {delivered}"


def _rows(document: Document, voice: Voice) -> Iterator[Row]:
    tongue, currency, so_far = voice.tongue, document.currency, ZERO
    to_ship = _to_ship(document) if document.terms == "on_order" else None
    for line in document.lines:
        before, so_far = so_far, so_far + line.net
        follows = line.outstanding if to_ship is None else to_ship.get(line.line, ZERO)
        yield Row(
            line=line.line,
            sku=isolated(line.sku),
            name=_name(line, voice),
            also=isolated(_also(line, tongue)),
            ordered=count(line.ordered, tongue),
            shipped=count(line.shipped, tongue),
            before=count(line.previously_invoiced, tongue),
            quantity=tongue.number(line.quantity),
            unit=tongue.unit(line.unit, line.quantity),
            to_follow=count(follows, tongue),
            price=price_figure(line.unit_price, currency, tongue),
            per=tongue.gettext("per {n}").format(n=tongue.number(line.price_per))
            if line.price_per != 1
            else "",
            tax=percent(line.tax_rate, tongue),
            net=figure(line.net, currency, tongue),
            brought=figure(before, currency, tongue) if before else "",
            carried=figure(so_far, currency, tongue),
        )


def _name(line: Line, voice: Voice) -> Markup:
    """A credit that no goods stand for is named by its reason, which may be a word of the portal's own."""
    if line.line:
        return isolated(line.name)
    return voice.both(lambda tongue: credit_reason(line.name, tongue))


def _also(line: Line, tongue: Tongue) -> str:
    """The buyer's own number is what goods in and their system know it by."""
    return tongue.gettext("your no. {sku}").format(sku=line.buyer_sku) if line.buyer_sku else ""


def _to_ship(document: Document) -> dict[int, Decimal]:
    waiting: dict[int, Decimal] = {}
    for one in document.to_follow:
        waiting[one.line] = waiting.get(one.line, ZERO) + one.quantity
    return waiting
