"""What all papers share: whose they are, how they are dated, and what stands around the text of each page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from babel.dates import format_interval
from markupsafe import Markup

from portal.domain.delivery_notes import DeliveryNote
from portal.domain.invoices import Seller
from portal.domain.orders import Order, Package, Shipment
from portal.domain.quantities import total
from portal.filters import Tongue
from portal.views.order.rows import is_web

# Where the post code stands behind the town; elsewhere it stands before.
POST_CODE_LAST = frozenset({"AU", "CA", "GB", "IE", "IN", "NZ", "US", "ZA"})
# A paper is read in other years too: no day is "this year", so each says its year.
NO_YEAR = date.min
LONGEST_IN_FOOT = 30


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is. `brand` is the supplier's colour as it can be read on white; `seller` is who the law knows."""

    supplier: str
    brand: str
    base_url: str
    seller: Seller | None = None

    def order_href(self, order: Order) -> str:
        return f"{self.base_url}/orders/{order.number}"


@dataclass(frozen=True, slots=True)
class Margins:
    """What stands around the text of each page, as `content:` of a style sheet. The top is there from page 2."""

    top_left: Markup
    top_right: Markup
    bottom_left: Markup
    bottom_right: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every document takes; instants as the file's metadata has them."""

    title: str
    created: str
    changed: str
    brand: str
    # Nothing on it counts any more.
    is_void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter(Sheet):
    """Pages about an order or one of its shipments: number and code on top, address and facts below.

    `stamp` is a sentence that whoever holds the paper must read first.
    """

    margins: Margins
    number: str
    barcode: Markup
    chip: str
    stamp: str = ""
    address: Sequence[str]
    instructions: str
    facts: Sequence[tuple[str, str]]


def instructions(order: Order) -> str:
    """What is always said for the place, then what was said for this order."""
    return "\n".join(filter(None, (order.ship_to.instructions, order.instructions)))


@dataclass(frozen=True, slots=True)
class PaperPackage:
    tracking: str
    href: str | None
    weight: str


class Postal(Protocol):
    """Anything that a letter can be sent to."""

    @property
    def name(self) -> str: ...
    @property
    def lines(self) -> Sequence[str]: ...
    @property
    def city(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def postal_code(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...


def address(place: Postal, addressee: str, tongue: Tongue) -> list[str]:
    """As it is written on an envelope in that country."""
    if place.country in POST_CODE_LAST:
        town = " ".join(filter(None, (place.city, place.region, place.postal_code)))
    else:
        town = " ".join(filter(None, (place.postal_code, place.city)))
    country = str(tongue.locale.territories.get(place.country, place.country))
    written = [addressee, place.name, *place.lines, town, country]
    return [line for number, line in enumerate(written) if line not in written[:number]]


def margins(head: Letterhead, title: str, foot: str, tongue: Tongue) -> Margins:
    return Margins(
        top_left=css_text(head.supplier),
        top_right=css_text(title),
        bottom_left=css_text(foot),
        bottom_right=page_of_pages(tongue),
    )


def foot_of(*numbers: str | None) -> str:
    """What a page belongs to; a long number must not reach the page's own."""
    return " · ".join(_cut(number) for number in numbers if number)


def _cut(number: str) -> str:
    return number if len(number) <= LONGEST_IN_FOOT else f"{number[: LONGEST_IN_FOOT - 1]}…"


def css_text(text: str) -> Markup:
    """A string of a style sheet that stands inside HTML; whatever is not plain is written as its code."""
    plain = "".join(c if c.isalnum() or c in " .,-" else f"\\{ord(c):x} " for c in text)
    return Markup(f'"{plain}"')  # noqa: S704 - nothing in it can end the string, or the style sheet


def page_of_pages(tongue: Tongue) -> Markup:
    """`Page {page} of {pages}`, where only the printer knows the figures."""
    template = tongue.gettext("Page {page} of {pages}")
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


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(day: date, tongue: Tongue) -> str:
    return tongue.day(day, NO_YEAR)


def plain_day(day: date, tongue: Tongue) -> str:
    """Without the weekday, for a column of days that only refer to something."""
    return tongue.day_month(day, NO_YEAR)


def days_from_to(first: date, last: date, tongue: Tongue) -> str:
    """9–15 Nov 2026."""
    return format_interval(first, last, "yMMMd", locale=tongue.locale)


def named_carrier(shipment: Shipment) -> str:
    """`Northline Parcel, Express`."""
    return ", ".join(filter(None, (shipment.carrier, shipment.service)))


def place_name(order: Order, code: str) -> str:
    place = order.locations.get(code)
    return place.name if place else code


def package(package: Package, tongue: Tongue) -> PaperPackage:
    return PaperPackage(
        tracking=package.tracking_number or "",
        href=package.tracking_url if is_web(package.tracking_url) else None,
        weight=f"{tongue.number(package.weight_kg)} kg" if package.weight_kg else "",
    )


def packages_together(packages: Sequence[Package], tongue: Tongue) -> str:
    """`2 packages, 20.5 kg`; the weight only where each has one."""
    if not packages:
        return ""
    count = tongue.ngettext("{n} package", "{n} packages", len(packages)).format(n=len(packages))
    weights = [package.weight_kg for package in packages if package.weight_kg]
    return f"{count}, {tongue.number(total(weights))} kg" if len(weights) == len(packages) else count


def others_to_come(note: DeliveryNote, tongue: Tongue) -> str:
    """What of the order is elsewhere, so that nobody looks for it in these packages."""
    count = note.others_to_come
    if not count:
        return ""
    return tongue.ngettext(
        "{n} other line of this order is still to come, in whole or in part.",
        "{n} other lines of this order are still to come, in whole or in part.",
        count,
    ).format(n=count)
