"""A delivery note as the paper shows it: everything written out in one language, nothing left to the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from portal.domain.delivery_notes import DeliveryNote, NotedLine
from portal.domain.quantities import total
from portal.domain.words import N_
from portal.filters import Tongue
from portal.views.order.statuses import mode_word
from portal.views.papers.business import BusinessLetter, sender_of
from portal.views.papers.codes import qr
from portal.views.papers.figures import isolated
from portal.views.papers.papers import (
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
from portal.views.papers.voices import Voice


@dataclass(frozen=True, slots=True)
class PaperLine:
    line: int
    sku: str
    name: str
    ordered: str
    before: str
    quantity: str
    to_come: str
    cancelled: str
    unit: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Only where all lines are counted in one unit."""

    ordered: str
    before: str
    quantity: str
    to_come: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(BusinessLetter):
    """`stamp` is a sentence that whoever holds the paper must read first."""

    barcode: Markup
    stamp: str
    instructions: str
    order_href: str
    packages: Sequence[PaperPackage]
    packages_together: str
    lines: Sequence[PaperLine]
    sums: Sums | None
    others: str


def paper(note: DeliveryNote, tongue: Tongue, head: Letterhead) -> Paper:
    _, shipment, order = tongue.gettext, note.shipment, note.order
    voice = Voice(tongue)
    title = _("Delivery note {number}").format(number=shipment.number)
    voided = f"{title} · {_('Cancelled').upper()}"
    return Paper(
        title=title,
        created=instant(shipment.shipped_at),
        changed=instant(shipment.cancelled_at or shipment.shipped_at),
        brand=head.brand,
        say=voice,
        sender=sender_of(head, voice),
        kind=voice(N_("Delivery note")),
        margins=margins(
            head, voided if note.is_cancelled else title, f"{order.number} · {shipment.number}", tongue
        ),
        stamp=_cancelled(note, tongue),
        is_void=note.is_cancelled,
        number=shipment.number,
        order_href=head.order_href(order),
        barcode=qr(
            shipment.number, _("QR code of the shipment number {number}").format(number=shipment.number)
        ),
        chip=escape(_chip(note, tongue)),
        address=address(order.ship_to, order.account_name, tongue),
        instructions=instructions(order),
        facts=[(escape(name), isolated(value)) for name, value in _facts(note, tongue)],
        packages=[package(one, tongue) for one in shipment.packages],
        packages_together=packages_together(shipment.packages, tongue),
        lines=[_line(noted, tongue) for noted in note.lines],
        sums=_sums(note.lines, tongue),
        others=others_to_come(note, tongue),
    )


def _chip(note: DeliveryNote, tongue: Tongue) -> str:
    _ = tongue.gettext
    if note.nth is None:
        return _("Cancelled")
    if note.is_last:
        return (
            _("The whole order")
            if note.nth == 1
            else _("Delivery {n}, the last of this order").format(n=note.nth)
        )
    return _("Delivery {n} of this order, more will follow").format(n=note.nth)


def _cancelled(note: DeliveryNote, tongue: Tongue) -> str:
    if not note.is_cancelled:
        return ""
    day = day_of(tongue.on(note.shipment.cancelled_at or note.shipment.shipped_at), tongue)
    return tongue.gettext(
        "This shipment was cancelled on {day}. Its goods are not delivered with this note."
    ).format(day=day)


def _facts(note: DeliveryNote, tongue: Tongue) -> Sequence[tuple[str, str]]:
    """What goods in looks up, in the order in which it does."""
    _, order, shipment = tongue.gettext, note.order, note.shipment
    told = (
        (_("Order"), order.number),
        (_("Your PO"), order.purchase_order_number),
        (_("Shipped"), day_of(tongue.on(shipment.shipped_at), tongue)),
        (_("Expected"), day_of(shipment.expected_on, tongue) if shipment.expected_on else None),
        (_("Carrier"), named_carrier(shipment) or mode_word(shipment.mode, tongue)),
        (_("From"), place_name(order, shipment.location)),
        (_("Account"), order.account),
        (_("Cost centre"), order.cost_centre),
        (_("Ordered"), day_of(tongue.on(order.placed_at), tongue)),
    )
    return [(name, value) for name, value in told if value]


def _line(noted: NotedLine, tongue: Tongue) -> PaperLine:
    line, number = noted.line, tongue.number
    cancelled = tongue.gettext("{n} cancelled").format(n=number(line.never)) if line.never else ""
    return PaperLine(
        line=line.line,
        sku=line.sku,
        name=line.name,
        ordered=number(line.quantity),
        before=_or_dash(noted.before, tongue),
        quantity=number(noted.quantity),
        to_come=_or_dash(noted.to_come, tongue),
        cancelled=cancelled,
        unit=tongue.unit(line.unit, noted.quantity),
    )


def _or_dash(quantity: Decimal, tongue: Tongue) -> str:
    return tongue.number(quantity) if quantity else "–"


def _sums(lines: Sequence[NotedLine], tongue: Tongue) -> Sums | None:
    units = {noted.line.unit for noted in lines}
    if len(units) != 1 or len(lines) < 2:
        return None
    quantity = total(noted.quantity for noted in lines)
    return Sums(
        ordered=tongue.number(total(noted.line.quantity for noted in lines)),
        before=_or_dash(total(noted.before for noted in lines), tongue),
        quantity=tongue.number(quantity),
        to_come=_or_dash(total(noted.to_come for noted in lines), tongue),
        unit=tongue.unit(units.pop(), quantity),
    )
