"""The arrivals as a list: what should be there, then day by day, then what has no day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.domain.arrivals import Arrival, DayTotal, Listed, Total, page_of
from portal.views.arrivals.arrivals import Eyes, day_title, lines_of, to_part
from portal.views.arrivals.asked import AskedArrivals
from portal.views.order.certainty import look_of, said_of
from portal.views.order.rows import is_web
from portal.views.order.wanted import MOST

PER_PAGE = 200
# The most that is drawn on one page when all of it is asked for, to be printed.
ON_ONE_PAGE = 2_000
# What is late or has no day stands around the days with so many lines; all of it has a list of its own.
BESIDES = 15


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: ready strings, so that the template only places them."""

    quantity: str
    unit: str
    sku: str
    name: str
    role: str
    icon: str
    word: str
    note: str
    order: str
    order_href: str
    order_note: str
    shipment: str
    shipment_href: str
    carrier: str
    tracking: str
    tracking_href: str
    site: str
    site_note: str


@dataclass(frozen=True, slots=True)
class Group:
    """What arrives on one day, or what is late, or has no day. `more` leads to all of it where not all stands here."""

    id: str
    role: str
    icon: str
    title: str
    note: str
    count: str
    entries: Sequence[Entry]
    more: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class List:
    groups: Sequence[Group]
    following: str
    first: str
    on_one_page: str
    empty: str


def listing(eyes: Eyes, found: Listed) -> List:
    """One row more than fits of any part says that there are more."""
    asked, totals = eyes.asked, found.totals
    limit = limit_of(asked)
    here = {"late": found.late, "undated": found.undated}.get(asked.part, found.coming)
    page, end = page_of(here, limit)
    if asked.part:
        groups = _alone(eyes, asked.part, page, lines_of(totals, asked.part))
    else:
        groups = [
            *_beside(eyes, "late", found.late, totals),
            *_by_day(eyes, page, found.days),
            *_beside(eyes, "undated", found.undated, totals),
        ]
    all_lines = lines_of(totals, asked.part or "coming")
    return List(
        groups=groups,
        following=asked.but(after=end, everything=asked.everything).href if end else "",
        first=asked.but().href if asked.after else "",
        on_one_page=asked.but(everything=True).href
        if (end or asked.after) and all_lines <= ON_ONE_PAGE and not asked.everything
        else "",
        empty="" if groups else _empty(eyes),
    )


def limit_of(asked: AskedArrivals) -> int:
    return ON_ONE_PAGE if asked.everything else PER_PAGE


def shows_besides(asked: AskedArrivals) -> bool:
    """What is late and what has no day frames the first page of the whole list; elsewhere the sentence leads to it."""
    return not asked.part and not asked.after and not asked.has_range


def _empty(eyes: Eyes) -> str:
    _ = eyes.tongue.gettext
    if eyes.asked.is_filtered or eyes.asked.account:
        return _("Nothing fits. Try the beginning of a number, another site, or look at all arrivals.")
    return _("Nothing is on its way to you. As soon as something is ordered, it stands here with its date.")


def _alone(eyes: Eyes, part: str, page: Sequence[Arrival], lines: int) -> list[Group]:
    if not page:
        return []
    return [_part_group(eyes, part, [entry(eyes, arrival) for arrival in page], lines, None)]


def _beside(eyes: Eyes, part: str, rows: Sequence[Arrival], totals: Sequence[Total]) -> list[Group]:
    page, end = page_of(rows, BESIDES)
    if not page:
        return []
    lines = lines_of(totals, part)
    more = None
    if end:
        label = {"late": eyes.tongue.gettext("All that should have arrived: {lines}")}.get(
            part, eyes.tongue.gettext("All without a date: {lines}")
        )
        more = (label.format(lines=eyes.lines(lines)), to_part(eyes, part))
    return [_part_group(eyes, part, [entry(eyes, arrival) for arrival in page], lines, more)]


def _part_group(
    eyes: Eyes, part: str, entries: Sequence[Entry], lines: int, more: tuple[str, str] | None
) -> Group:
    _ = eyes.tongue.gettext
    title, note, role, icon = {
        "late": (
            _("Should have arrived"),
            _("Ask the carrier, or tell us if it is there."),
            "held",
            "held",
        ),
        "undated": (
            _("No date yet"),
            _("Held, or waiting for supply that nobody has promised."),
            "queued",
            "queue",
        ),
    }[part]
    return Group(part, role, icon, title, note, eyes.lines(lines), entries, more)


def _by_day(eyes: Eyes, page: Sequence[Arrival], totals: Sequence[DayTotal]) -> list[Group]:
    known = {total.day: total for total in totals}
    return [
        _day_group(eyes, day, [entry(eyes, arrival) for arrival in inside], known[day])
        for day, inside in groupby(page, key=lambda arrival: arrival.day)
        if day is not None
    ]


def _day_group(eyes: Eyes, day: date, entries: Sequence[Entry], total: DayTotal) -> Group:
    tongue = eyes.tongue
    count = eyes.lines(total.lines)
    if eyes.names.are_several and total.sites > 1:
        sites = tongue.ngettext("{n} site", "{n} sites", total.sites).format(n=total.sites)
        count = f"{count}, {sites}"
    return Group(f"d-{day:%Y%m%d}", "", "arrivals", day_title(eyes, day), _away(eyes, day), count, entries)


def _away(eyes: Eyes, day: date) -> str:
    return eyes.tongue.away(day, eyes.today) if (day - eyes.today).days > 1 else ""


def line_href(order: str, line: int, lines: int) -> str:
    """Where the order's own page tells of the line: in a view that shows it whatever its state."""
    more = "&all=1" if lines > MOST else ""
    return f"/orders/{order}?view=line{more}#line-{line}"


def entry(eyes: Eyes, arrival: Arrival) -> Entry:
    tongue, look = eyes.tongue, look_of(arrival)
    _ = tongue.gettext
    word, note = said_of(arrival, tongue, eyes.today)
    po = _("PO {number}").format(number=arrival.purchase_order) if arrival.purchase_order else ""
    line = _("line {n}").format(n=arrival.line)
    return Entry(
        quantity=tongue.number(arrival.quantity),
        unit=tongue.unit(arrival.unit, arrival.quantity),
        sku=arrival.sku,
        name=arrival.name,
        role=look.role,
        icon=look.icon,
        word=word,
        note=note,
        order=arrival.order,
        order_href=line_href(arrival.order, arrival.line, arrival.order_lines),
        order_note=", ".join(filter(None, (line, po))),
        shipment=arrival.shipment or "",
        shipment_href=f"/orders/{arrival.order}#{arrival.shipment}" if arrival.shipment else "",
        carrier=arrival.carrier or "",
        tracking=arrival.tracking_number or "",
        tracking_href=arrival.tracking_url or "" if is_web(arrival.tracking_url) else "",
        site=eyes.names.plain(arrival) if eyes.names.are_several else "",
        site_note=arrival.account if len(eyes.accounts) > 1 else "",
    )
