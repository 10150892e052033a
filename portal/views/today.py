"""A buyer's day: what needs them, what arrives at which site, what moved and what left since they last looked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from markupsafe import Markup, escape

from portal.domain.today import Due, Moved, News, Outlook, SiteDay
from portal.views.arrivals.arrivals import lines_of
from portal.views.arrivals.calendar import span, week_of
from portal.views.order.moved import MovedOrder, moved_order
from portal.views.order.news_items import (
    Eyes,
    Some,
    due_item,
    hold_item,
    late_item,
    offer_item,
    quiet_item,
    shipped_item,
    some,
    undated_item,
    unlikely_item,
)
from portal.views.sites import address_of

DAY = timedelta(days=1)
# Who has never said that they have read it sees so many days; nobody sees more than the other.
FIRST_LOOK = timedelta(days=7)
LONGEST_LOOK = timedelta(days=90)
# Orders with new dates that stand on the page at first, and rows of the table of sites.
MOVED_AT_FIRST = 8
SITES = 12


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site and what comes to it in each column: (text, orders, address), or nothing."""

    name: str
    cells: Sequence[tuple[str, str, str] | None]


@dataclass(frozen=True, slots=True)
class Arriving:
    """`columns` are days or spans of days; `left_out` says how many sites the table leaves out."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[SiteRow]
    today: Some
    left_out: str
    href: str


@dataclass(frozen=True, slots=True)
class MovedOrders:
    orders: Sequence[MovedOrder]
    more: str
    more_href: str
    count: str


@dataclass(frozen=True, slots=True)
class Today:
    truth: Markup
    needs: Sequence[Some]
    arriving: Arriving
    moved: MovedOrders
    shipped: Some
    problems: Some
    quiet: Some
    since: str
    is_first: bool


def spans(today: date, first_weekday: int) -> list[tuple[date, date]]:
    """Today, tomorrow, the rest of this week, and next week; on its last days the week has no rest."""
    sunday = week_of(today, first_weekday)[1]
    tomorrow = today + DAY
    rest = [(tomorrow + DAY, sunday)] if tomorrow < sunday else []
    following = max(sunday, tomorrow)
    return [(today, today), (tomorrow, tomorrow), *rest, (following + DAY, sunday + 7 * DAY)]


def today_page(
    eyes: Eyes,
    outlook: Outlook,
    news: News,
    *,
    is_first: bool,
    shows_all_moved: bool,
    approvals: Sequence[Some] = (),
    money: Sequence[Some] = (),
) -> Today:
    """`is_first`: they have never said that they had read it. `approvals` are what they have to decide or to answer,
    `money` is what they have to pay."""
    moved = _moved(eyes, news.moved, shows_all=shows_all_moved)
    needs = [
        *approvals,
        some(eyes, [offer_item(eyes, one) for one in news.offers], news.offers, ""),
        some(eyes, [hold_item(eyes, one) for one in news.holds], news.holds, eyes.arrivals(part="undated")),
        some(eyes, [late_item(eyes, one) for one in outlook.late], outlook.late, eyes.arrivals(part="late")),
        some(eyes, [unlikely_item(eyes, one) for one in news.unlikely], news.unlikely, "/orders"),
        *money,
    ]
    waiting = sum(found[0].of for found in (news.offers, news.holds, outlook.late, news.unlikely) if found)
    waiting += sum(one.of or len(one.items) for one in (*approvals, *money))
    shipped = [shipped_item(eyes, one) for one in news.shipped]
    undated = [undated_item(eyes, one) for one in outlook.undated]
    return Today(
        truth=_truth(eyes, waiting, moved, outlook),
        needs=[one for one in needs if one.items],
        arriving=_arriving(eyes, outlook.sites, outlook.today),
        moved=moved,
        shipped=some(eyes, shipped, news.shipped, "/orders"),
        quiet=some(eyes, [quiet_item(eyes, one) for one in news.quiet], news.quiet, "/orders"),
        problems=some(eyes, undated, outlook.undated, eyes.arrivals(part="undated")),
        since=eyes.tongue.stamp(eyes.since, eyes.today),
        is_first=is_first,
    )


def _truth(eyes: Eyes, waiting: int, moved: MovedOrders, outlook: Outlook) -> Markup:
    """`2 things need you; 9 lines arrive today; new dates for 5 orders; 7 lines have no date yet.`"""
    tongue = eyes.tongue
    _ = tongue.gettext
    clauses = [
        _to(
            "needs",
            tongue.ngettext("{n} thing needs you", "{n} things need you", waiting),
            n=tongue.number(waiting),
        )
        if waiting
        else escape(_("Nothing needs you")),
        _arrives(eyes, outlook.sites),
    ]
    if moved.orders:
        clauses.append(_to("moved", _("new dates for {orders}"), orders=moved.count))
    if undated := lines_of(outlook.totals, "undated"):
        said = tongue.ngettext("{lines} has no date yet", "{lines} have no date yet", undated)
        clauses.append(_to("problems", said, lines=eyes.lines(undated)))
    return Markup("{}.").format(Markup("; ").join(clauses))


def _to(anchor: str, template: str, **values: object) -> Markup:
    """A clause that leads to its part of the page, with its figure in bold."""
    bold = {name: Markup("<b>{}</b>").format(value) for name, value in values.items()}
    return Markup('<a href="#{}">{}</a>').format(anchor, escape(template).format(**bold))


def _arrives(eyes: Eyes, sites: Sequence[SiteDay]) -> Markup:
    """What comes today, or else on the next day on which something does."""
    tongue = eyes.tongue
    _ = tongue.gettext
    if not sites:
        return escape(_("nothing arrives in these two weeks"))
    day = min(site.day for site in sites)
    lines = sum(site.lines for site in sites if site.day == day)
    if day == eyes.today:
        return _to(
            "arriving",
            tongue.ngettext("{lines} arrives today", "{lines} arrive today", lines),
            lines=eyes.lines(lines),
        )
    said = tongue.ngettext(
        "nothing arrives today, {lines} on {day}", "nothing arrives today, {lines} on {day}", lines
    )
    return _to("arriving", said, lines=eyes.lines(lines), day=tongue.day(day, eyes.today))


def _arriving(eyes: Eyes, sites: Sequence[SiteDay], due: Sequence[Due]) -> Arriving:
    columns = spans(eyes.today, int(eyes.tongue.locale.first_week_day))
    by_site: defaultdict[tuple[str, str], list[SiteDay]] = defaultdict(list)
    for site in sites:
        by_site[site.account, site.site].append(site)
    rows = [_site_row(eyes, found, columns) for found in by_site.values()]
    left = max(0, len(rows) - SITES)
    said = eyes.tongue.ngettext("{n} more site", "{n} more sites", left).format(n=eyes.tongue.number(left))
    return Arriving(
        columns=[_column(eyes, place, days) for place, days in enumerate(columns)],
        rows=rows[:SITES],
        today=some(
            eyes, [due_item(eyes, one) for one in due], due, eyes.arrivals(first=eyes.today, last=eyes.today)
        ),
        left_out=said if left else "",
        href=eyes.arrivals(view="week"),
    )


def _column(eyes: Eyes, place: int, days: tuple[date, date]) -> tuple[str, str]:
    """The column's word, and its days."""
    _ = eyes.tongue.gettext
    first, last = days
    if place == 0:
        return _("Today"), eyes.tongue.day(first, eyes.today)
    if place == 1:
        return _("Tomorrow"), eyes.tongue.day(first, eyes.today)
    is_this_week = last <= week_of(eyes.today, int(eyes.tongue.locale.first_week_day))[1]
    said = eyes.tongue.day(first, eyes.today) if first == last else span(first, last, eyes.tongue)
    return (_("This week") if is_this_week else _("Next week")), said


