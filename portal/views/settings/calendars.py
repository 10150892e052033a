"""The page of a person's calendars: which there are, of which places, and whether anybody reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.db.calendar_links import CalendarLink
from portal.domain.arrivals import Site
from portal.filters import Tongue
from portal.views.sites import SiteNames


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    place: str
    made: str
    read: str


@dataclass(frozen=True, slots=True)
class Page:
    """`places`: under the name of each account (value, word) of its places."""

    rows: Sequence[Row]
    places: Sequence[tuple[str, Sequence[tuple[str, str]]]]


def page(
    links: Sequence[CalendarLink],
    names: SiteNames,
    accounts: Sequence[tuple[str, str]],
    tongue: Tongue,
    today: date,
) -> Page:
    company = dict(accounts)
    sites = sorted(names.sites, key=lambda site: (site.account, site.city, site.code))
    places = [
        (company.get(account, account), [(address_of(site), f"{site.city}, {site.name}") for site in found])
        for account, found in groupby(sites, key=lambda site: site.account)
    ]
    return Page([_row(link, names, tongue, today) for link in links], places)


def _row(link: CalendarLink, names: SiteNames, tongue: Tongue, today: date) -> Row:
    _ = tongue.gettext
    site = names.chosen(link.ship_to) if link.ship_to else None
    place = f"{site.city}, {site.name}" if site else link.ship_to or _("All places")
    made = _("made {moment}").format(moment=tongue.moment(link.made_at, today))
    read = _("nobody has read it yet")
    if link.last_read_at:
        read = _("last read {moment}").format(moment=tongue.moment(link.last_read_at, today))
    return Row(link.id, link.name or _("Arrivals"), place, made, read)


def address_of(site: Site) -> str:
    return f"{site.account}/{site.code}"


def webcal(address: str) -> str:
    """The same address for programs that subscribe when it is clicked."""
    return f"webcal://{address.partition('://')[2]}" if address else ""
