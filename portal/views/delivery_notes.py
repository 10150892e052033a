"""A delivery note as the paper shows it: everything written out in one language, nothing left to the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import segno
from markupsafe import Markup

from portal.domain.delivery_notes import DeliveryNote, NotedLine
from portal.domain.orders import Package, ShipTo
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.rows import is_web
from portal.views.statuses import mode_word

# Where the post code stands behind the town; elsewhere it stands before.
POST_CODE_LAST = frozenset({"AU", "CA", "GB", "IE", "IN", "NZ", "US", "ZA"})
# A paper is read in other years too: no day is "this year", so each says its year.
NO_YEAR = date.min


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
class PaperPackage:
    tracking: str
    href: str | None
    weight: str


@dataclass(frozen=True, slots=True)
class Sums:
    """Only where all lines are counted in one unit."""

    ordered: str
    before: str
    quantity: str
    to_come: str
    unit: str


@dataclass(frozen=True, slots=True)
class Margins:
    """What stands around the text of each page, as `content:` of a style sheet. The top is there from page 2."""

    top_left: Markup
    top_right: Markup
    bottom_left: Markup
    bottom_right: Markup


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    number: str
    order: str
    order_href: str
    created: str
    changed: str
    brand: str
    margins: Margins
    barcode: Markup
    chip: str
    cancelled: str
    address: Sequence[str]
    instructions: str
    facts: Sequence[tuple[str, str]]
    packages: Sequence[PaperPackage]
    packages_together: str
    lines: Sequence[PaperLine]
    sums: Sums | None
    others: str


def paper(note: DeliveryNote, tongue: Tongue, *, supplier: str, brand: str, base_url: str) -> Paper:
    """`brand` is the supplier's colour as it can be read on white."""
    _, shipment, order = tongue.gettext, note.shipment, note.order
    return Paper(
        title=_("Delivery note {number}").format(number=shipment.number),
        number=shipment.number,
        order=order.number,
        order_href=f"{base_url}/orders/{order.number}",
        created=_instant(shipment.shipped_at),
        changed=_instant(shipment.cancelled_at or shipment.shipped_at),
        brand=brand,
        margins=_margins(note, supplier, tongue),
        barcode=barcode(shipment.number, _("QR code of the shipment number {number}")),
        chip=_chip(note, tongue),
        cancelled=_cancelled(note, tongue),
        address=address(order.ship_to, order.account_name, tongue),
        instructions=order.ship_to.instructions or "",
        facts=list(_facts(note, tongue)),
        packages=[_package(package, tongue) for package in shipment.packages],
        packages_together=_together(shipment.packages, tongue),
        lines=[_line(noted, tongue) for noted in note.lines],
        sums=_sums(note.lines, tongue),
        others=_others(note, tongue),
    )


def barcode(number: str, label: str) -> Markup:
    """For the scanner at goods in: the number and nothing else."""
    drawn = segno.make(number, error="q", micro=False).svg_inline(
        border=0, omitsize=True, dark="#000", title=label.format(number=number), svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - segno escapes the title, and our numbers are letters, digits and dashes


def address(ship_to: ShipTo, account: str, tongue: Tongue) -> list[str]:
    """As it is written on an envelope in that country."""
    if ship_to.country in POST_CODE_LAST:
        town = " ".join(filter(None, (ship_to.city, ship_to.region, ship_to.postal_code)))
    else:
        town = " ".join(filter(None, (ship_to.postal_code, ship_to.city)))
    country = str(tongue.locale.territories.get(ship_to.country, ship_to.country))
    written = [account, ship_to.name, *ship_to.lines, town, country]
    return [line for place, line in enumerate(written) if line not in written[:place]]


def _margins(note: DeliveryNote, supplier: str, tongue: Tongue) -> Margins:
    _ = tongue.gettext
    title = _("Delivery note {number}").format(number=note.shipment.number)
    if note.is_cancelled:
        title = f"{title} · {_('Cancelled').upper()}"
    return Margins(
        top_left=css_text(supplier),
        top_right=css_text(title),
        bottom_left=css_text(f"{note.order.number} · {note.shipment.number}"),
        bottom_right=_page_of_pages(_("Page {page} of {pages}")),
    )


def css_text(text: str) -> Markup:
    """A string of a style sheet that stands inside HTML; whatever is not plain is written as its code."""
    plain = "".join(c if c.isalnum() or c in " .,-" else f"\\{ord(c):x} " for c in text)
    return Markup(f'"{plain}"')  # noqa: S704 - nothing in it can end the string, or the style sheet


def _page_of_pages(template: str) -> Markup:
    """`Page {page} of {pages}`, where only the printer knows the figures."""
    before, _, rest = template.partition("{page}")
    between, _, after = rest.partition("{pages}")
    parts = (
        css_text(before),
        Markup("counter(page)"),
        css_text(between),
        Markup("counter(pages)"),
        css_text(after),
    )
    return Markup(" ").join(parts)


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(day: date, tongue: Tongue) -> str:
    return tongue.day(day, NO_YEAR)


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
    day = _day(tongue.on(note.shipment.cancelled_at or note.shipment.shipped_at), tongue)
    return tongue.gettext(
        "This shipment was cancelled on {day}. Its goods are not delivered with this note."
    ).format(day=day)


def _facts(note: DeliveryNote, tongue: Tongue) -> Sequence[tuple[str, str]]:
    """What goods in looks up, in the order in which it does."""
    _, order, shipment = tongue.gettext, note.order, note.shipment
    place = order.locations.get(shipment.location)
    by = ", ".join(filter(None, (shipment.carrier, shipment.service)))
    told = (
        (_("Order"), order.number),
        (_("Your PO"), order.purchase_order_number),
        (_("Shipped"), _day(tongue.on(shipment.shipped_at), tongue)),
        (_("Expected"), _day(shipment.expected_on, tongue) if shipment.expected_on else None),
        (_("Carrier"), by or mode_word(shipment.mode, tongue)),
        (_("From"), place.name if place else shipment.location),
        (_("Account"), order.account),
        (_("Ordered"), _day(tongue.on(order.placed_at), tongue)),
    )
    return [(name, value) for name, value in told if value]


def _package(package: Package, tongue: Tongue) -> PaperPackage:
    return PaperPackage(
        tracking=package.tracking_number or "",
        href=package.tracking_url if is_web(package.tracking_url) else None,
        weight=f"{tongue.number(package.weight_kg)} kg" if package.weight_kg else "",
    )


def _together(packages: Sequence[Package], tongue: Tongue) -> str:
    """`2 packages, 20.5 kg`; the weight only where each has one."""
    if not packages:
        return ""
    count = tongue.ngettext("{n} package", "{n} packages", len(packages)).format(n=len(packages))
    weights = [package.weight_kg for package in packages if package.weight_kg]
    return f"{count}, {tongue.number(total(weights))} kg" if len(weights) == len(packages) else count


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


def _others(note: DeliveryNote, tongue: Tongue) -> str:
    """What of the order is elsewhere, so that nobody looks for it in these packages."""
    count = note.others_to_come
    if not count:
        return ""
    return tongue.ngettext(
        "{n} other line of this order is still to come, in whole or in part.",
        "{n} other lines of this order are still to come, in whole or in part.",
        count,
    ).format(n=count)