def _site_row(eyes: Eyes, found: Sequence[SiteDay], columns: Iterable[tuple[date, date]]) -> SiteRow:
    where = found[0]
    cells: list[tuple[str, str, str] | None] = []
    for first, last in columns:
        inside = [one for one in found if first <= one.day <= last]
        lines = sum(one.lines for one in inside)
        if not lines:
            cells.append(None)
            continue
        said = _orders(eyes, sum(one.orders for one in inside))
        href = eyes.arrivals(first=first, last=last, site=address_of(where) if eyes.names.are_several else "")
        cells.append((eyes.lines(lines), said, href))
    return SiteRow(eyes.names.of(where), cells)


def _moved(eyes: Eyes, moved: Sequence[Moved], *, shows_all: bool) -> MovedOrders:
    """Those that come to something; of orders whose changes were not looked at, that there are more."""
    rows = [row for one in moved if (row := moved_order(one, eyes.tongue, eyes.today))]
    unseen = moved[0].of - len(moved) if moved else 0
    shown = rows if shows_all else rows[:MOVED_AT_FIRST]
    left = len(rows) - len(shown) + unseen
    count = _orders(eyes, len(rows))
    return MovedOrders(
        orders=shown,
        more=_more_orders(eyes, left) if left else "",
        more_href="" if shows_all else _all_moved(eyes),
        count=eyes.tongue.gettext("at least {orders}").format(orders=count) if unseen else count,
    )


def _orders(eyes: Eyes, count: int) -> str:
    return eyes.tongue.ngettext("{n} order", "{n} orders", count).format(n=eyes.tongue.number(count))


def _more_orders(eyes: Eyes, count: int) -> str:
    said = eyes.tongue.ngettext(
        "{n} more order with changed dates", "{n} more orders with changed dates", count
    )
    return said.format(n=eyes.tongue.number(count))


def _all_moved(eyes: Eyes) -> str:
    """The same page with every order whose changes are looked at."""
    asked = {"account": eyes.account} if eyes.account else {}
    return f"/today?{urlencode({**asked, 'moved': 'all'})}#moved"
