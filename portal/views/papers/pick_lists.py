"""A pick list as the paper shows it: what to take from the shelves, with codes to scan and boxes to tick."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.domain.orders import Hold
from portal.domain.pick_lists import PickedLine, PickList
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.order.figures import preference
from portal.views.order.statuses import hold_word
from portal.views.papers.codes import code
from portal.views.papers.papers import (
    Letter,
    Letterhead,
    address,
    day_of,
    instant,
    instructions,
    margins,
    place_name,
)

# Millimetres on the paper.
WIDTH_OF_ORDER, HEIGHT_OF_ORDER = 76, 12
WIDTH_OF_SKU, HEIGHT_OF_SKU = 50, 8


@dataclass(frozen=True, slots=True)
class PickRow:
    """`stop` says why none of it may be taken; then there is nothing to scan and no box."""

    line: int
    sku: str
    name: str
    quantity: str
    unit: str
    begun: str
    stop: str
    barcode: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class PickPaper(Letter):
    lines: Sequence[PickRow]
    together: str
    remarks: Sequence[str]


def pick_paper(picking: PickList, tongue: Tongue, head: Letterhead) -> PickPaper:
    _, order = tongue.gettext, picking.order
    location = place_name(order, picking.location)
    title = _("Pick list {number}").format(number=order.number)
    label = _("Barcode of the order number {number}").format(number=order.number)
    return PickPaper(
        title=f"{title} · {location}",
        created=instant(order.placed_at),
        changed=instant(order.updated_at),
        brand=head.brand,
        margins=margins(head, f"{title} · {location}", f"{order.number} · {location}", tongue),
        stamp=_stamp(picking, tongue),
        number=order.number,
        barcode=code(order.number, label, width=WIDTH_OF_ORDER, height=HEIGHT_OF_ORDER),
        chip=_("From {place}").format(place=location),
        address=address(order.ship_to, order.account_name, tongue),
        instructions=instructions(order),
        facts=list(_facts(picking, tongue)),
        lines=[_row(picked, tongue) for picked in picking.lines],
        together=_together(picking.free, tongue),
        remarks=list(_remarks(picking, tongue)),
    )


def _stamp(picking: PickList, tongue: Tongue) -> str:
    """Only when nothing may be picked at all; single lines say it themselves."""
    if picking.free:
        return ""
    return _stop([hold for picked in picking.lines for hold in picked.holds], tongue)


def _stop(holds: Sequence[Hold], tongue: Tongue) -> str:
    reasons = dict.fromkeys(hold_word(hold.reason, tongue) for hold in holds)
    return tongue.gettext("Do not pick: on hold {why}").format(why=", ".join(reasons)) if holds else ""


def _facts(picking: PickList, tongue: Tongue) -> Sequence[tuple[str, str]]:
    _, order = tongue.gettext, picking.order
    told = (
        (_("To ship on"), day_of(picking.ships_on, tongue) if picking.ships_on else None),
        (_("Delivery"), preference(order.delivery_preference, tongue)),
        (_("Their PO"), order.purchase_order_number),
        (_("Account"), order.account),
        (_("Cost centre"), order.cost_centre),
        (_("Wanted for"), day_of(order.requested_on, tongue) if order.requested_on else None),
        (_("As of"), f"{day_of(tongue.on(order.updated_at), tongue)}, {tongue.clock(order.updated_at)}"),
    )
    return [(name, value) for name, value in told if value]


def _row(picked: PickedLine, tongue: Tongue) -> PickRow:
    _, line = tongue.gettext, picked.line
    label = _("Barcode of {sku}").format(sku=line.sku)
    begun = _("{n} begun").format(n=tongue.number(picked.begun)) if picked.begun else ""
    return PickRow(
        line=line.line,
        sku=line.sku,
        name=line.name,
        quantity=tongue.number(picked.quantity),
        unit=tongue.unit(line.unit, picked.quantity),
        begun="" if picked.holds else begun,
        stop=_stop(picked.holds, tongue),
        barcode=Markup() if picked.holds else code(line.sku, label, width=WIDTH_OF_SKU, height=HEIGHT_OF_SKU),
    )


def _together(lines: Sequence[PickedLine], tongue: Tongue) -> str:
    """`12 lines, 266 pcs`; the quantity only where all are counted in one unit."""
    if not lines:
        return ""
    count = tongue.ngettext("{n} line", "{n} lines", len(lines)).format(n=len(lines))
    units = {picked.line.unit for picked in lines}
    if len(units) != 1:
        return count
    return f"{count}, {tongue.quantity(total(picked.quantity for picked in lines), units.pop())}"


def _remarks(picking: PickList, tongue: Tongue) -> Sequence[str]:
    """What the person would otherwise look for, or put off, in vain."""
    said = []
    if held := len(picking.held):
        said.append(
            tongue.ngettext(
                "{n} line is on hold and stays on the shelf.",
                "{n} lines are on hold and stay on the shelf.",
                held,
            ).format(n=held)
        )
    if picking.packed:
        said.append(
            tongue.ngettext(
                "Of {n} line something stands packed here already.",
                "Of {n} lines something stands packed here already.",
                picking.packed,
            ).format(n=picking.packed)
        )
    if picking.waiting and picking.order.delivery_preference == "complete_only":
        said.append(
            tongue.ngettext(
                "This order ships complete, and {n} line still waits for goods.",
                "This order ships complete, and {n} lines still wait for goods.",
                picking.waiting,
            ).format(n=picking.waiting)
        )
    return said
