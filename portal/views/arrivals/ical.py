"""Arrivals for a calendar program (RFC 5545): an entry for each order, day and place, in the page's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from portal.domain.arrival_events import ArrivalEvent, events_of
from portal.domain.arrivals import Arrival
from portal.filters import Tongue
from portal.views.order.certainty import said_of
from portal.views.order.rows import is_web
from portal.views.sites import SiteNames

DAY = timedelta(days=1)
# How often a calendar program may look again, if it minds.
LOOK_AGAIN = timedelta(minutes=30)
# The rest of a long delivery is on the order's page.
LINES_TOLD = 40
CONTROLS = {code: None for code in (*range(32), 127) if chr(code) != "\n"}


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a calendar is drawn from. `versions`: of each order its version and since when it stands."""

    name: str
    rows: Sequence[Arrival]
    versions: Mapping[int, tuple[int, datetime]]
    names: SiteNames
    tongue: Tongue
    today: date
    base_url: str


def ical(agenda: Agenda) -> bytes:
    """The same bytes for as long as nothing has changed. Thousands of entries take seconds: call it in a thread."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Buyer portal//Arrivals//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("NAME", _clean(agenda.name))
    calendar.add("X-WR-CALNAME", _clean(agenda.name))
    calendar.add("URL", f"{agenda.base_url}/arrivals")
    calendar.add("REFRESH-INTERVAL", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", LOOK_AGAIN)
    events = events_of(agenda.rows)
    for event in events:
        calendar.add_component(_entry(agenda, event))
    if not events:
        calendar.add_component(_nothing())
    drawn: bytes = calendar.to_ical(sorted=False)
    return drawn


def _nothing() -> Timezone:
    """A calendar without any part is not one (RFC 5545, 3.6), and some programs refuse it."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("TZID", "Etc/UTC")
    standard.add("DTSTART", datetime(1970, 1, 1))  # noqa: DTZ001 - local time by its nature
    standard.add("TZOFFSETFROM", timedelta())
    standard.add("TZOFFSETTO", timedelta())
    zone.add_component(standard)
    return zone


def _entry(agenda: Agenda, event: ArrivalEvent) -> Event:
    first = event.first
    version, since = agenda.versions[first.order_id]
    entry = Event()
    entry.add("UID", f"{event.uid}@{urlsplit(agenda.base_url).hostname}")
    entry.add("SEQUENCE", version)
    entry.add("DTSTAMP", since)
    entry.add("LAST-MODIFIED", since)
    entry.add("DTSTART", event.day)
    entry.add("DTEND", event.day + DAY)
    entry.add("SUMMARY", _clean(_summary(agenda, event)))
    entry.add("DESCRIPTION", _clean("\n".join(_description(agenda, event))))
    entry.add("LOCATION", _clean(f"{first.site_name}, {first.city}"))
    entry.add("URL", _href(agenda, event))
    entry.add("STATUS", "CONFIRMED" if event.is_sure(agenda.today) else "TENTATIVE")
    # It takes nobody's time.
    entry.add("TRANSP", "TRANSPARENT")
    return entry


def _clean(value: str) -> str:
    """Without what controls a terminal or a reader; line breaks stay."""
    return value.translate(CONTROLS)


def _href(agenda: Agenda, event: ArrivalEvent) -> str:
    return f"{agenda.base_url}/orders/{event.first.order}?view=arrival#g-on-{event.day:%Y%m%d}"


def _summary(agenda: Agenda, event: ArrivalEvent) -> str:
    tongue, first = agenda.tongue, event.first
    _ = tongue.gettext
    what = tongue.ngettext("{n} line", "{n} lines", event.lines).format(n=tongue.number(event.lines))
    if len(event.rows) == 1:
        what = f"{tongue.quantity(first.quantity, first.unit)} {first.sku}"
    said = _("{what}, {order}").format(what=what, order=first.order)
    if agenda.names.are_several:
        said = _("{place}: {what}").format(place=agenda.names.of(first), what=said)
    if event.is_in_trouble:
        return _("Problem: {what}").format(what=said)
    if event.is_late(agenda.today):
        return _("Should have arrived: {what}").format(what=said)
    return said if event.is_sure(agenda.today) else _("{what} (not confirmed)").format(what=said)


def _description(agenda: Agenda, event: ArrivalEvent) -> list[str]:
    tongue = agenda.tongue
    _ = tongue.gettext
    first = event.first
    said = [_("PO {number}").format(number=first.purchase_order)] if first.purchase_order else []
    said += [_line(agenda, row) for row in event.rows[:LINES_TOLD]]
    if (left := len(event.rows) - LINES_TOLD) > 0:
        more = tongue.ngettext("and {n} more", "and {n} more", left)
        said.append(more.format(n=tongue.number(left)))
    return [*said, _href(agenda, event)]


def _line(agenda: Agenda, row: Arrival) -> str:
    """`600 pieces BOLT-M8 Hexagon bolt: On the road, Northline NP4471 https://...`."""
    tongue = agenda.tongue
    word, note = said_of(row, tongue, agenda.today)
    tracking = " ".join(
        part
        for part in (row.carrier, row.tracking_number, row.tracking_url if is_web(row.tracking_url) else "")
        if part
    )
    how = ", ".join(part for part in (word, note, tracking) if part)
    return f"{tongue.quantity(row.quantity, row.unit)} {row.sku} {row.name}: {how}"
