"""A packing list as the paper shows it: what lies in these packages, and when the rest of each line comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.packing_lists import Following, PackedLine, PackingList
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.order.statuses import mode_word
from portal.views.papers.codes import code
from portal.views.papers.papers import (
    Letter,
    Letterhead,
    PaperPackage,
    address,
    day_of,
    instant,
    instructions,
    margins,
    named_carrier,
    others_to_come,
    package,
    packages_together,
    place_name,
)

# Millimetres on the paper.
WIDTH, HEIGHT = 76, 12


@dataclass(frozen=True, slots=True)
class PackedRow:
    """`follows` tells each part that is not in these packages: how much, and when."""

    line: int
    sku: str
    name: str
    ordered: str
    quantity: str
    unit: str
    follows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingPaper(Letter):
    order_href: str
    packages: Sequence[PaperPackage]
    packages_together: str
    lines: Sequence[PackedRow]
    sum: tuple[str, str] | None
    others: str
    as_of: str


def packing_paper(packing: PackingList, tongue: Tongue, head: Letterhead) -> PackingPaper:
    _, shipment, order = tongue.gettext, packing.shipment, packing.order
    number = shipment.number
    title = _("Packing list {number}").format(number=number)
    voided = f"{title} · {_('Cancelled').upper()}"
    label = _("Barcode of the shipment number {number}").format(number=number)
    is_void = packing.note.is_cancelled
    return PackingPaper(
        title=title,
        created=instant(shipment.shipped_at),
        changed=instant(_changed(packing)),
        brand=head.brand,
        margins=margins(head, voided if is_void else title, f"{order.number} · {number}", tongue),
        stamp=_cancelled(packing, tongue),
        is_void=is_void,
        number=number,
        order_href=head.order_href(order),
        barcode=code(number, label, width=WIDTH, height=HEIGHT),
        chip=_("Cancelled") if is_void else _contents(packing, tongue),
        address=address(order.ship_to, order.account_name, tongue),
        instructions=instructions(order),
        facts=list(_facts(packing, tongue)),
        packages=[package(one, tongue) for one in shipment.packages],
        packages_together=packages_together(shipment.packages, tongue),
        lines=[_row(packed, tongue) for packed in packing.lines],
        sum=_sum(packing, tongue),
        others=others_to_come(packing.note, tongue),
        as_of=_as_of(packing, tongue),
    )


def _changed(packing: PackingList) -> datetime:
    """The plan for what follows changes with the order; without it the list stays as the goods left."""
    shipment = packing.shipment
    if any(packed.follows for packed in packing.lines):
        return packing.order.updated_at
    return shipment.cancelled_at or shipment.shipped_at


def _cancelled(packing: PackingList, tongue: Tongue) -> str:
    shipment = packing.shipment
    if not packing.note.is_cancelled:
        return ""
    day = day_of(tongue.on(shipment.cancelled_at or shipment.shipped_at), tongue)
    return tongue.gettext("This shipment was cancelled on {day}. Nothing on this list was delivered.").format(
        day=day
    )


def _contents(packing: PackingList, tongue: Tongue) -> str:
    """`4 lines, 266 pcs, 2 packages, 20.5 kg`."""
    count = tongue.ngettext("{n} line", "{n} lines", len(packing.lines)).format(n=len(packing.lines))
    quantity = " ".join(_sum(packing, tongue) or ())
    return ", ".join(filter(None, (count, quantity, packages_together(packing.shipment.packages, tongue))))


def _sum(packing: PackingList, tongue: Tongue) -> tuple[str, str] | None:
    """A quantity and its unit, only where all lines are counted in one."""
    units = {packed.noted.line.unit for packed in packing.lines}
    if len(units) != 1:
        return None
    quantity = total(packed.noted.quantity for packed in packing.lines)
    return tongue.number(quantity), tongue.unit(units.pop(), quantity)


def _facts(packing: PackingList, tongue: Tongue) -> Sequence[tuple[str, str]]:
    _, order, shipment = tongue.gettext, packing.order, packing.shipment
    told = (
        (_("Order"), order.number),
        (_("Your PO"), order.purchase_order_number),
        (_("Shipped"), day_of(tongue.on(shipment.shipped_at), tongue)),
        (_("Expected"), day_of(shipment.expected_on, tongue) if shipment.expected_on else None),
        (_("Carrier"), named_carrier(shipment)),
        (_("Sent as"), mode_word(shipment.mode, tongue)),
        (_("From"), place_name(order, shipment.location)),
        (_("Account"), order.account),
        (_("Cost centre"), order.cost_centre),
    )
    return [(name, value) for name, value in told if value]


def _row(packed: PackedLine, tongue: Tongue) -> PackedRow:
    noted, number = packed.noted, tongue.number
    return PackedRow(
        line=noted.line.line,
        sku=noted.line.sku,
        name=noted.line.name,
        ordered=number(noted.line.quantity),
        quantity=number(noted.quantity),
        unit=tongue.unit(noted.line.unit, noted.quantity),
        follows=[(number(part.quantity), _when(part, tongue)) for part in packed.follows],
    )


def _when(part: Following, tongue: Tongue) -> str:
    _ = tongue.gettext
    if part.shipment:
        return _("sent as {shipment}").format(shipment=part.shipment)
    if part.arrives_on:
        return _("arrives {day}").format(day=day_of(part.arrives_on, tongue))
    return _("no date yet")


def _as_of(packing: PackingList, tongue: Tongue) -> str:
    """Of a plan one must know how old it is."""
    if not any(packed.follows for packed in packing.lines):
        return ""
    return tongue.gettext("What follows is as planned on {day}.").format(
        day=day_of(tongue.on(packing.order.updated_at), tongue)
    )
